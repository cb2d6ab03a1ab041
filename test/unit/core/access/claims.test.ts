/** What is asked of claims, and what origins are told of them: one value, which ends no header. */
import fc from "fast-check";
import { expect, test } from "vitest";

import { headerValueOf, unmetClaim } from "../../../../core/access/claims.ts";

const claims = {
  sub: "alice",
  roles: ["admin", "ops"],
  realm: { roles: ["a"] },
  "https://x.test/id": 7,
  odd: "a\r\nX-Admin: 1",
  comma: ["a,b"],
  empty: "",
  none: null,
};

test.each([
  ["sub", [], undefined],
  ["sub", ["alice", "bob"], undefined],
  ["sub", ["bob"], "sub"],
  ["roles", ["ops"], undefined],
  ["roles", ["root"], "roles"],
  ["realm.roles", ["a"], undefined],
  ["realm.roles.0", [], "realm.roles.0"],
  ["constructor", [], "constructor"],
  ["sub.length", [], "sub.length"],
  ["empty", [], "empty"],
  ["none", [], "none"],
  ["realm", [], "realm"],
])("of %s one of %j is asked for: %s is not met", (name, oneOf, unmet) => {
  expect(unmetClaim(claims, [{ name, oneOf }])).toBe(unmet);
});

test.each([
  ["sub", "alice"],
  ["roles", "admin,ops"],
  ["realm.roles", "a"],
  ["https://x.test/id", "7"],
  ["odd", undefined],
  ["comma", undefined],
  ["empty", undefined],
  ["realm", undefined],
  ["missing", undefined],
])("an origin is told of %s: %s", (name, value) => {
  expect(headerValueOf(claims, name)).toBe(value);
});

test("whatever a claim is, what an origin is told is a header's value of one line", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const told = headerValueOf({ claim: value }, "claim");
      if (told !== undefined) expect(told).toMatch(/^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/);
    }),
  );
});
