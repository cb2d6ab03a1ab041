/** What of an origin's answer names the origin: rewritten where it surely does, byte for byte the same elsewhere. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import {
  rewriteCookie,
  rewriteCookies,
  rewriteRedirects,
  rewriteUrl,
} from "../../../../../worker/proxy/response/rewrite-response.ts";

const client = { scheme: "https", authority: "shop.test" };
const plain = "http://10.0.0.1:8080";
const app = "https://b.internal/app";

describe("a URL in a redirect", () => {
  test.each([
    ["http://10.0.0.1:8080/login?next=%2F#top", "https://shop.test/login?next=%2F#top"],
    ["http://10.0.0.1:8080", "https://shop.test/"],
    ["HTTP://10.0.0.1:8080/x", "https://shop.test/x"],
    ["//10.0.0.1:8080/x", "https://shop.test/x"],
    ["https://B.internal:443/app/x", "https://shop.test/x"],
    ["https://b.internal/app", "https://shop.test/"],
    ["https://b.internal/app?x", "https://shop.test/?x"],
  ])("%s leads to the client's host: %s", (url, expected) => {
    expect(rewriteUrl(url, plain, [app], client)).toBe(expected);
  });

  test.each([
    "/login",
    "login",
    "?x",
    "",
    "http://10.0.0.1:80/x",
    "http://10.0.0.10:8080/x",
    "https://10.0.0.1:8080/x",
    "https://b.internal/apple",
    "https://b.internal/",
    "http://user@10.0.0.1:8080/",
    "http://10.0.0.1:8080.evil.test/",
    "https://elsewhere.test/http://10.0.0.1:8080/",
    "mailto:a@10.0.0.1",
    "http://[broken/",
    "https://pay.test/Ünïcode path",
  ])("%s stays as it is", (url) => {
    expect(rewriteUrl(url, plain, [app], client)).toBe(url);
  });

  test.each([
    ["/app/login", "/login"],
    ["/app", "/"],
    ["/apple", "/apple"],
    ["/", "/"],
    // Without its prefix it would lead to another host.
    ["/app//evil.test", "/app//evil.test"],
    ["/app/\\evil.test", "/app/\\evil.test"],
    // Browsers take tabs out before they look at slashes (WHATWG URL, basic URL parser, step 3).
    ["/app/\t/evil.test", "/app/\t/evil.test"],
    ["/app/\t\t\\evil.test", "/app/\t\t\\evil.test"],
  ])("a path of an origin below /app: %s is %s", (path, expected) => {
    expect(rewriteUrl(path, app, [plain], client)).toBe(expected);
  });

  test("never leads anywhere but where it did, or to the client's host", () => {
    const part = fc.constantFrom(
      "http:",
      "https:",
      "/",
      "//",
      "\\",
      "@",
      ":8080",
      "10.0.0.1",
      "b.internal",
      "/app",
      "evil.test",
      "?",
      "#",
      "%2f",
      " ",
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 9 }), fc.constantFrom(plain, app), (parts, served) => {
        const url = parts.join("");
        const rewritten = rewriteUrl(url, served, [plain, app], client);
        if (rewritten === url) return;
        expect(new URL(rewritten, "https://shop.test/here").origin).toBe("https://shop.test");
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("Refresh", () => {
  const refresh = (value: string): string | null => {
    const headers = new Headers({ Refresh: value });
    rewriteRedirects(headers, plain, [plain], client);
    return headers.get("Refresh");
  };

  test.each([
    ["5; url=http://10.0.0.1:8080/x", "5; url=https://shop.test/x"],
    ["0;URL='http://10.0.0.1:8080/x'", "0;URL='https://shop.test/x'"],
    ["5", "5"],
    ["5; url=/x", "5; url=/x"],
    ["5; url=https://pay.test/", "5; url=https://pay.test/"],
  ])("%s is %s", (value, expected) => {
    expect(refresh(value)).toBe(expected);
  });
});

describe("cookies", () => {
  const rules = {
    redirects: true,
    cookieDomains: [
      { from: "a.internal", to: "shop.test" },
      { from: "b.internal", to: "" },
    ],
    cookiePaths: [
      { from: "/app", to: "/" },
      { from: "/old", to: "/new" },
    ],
    cookieFlags: [{ name: "b", isPrefix: false, flags: { httpOnly: true } }],
  };

  test.each([
    ["s=1; Domain=.A.internal; Path=/app; HttpOnly", "s=1; Domain=shop.test; Path=/; HttpOnly"],
    ["s=1;domain=b.internal;secure", "s=1;secure"],
    ["s=1; Path=/app/cart", "s=1; Path=/cart"],
    ["s=1; Path=/old/x", "s=1; Path=/new/x"],
    ["s=1; Path=/apple; Domain=c.internal", "s=1; Path=/apple; Domain=c.internal"],
    ["s=Domain=a.internal", "s=Domain=a.internal"],
    ["s=1; Path", "s=1; Path"],
  ])("%s is %s", (cookie, expected) => {
    expect(rewriteCookie(cookie, rules)).toBe(expected);
  });

  test("keep their number and order", () => {
    const headers = new Headers([
      ["Set-Cookie", "a=1; Path=/app"],
      ["Set-Cookie", "b=2; Expires=Wed, 21 Oct 2026 07:28:00 GMT"],
      ["Set-Cookie", "a=3"],
    ]);
    rewriteCookies(headers, rules, true);
    expect(headers.getSetCookie()).toEqual([
      "a=1; Path=/",
      "b=2; Expires=Wed, 21 Oct 2026 07:28:00 GMT; HttpOnly",
      "a=3",
    ]);
  });
});
