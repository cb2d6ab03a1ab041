/** What a config may say of HTTP itself: headers, limits, routes' own answers, and what becomes of an origin's. */
import { describe, expect, test } from "vitest";

import { isWithin, parseNetwork } from "../../../../worker/config/kinds/network.ts";
import { parseSize } from "../../../../worker/config/kinds/size.ts";
import { accepted, upstreamOf } from "./acceptance.ts";
import { leastConfig, withRoutes, withUpstream } from "./example-config.ts";
import { refuses, shop } from "./refusals.ts";

const withRoot = (parts: object) => ({ ...leastConfig(), ...parts });
const withRoute = (parts: object) => withRoutes({ upstream: "shop", ...parts });
const routeOf = (parts: object) => accepted(withRoute(parts)).routes[0] ?? expect.unreachable();

describe("a size", () => {
  test.each([
    ["0B", 0],
    ["10KB", 10_000],
    ["10KiB", 10_240],
    ["5MB", 5_000_000],
    ["1GiB", 1_073_741_824],
  ])("%s is %i bytes", (written, bytes) => {
    expect(parseSize(written)).toBe(bytes);
  });

  test.each(["", "10", "10 MB", "10mb", "10M", "1.5MB", "-1B", "10iB", "B"])("%j is none", (written) => {
    expect(parseSize(written)).toBeUndefined();
  });
});

describe("a network", () => {
  test.each([
    ["10.0.0.0/8", "10.255.1.2", true],
    ["10.0.0.0/8", "11.0.0.0", false],
    ["10.0.0.0/8", "::ffff:10.1.2.3", true],
    ["192.0.2.128/25", "192.0.2.128", true],
    ["192.0.2.128/25", "192.0.2.127", false],
    ["192.0.2.1", "192.0.2.1", true],
    ["192.0.2.1", "192.0.2.2", false],
    ["2001:db8::/32", "2001:db8:ffff::1", true],
    ["2001:db8::/32", "2001:db9::", false],
    ["2001:db8:8000::/33", "2001:db8:7fff::1", false],
    ["0.0.0.0/0", "203.0.113.7", true],
    ["0.0.0.0/0", "::1", false],
    ["::/0", "::1", true],
    ["10.0.0.0/8", "", false],
    ["10.0.0.0/8", "10.1", false],
    ["10.0.0.0/8", "unknown", false],
  ])("%s has %s: %s", (network, address, isIn) => {
    const parsed = parseNetwork(network) ?? expect.unreachable();
    expect(isWithin(address, [parsed])).toBe(isIn);
  });

  test.each([
    "",
    "10.0.0.1/8",
    "10.0.0.0/33",
    "2001:db8::1/32",
    "::/129",
    "10.0.0.0/-1",
    "10.0.0/8",
    "010.0.0.0/8",
    "localhost",
    "::ffff:10.0.0.0/104",
    "fe80::1%eth0",
  ])("%j is none", (text) => {
    expect(parseNetwork(text)).toBeUndefined();
  });
});

describe("what is accepted", () => {
  test("a limit on the body, and GET with its HEAD", () => {
    expect(routeOf({ maxRequestBody: "10MB", methods: ["GET", "POST"] })).toMatchObject({
      maxRequestBytes: 10_000_000,
      methods: ["GET", "HEAD", "POST"],
    });
  });

  test.each([
    [true, { port: 443 }],
    [{ hsts: true }, { port: 443, hsts: "max-age=31536000" }],
    [
      { port: 8443, hsts: { maxAge: "17520h", includeSubDomains: true, preload: true } },
      { port: 8443, hsts: "max-age=63072000; includeSubDomains; preload" },
    ],
    [{ hsts: { maxAge: "0s" } }, { port: 443, hsts: "max-age=0" }],
    [{ hsts: false }, { port: 443 }],
    [false, undefined],
  ])("https %o", (https, expected) => {
    expect(routeOf({ https }).https).toEqual(expected);
  });

  test("maintenance, with its defaults and without", () => {
    expect(routeOf({ maintenance: true }).maintenance).toEqual({ retryAfterMs: 300_000, allow: [] });
    expect(routeOf({ maintenance: { allow: ["::1"], page: "<p>", retryAfter: "1h" } }).maintenance).toEqual({
      retryAfterMs: 3_600_000,
      page: "<p>",
      allow: [parseNetwork("::1")],
    });
  });

  test("pages by status, the most specific first; cookies' domains as they are compared, the longest path first", () => {
    const { errors, rewrite } = upstreamOf(
      withUpstream({
        errors: { pages: { "500-599": "five", "503": "full" }, intercept: [404, "500-502"] },
        rewrite: {
          redirects: false,
          cookieDomains: { ".A.internal": "", "bücher.internal": "" },
          cookiePaths: { "/": "/x", "/app": "/" },
        },
      }),
    );
    expect(errors).toEqual({
      pages: [
        { from: 503, to: 503, html: "full" },
        { from: 500, to: 599, html: "five" },
      ],
      intercept: [
        { from: 404, to: 404 },
        { from: 500, to: 502 },
      ],
    });
    expect(rewrite).toEqual({
      redirects: false,
      cookieDomains: [
        { from: "a.internal", to: "" },
        { from: "xn--bcher-kva.internal", to: "" },
      ],
      cookiePaths: [
        { from: "/app", to: "/" },
        { from: "/", to: "/x" },
      ],
    });
  });
});

