/** By which part of a request it is kept together with others. */
import { describe, expect, test } from "vitest";

import type { HashKey } from "../../../../../core/model/upstream.ts";
import { requestKey } from "../../../../../worker/proxy/request/request-key.ts";
import { readRequestUrl } from "../../../../../worker/proxy/request/request-url.ts";

function keyBy(
  key: HashKey,
  headers: Record<string, string> = {},
  target = "/cart?user=7&user=8&empty=",
): string | undefined {
  const url = readRequestUrl(new Request(`https://shop.example.com${target}`)) ?? expect.unreachable();
  const sources = { request: { headers: new Headers(headers) }, url, address: "203.0.113.9" };
  return requestKey({ name: "hash", key, bounded: true }, sources);
}

describe("the key of `hash`", () => {
  test.each([
    { key: { from: "path" }, expected: "/cart" },
    { key: { from: "address" }, expected: "203.0.113.9" },
    { key: { from: "header", name: "x-tenant" }, expected: "blue" },
    { key: { from: "cookie", name: "session" }, expected: "s1" },
    { key: { from: "query", name: "user" }, expected: "7" },
  ] as const)("is taken from the request's $key.from", ({ key, expected }) => {
    expect(keyBy(key, { "X-Tenant": "blue", Cookie: "a=b; session=s1; session=s2" })).toBe(expected);
  });

  test.each([
    { from: "header", name: "x-tenant" },
    { from: "cookie", name: "session" },
    { from: "query", name: "tenant" },
    { from: "query", name: "empty" },
  ] as const)("is none if the request has no such $from, or an empty one", (key) => {
    expect(keyBy(key, { "X-Tenant": "", Cookie: "other=1" })).toBeUndefined();
  });

  test("is taken from the query that is sent, also where the path is sent in another spelling", () => {
    const url = { ...(readRequestUrl(new Request("https://shop.test/")) ?? expect.unreachable()) };
    const sources = {
      request: { headers: new Headers() },
      url: { ...url, path: "/%61pi", target: "/api?user=7" },
      address: undefined,
    };
    expect(requestKey({ name: "hash", key: { from: "query", name: "user" }, bounded: true }, sources)).toBe(
      "7",
    );
  });

  test("is none in a request without a query", () => {
    expect(keyBy({ from: "query", name: "user" }, {}, "/cart")).toBeUndefined();
  });
});

test("the key of `ip_hash` is the client's network, if its address is known", () => {
  const url = readRequestUrl(new Request("https://shop.example.com/")) ?? expect.unreachable();
  const key = (address: string | undefined) =>
    requestKey({ name: "ip_hash" }, { request: { headers: new Headers() }, url, address });
  expect(key("203.0.113.9")).toBe(key("203.0.113.200"));
  expect(key("203.0.113.9")).not.toBe(key("203.0.114.9"));
  expect(key(undefined)).toBeUndefined();
});

test("policies that do not hash need no key", () => {
  const url = readRequestUrl(new Request("https://shop.example.com/")) ?? expect.unreachable();
  const sources = { request: { headers: new Headers() }, url, address: "203.0.113.9" };
  expect(requestKey({ name: "adaptive" }, sources)).toBeUndefined();
});
