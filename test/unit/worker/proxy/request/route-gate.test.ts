/** What a route answers by itself, and in which order. */
import { expect, test } from "vitest";

import type { RouteConfig } from "../../../../../worker/config/sections/route.ts";
import { parseNetwork } from "../../../../../worker/config/kinds/network.ts";
import { gate } from "../../../../../worker/proxy/request/route-gate.ts";
import type { ProxyError } from "../../../../../worker/proxy/response/error-response.ts";

const open: RouteConfig = { upstream: "shop", debug: false };
const secure = { address: "203.0.113.7", hops: [], scheme: "https", authority: "shop.test" };

function gated(
  route: Partial<RouteConfig>,
  { method = "GET", length = undefined as string | undefined, source = secure } = {},
): ProxyError | undefined {
  const headers = new Headers(length === undefined ? {} : { "Content-Length": length });
  return gate({ ...open, ...route }, { method, headers }, source, { target: "/a//b?c=%2F" });
}

test("a route without rules lets everything through", () => {
  expect(gated({}, { method: "DELETE", length: "999999999999" })).toBeUndefined();
});

test.each([
  ["shop.test", 443, "https://shop.test/a//b?c=%2F"],
  ["shop.test:8080", 443, "https://shop.test/a//b?c=%2F"],
  ["shop.test:8080", 8443, "https://shop.test:8443/a//b?c=%2F"],
  ["[::1]:8080", 443, "https://[::1]/a//b?c=%2F"],
  ["[::1]", 443, "https://[::1]/a//b?c=%2F"],
])("by http, %s is sent to https on port %i: %s", (authority, port, location) => {
  const source = { ...secure, scheme: "http", authority };
  expect(gated({ https: { port } }, { source })).toEqual({ kind: "https-required", location });
});

test("by https no client is redirected", () => {
  expect(gated({ https: { port: 443 } })).toBeUndefined();
});

test("in maintenance only clients of the networks in `allow` are served", () => {
  const allow = [parseNetwork("10.0.0.0/8") ?? expect.unreachable()];
  const maintenance = { retryAfterMs: 1_000, page: "soon", allow };
  const closed = { kind: "maintenance", retryAfterMs: 1_000, page: "soon" };
  expect(gated({ maintenance })).toEqual(closed);
  expect(gated({ maintenance }, { source: { ...secure, address: "10.1.2.3" } })).toBeUndefined();
});

test("a method that is not named is refused, OPTIONS like any other", () => {
  const allowed = ["GET", "HEAD"];
  expect(gated({ methods: allowed }, { method: "HEAD" })).toBeUndefined();
  expect(gated({ methods: allowed }, { method: "OPTIONS" })).toEqual({ kind: "method-not-allowed", allowed });
});

test("a body that says it is too large is refused by what it says", () => {
  expect(gated({ maxRequestBytes: 10 }, { method: "POST", length: "11" })).toEqual({
    kind: "body-too-large",
  });
  expect(gated({ maxRequestBytes: 10 }, { method: "POST", length: "10" })).toBeUndefined();
  expect(gated({ maxRequestBytes: 10 }, { method: "POST" })).toBeUndefined();
});