const network =
  'a network or an address, such as "10.0.0.0/8" or "2001:db8::1", with no bits set beyond its prefix';
const size = (least: string, most: string) =>
  `a size such as "10MB" (units: B, KB, MB, GB, KiB, MiB, GiB), from ${least} to ${most}`;
const errorStatus = 'a status or a range of them within 400-599, such as 404, "404" or "500-599"';
const pseudonym = 'a name for Via: a token such as "weir", or a host with or without a port';

refuses("what forwarding cannot be", (forwarding: unknown) => withRoot({ forwarding }), "forwarding", [
  [true, "", "true", "an object (keys: trusted, read, forwarded, via)"],
  [{ trusted: ["10.0.0.1/8"] }, ".trusted[0]", '"10.0.0.1/8"', network],
  [{ read: "both" }, ".read", '"both"', 'one of "x-forwarded", "forwarded"'],
  [{ via: "weir, evil" }, ".via", '"weir, evil"', pseudonym],
  [{ via: "a\r\nX: 1" }, ".via", String.raw`"a\r\nX: 1"`, pseudonym],
]);

refuses("limits that are none", (limits: unknown) => withRoot({ limits }), "limits", [
  [{ target: 8192 }, ".target", "8192", size("64B", "64KiB")],
  [{ target: "65KiB" }, ".target", '"65KiB"', size("64B", "64KiB")],
  [{ headers: "1B" }, ".headers", '"1B"', size("1KiB", "128KiB")],
]);

refuses("in a route", withRoute, "routes[0]", [
  [{ methods: [] }, ".methods", "[]", "a list of 1 to 32 methods"],
  [{ methods: ["get"] }, ".methods[0]", '"get"', 'a method in capitals, such as "GET"'],
  [{ maxRequestBody: "10M" }, ".maxRequestBody", '"10M"', size("0B", "5GB")],
  [{ https: "yes" }, ".https", '"yes"', "an object (keys: port, hsts), true, or false"],
  [{ https: { port: 0 } }, ".https.port", "0", "a whole number from 1 to 65535"],
  [
    { https: { hsts: { preload: true } } },
    ".https.hsts.preload",
    "true",
    "includeSubDomains: true beside it",
  ],
  [
    { https: { hsts: { preload: true, includeSubDomains: true, maxAge: "1h" } } },
    ".https.hsts.maxAge",
    '"1h"',
    'at least "8760h", for preload',
  ],
  [{ maintenance: { page: "" } }, ".maintenance.page", '""', "an HTML page of 1 to 8192 characters"],
  [{ maintenance: { allow: ["x"] } }, ".maintenance.allow[0]", '"x"', network],
]);

refuses("in an upstream", withUpstream, shop, [
  [{ errors: { intercept: [302] } }, ".errors.intercept[0]", "302", errorStatus],
  [{ errors: { pages: { "20x": "<p>" } } }, ".errors.pages.20x", 'key "20x"', errorStatus],
  [
    { rewrite: { cookiePaths: { app: "/" } } },
    ".rewrite.cookiePaths.app",
    'key "app"',
    'a path from "/", without ";" or control characters',
  ],
  [
    { rewrite: { cookieDomains: { "a.internal": "1.2.3.4" } } },
    '.rewrite.cookieDomains["a.internal"]',
    '"1.2.3.4"',
    'a domain name such as "example.com", or "" for the host that was asked',
  ],
]);
