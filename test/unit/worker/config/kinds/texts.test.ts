/** Kinds of text: what each takes, in which form, and what it says of anything else. */
import { expect, test } from "vitest";
import { cookiePath, cookiePathExpected } from "../../../../../worker/config/kinds/cookie-path.ts";
import { page } from "../../../../../worker/config/kinds/page.ts";
import { host, hostPattern, path } from "../../../../../worker/config/kinds/route-match.ts";
import { signingSecret } from "../../../../../worker/config/kinds/signing-secret.ts";
import { secretExpected } from "../tables.ts";

const html = "an HTML page of 1 to 8192 characters";
const noPort = 'a host name or address without a port, such as "weir.example.com"';
const pattern = 'a host without a port, such as "shop.example.com" or "*.example.com"';
const noDots = 'a path from "/" (not "//"), percent-encoded, without dot segments, "?" or "#"';

test.each([
  ["cookiePath", cookiePath, cookiePathExpected, { "/a": "/a" }, ["a", "/a;b", 1]],
  ["page", page, html, { "<p>": "<p>" }, ["", null]],
  ["host", host, noPort, { "A.test": "a.test" }, ["*.a.test", "a:80"]],
  ["hostPattern", hostPattern, pattern, { "*.A.test": "*.a.test", "a.test": "a.test" }, ["a.*", "a:80"]],
  ["path", path, noDots, { "/%7Eme//x/": "/~me/x/", "/a%2fb": "/a%2Fb" }, ["/a/../b", "//a", "/a?b", "/é"]],
  ["signingSecret", signingSecret, secretExpected, { ["s".repeat(32)]: "s".repeat(32) }, ["s".repeat(31), 1]],
  ["signingSecret", signingSecret, secretExpected, {}, ["s".repeat(257)]],
])("%s", (_, kind, expected, good, bad) => {
  for (const [written, read] of Object.entries(good)) expect(kind.parse(written)).toBe(read);
  for (const written of bad) {
    expect(kind.safeParse(written).error?.issues.map(({ message }) => message)).toEqual([expected]);
  }
});

test("a signing secret is marked as one, so that no issue shows it", () => {
  expect(signingSecret.meta()).toMatchObject({ secret: true });
});
