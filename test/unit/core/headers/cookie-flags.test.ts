/** Flags of cookies: set, taken off, or as they are; the most specific entry that says a flag counts. */
import { expect, test } from "vitest";

import {
  sameSites,
  withFlags,
  type CookieFlags,
  type FlagRule,
} from "../../../../core/headers/cookie-flags.ts";

const all = (flags: CookieFlags): FlagRule[] => [{ name: "", isPrefix: true, flags }];

test.each<[CookieFlags, string, string]>([
  [{}, "s=1; secure; Path=/", "s=1; secure; Path=/"],
  [{ secure: true }, "s=1", "s=1; Secure"],
  [{ secure: true }, "s=1;secure; Path=/", "s=1; Path=/; Secure"],
  [{ secure: false }, "s=1; Secure; HttpOnly", "s=1; HttpOnly"],
  [{ secure: false }, "__Host-s=1; Secure", "__Host-s=1; Secure"],
  [{ secure: "auto" }, "s=1", "s=1; Secure"],
  [{ httpOnly: true }, "s=1; Path=/", "s=1; Path=/; HttpOnly"],
  [{ httpOnly: false }, "s=1; httponly ; Path=/", "s=1; Path=/"],
  [{ sameSite: "strict" }, "s=1; SameSite=None; Secure", "s=1; Secure; SameSite=Strict"],
  [{ sameSite: "none" }, "s=1", "s=1; Secure; SameSite=None"],
  [{ partitioned: true }, "s=1", "s=1; Secure; Partitioned"],
  [{ partitioned: false }, "s=1; Secure; Partitioned", "s=1; Secure"],
  [{ httpOnly: true }, "s=HttpOnly", "s=HttpOnly; HttpOnly"],
  [{ httpOnly: true }, "nameless", "nameless; HttpOnly"],
])("%j makes %s %s", (flags, cookie, expected) => {
  expect(withFlags(cookie, all(flags), true)).toBe(expected);
});

test("with auto a cookie is as the origin says where the client came by http", () => {
  expect(withFlags("s=1", all({ secure: "auto" }), false)).toBe("s=1");
  expect(withFlags("s=1; Secure", all({ secure: "auto" }), false)).toBe("s=1; Secure");
});

test("each flag is that of the most specific entry that says it", () => {
  const rules: FlagRule[] = [
    { name: "wp-login", isPrefix: false, flags: { sameSite: "strict" } },
    { name: "wp-", isPrefix: true, flags: { sameSite: "lax", httpOnly: true } },
    { name: "", isPrefix: true, flags: { httpOnly: false, secure: true } },
  ];
  expect(withFlags("wp-login=1", rules, true)).toBe("wp-login=1; Secure; HttpOnly; SameSite=Strict");
  expect(withFlags("wp-x=1", rules, true)).toBe("wp-x=1; Secure; HttpOnly; SameSite=Lax");
  expect(withFlags("other=1; HttpOnly", rules, true)).toBe("other=1; Secure");
});

test("browsers know three values of SameSite", () => {
  expect(sameSites).toEqual(["lax", "strict", "none"]);
});
