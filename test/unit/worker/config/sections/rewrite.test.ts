/** `rewrite`: cookies' domains as they are compared, and the longest path first. */
import { expect, test } from "vitest";

import { compileCookieFlags, flaggedName } from "../../../../../worker/config/sections/cookie-flags.ts";
import { rewrite as section } from "../../../../../worker/config/sections/rewrite.ts";
import { accepts, allows, inUpstream, refuses } from "../tables.ts";

const rewrite = inUpstream(section);

const renamed = (from: string, to: string): object => ({ from, to });
const domains = { ".A.internal": "", "bücher.internal": "" };
accepts(rewrite, [
  [{}, { redirects: true, cookieDomains: [], cookiePaths: [], cookieFlags: [] }],
  [
    { redirects: false, cookieDomains: domains, cookiePaths: { "/": "/x", "/app": "/" } },
    {
      redirects: false,
      cookieDomains: [renamed("a.internal", ""), renamed("xn--bcher-kva.internal", "")],
      cookiePaths: [renamed("/app", "/"), renamed("/", "/x")],
      cookieFlags: [],
    },
  ],
  [
    { cookieFlags: { "*": { secure: "auto" }, "wp-*": {}, s: { sameSite: "none" }, "wp-login-*": {} } },
    {
      redirects: true,
      cookieDomains: [],
      cookiePaths: [],
      cookieFlags: [
        { name: "s", isPrefix: false, flags: { sameSite: "none" } },
        { name: "wp-login-", isPrefix: true, flags: {} },
        { name: "wp-", isPrefix: true, flags: {} },
        { name: "", isPrefix: true, flags: { secure: "auto" } },
      ],
    },
  ],
]);
allows(rewrite, [{ cookieDomains: { "a.internal": "", "b.a.internal": "" } }]);

const cookiePath = 'a path from "/", without ";" or control characters';
const domain = 'a domain name such as "example.com"';
const flagged = 'a cookie\'s name, "wp-*" for all that begin so, or "*" for all';
const secure = 'true beside sameSite: "none" or partitioned: true';
refuses(rewrite, [
  [{ cookieFlags: { "a*b": {} } }, '.cookieFlags["a*b"]', flagged, 'key "a*b"'],
  [{ cookieFlags: { s: { secure: false, sameSite: "none" } } }, ".cookieFlags.s.secure", secure],
  [{ cookieFlags: { s: { secure: "auto", partitioned: true } } }, ".cookieFlags.s.secure", secure],
  [{ cookieFlags: { s: { secure: "yes" } } }, ".cookieFlags.s.secure", 'true, false or "auto"'],
  [{ cookiePaths: { app: "/" } }, ".cookiePaths.app", cookiePath, 'key "app"'],
  [
    { cookieDomains: { "a.internal": "1.2.3.4" } },
    '.cookieDomains["a.internal"]',
    `${domain}, or "" for the host that was asked`,
  ],
  [{ cookieDomains: { "1.2.3.4": "" } }, '.cookieDomains["1.2.3.4"]', domain, 'key "1.2.3.4"'],
  [
    { cookieDomains: { "a.internal": "", ".A.Internal": "example.com" } },
    '.cookieDomains[".A.Internal"]',
    "each domain once",
    "the same domain again",
  ],
]);

test("a cookie's name stands before the beginning of names, and a longer beginning before a shorter one", () => {
  const named = compileCookieFlags({ "*": {}, "a*": {}, "ab*": {}, a: {} });
  expect(named.map(({ name, isPrefix }) => `${name}${isPrefix ? "*" : ""}`)).toEqual(["a", "ab*", "a*", "*"]);
  expect(["a", "ab*", "*", "a*b", "**", "a b"].filter((name) => flaggedName.safeParse(name).success)).toEqual(
    ["a", "ab*", "*"],
  );
});
