/** Which headers a config may write: those that Weir vouches for have advice in place of it. */
import { describe, expect, test } from "vitest";

import { connectionFields, insteadOf, isClaim, isOwned } from "../../../../core/headers/owned.ts";

describe.each(["request", "response"] as const)("in a %s", (direction) => {
  const never = [...connectionFields, "Content-Length", "Sec-WebSocket-Key", "X-Weir-Origin"];
  test.each(never)("%s cannot be touched at all", (name) => {
    for (const action of ["set", "default", "add", "remove"] as const)
      expect(insteadOf(direction, action, name)).toBeTypeOf("string");
    expect(isOwned(direction, name)).toBe(true);
  });

  test.each(["X-Request-Id", "Via"])("%s can be taken off by its name only", (name) => {
    expect(insteadOf(direction, "set", name)).toBeTypeOf("string");
    expect(insteadOf(direction, "remove", name)).toBeUndefined();
    expect(isOwned(direction, name)).toBe(true);
  });

  test.each(["X-Tenant", "User-Agent", "Cache-Control", "Content-Security-Policy"])(
    "%s is anybody's",
    (name) => {
      for (const action of ["set", "default", "add", "remove"] as const)
        expect(insteadOf(direction, action, name)).toBeUndefined();
    },
  );
});

test.each([
  ["request", "set", "X_Forwarded_For", "forwarding.trusted"],
  ["request", "set", "x-real-ip", "forwarding.trusted"],
  ["request", "default", "Forwarded", "forwarding: { forwarded: true }"],
  ["request", "set", "HOST", "host of the origin"],
  ["request", "add", "Cookie", "set, with"],
  ["response", "set", "Set-Cookie", "add"],
  ["response", "set", "Vary", "add"],
  ["response", "add", "Location", "redirect in rules"],
  ["response", "set", "Strict-Transport-Security", "hsts"],
  ["response", "remove", "Content-Encoding", "goes through"],
] as const)("of a %s, in place of %s of %s it is said: %s", (direction, action, name, advice) => {
  expect(insteadOf(direction, action, name)).toContain(advice);
});

test.each(["True-Client-IP", "X-Forwarded-Port", "CF-Visitor", "x_client_ip"])(
  "%s is a claim about the client",
  (name) => {
    expect(isClaim(name)).toBe(true);
  },
);
