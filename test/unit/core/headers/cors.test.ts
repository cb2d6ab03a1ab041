/** Which origins are let in, what a preflight is answered, and that an origin is said back only if it is listed. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import {
  allowedOrigin,
  answerFields,
  missingInVary,
  preflightFields,
  variesBy,
  type CorsPolicy,
} from "../../../../core/headers/cors.ts";

const listed: CorsPolicy = {
  origins: {
    exact: new Set(["https://app.test", "capacitor://localhost"]),
    below: [
      { scheme: "https://", suffix: ".example.com" },
      { scheme: "http://", suffix: ".dev.test:3000" },
    ],
  },
  methods: ["GET", "PUT"],
  headers: "any",
  exposed: ["X-Total", "Retry-After"],
  credentials: true,
  maxAgeSeconds: 60,
};
const open: CorsPolicy = { ...listed, origins: "any", methods: "any", headers: ["X-A"], credentials: false };

test.each([
  "https://app.test",
  "capacitor://localhost",
  "https://a.example.com",
  "https://a.b-c.example.com",
  "http://x.dev.test:3000",
])("%s is let in, and said back as it is", (origin) => {
  expect(allowedOrigin(listed, origin)).toBe(origin);
});

test.each([
  "null",
  "",
  "http://app.test",
  "https://app.test:8443",
  "https://app.test/",
  "https://app.test.evil.test",
  "https://example.com",
  "https://.example.com",
  "https://evil.test/.example.com",
  "https://evil.test#.example.com",
  "https://evil.test?x.example.com",
  "https://user@x.example.com",
  "https://a.example.com.evil.test",
  "https://evilexample.com",
  "http://a.example.com",
  "http://x.dev.test",
  "https://a\n.example.com",
  `https://${"a.".repeat(200)}a.example.com`,
])("%j is not", (origin) => {
  expect(allowedOrigin(listed, origin)).toBeUndefined();
  expect(answerFields(listed, origin)).toEqual([]);
  expect(preflightFields(listed, { origin, method: "GET", headers: undefined })).toEqual([]);
});

test("an answer says who may read it, and what beside the usual", () => {
  expect(Object.fromEntries(answerFields(listed, "https://app.test"))).toEqual({
    "Access-Control-Allow-Origin": "https://app.test",
    "Access-Control-Allow-Credentials": "true",
    "Access-Control-Expose-Headers": "X-Total, Retry-After",
  });
  expect(Object.fromEntries(answerFields(open, "https://any.test"))).toMatchObject({
    "Access-Control-Allow-Origin": "*",
  });
});

describe("a preflight", () => {
  const fields = (policy: CorsPolicy, method: string, headers?: string) =>
    Object.fromEntries(preflightFields(policy, { origin: "https://app.test", method, headers }));

  test("is answered with the list, or with what it asks for where anything goes", () => {
    expect(fields(listed, "PATCH", "x-a, x-b")).toEqual({
      "Access-Control-Allow-Origin": "https://app.test",
      "Access-Control-Allow-Credentials": "true",
      "Access-Control-Allow-Methods": "GET, PUT",
      "Access-Control-Allow-Headers": "x-a, x-b",
      "Access-Control-Max-Age": "60",
    });
    expect(fields(open, "PATCH", "x-b")).toEqual({
      "Access-Control-Allow-Origin": "*",
      "Access-Control-Allow-Methods": "PATCH",
      "Access-Control-Allow-Headers": "X-A",
      "Access-Control-Max-Age": "60",
    });
  });

  test("that asks for what is no name gets none back", () => {
    expect(fields(listed, "GET", "x-a\u00e9")).not.toHaveProperty("Access-Control-Allow-Headers");
    expect(fields(open, "GET;", "")).not.toHaveProperty("Access-Control-Allow-Methods");
    expect(fields(listed, "GET", "a".repeat(5_000))).not.toHaveProperty("Access-Control-Allow-Headers");
  });
});

test("caches learn what an answer goes by", () => {
  expect(variesBy(listed, false)).toEqual(["Origin"]);
  expect(variesBy(listed, true)).toEqual(["Origin", "Access-Control-Request-Headers"]);
  expect(variesBy(open, false)).toEqual([]);
  expect(variesBy(open, true)).toEqual(["Access-Control-Request-Method"]);
  expect(missingInVary("", ["Origin"])).toEqual(["Origin"]);
  expect(missingInVary("Accept, origin", ["Origin"])).toEqual([]);
  expect(missingInVary("Accept, X-Origin", ["Origin"])).toEqual(["Origin"]);
  expect(missingInVary("*", ["Origin"])).toEqual([]);
});

test("whatever origin a client claims, it is said back only if it is a name below a listed one", () => {
  const near = fc.constantFrom(
    "https://",
    "http://",
    ".",
    "example.com",
    "app.test",
    "evil.test",
    ":3000",
    "/",
    "@",
    "#",
    "a",
  );
  const claimed = fc.oneof(
    fc.array(near, { maxLength: 8 }).map((parts) => parts.join("")),
    fc.string(),
  );
  fc.assert(
    fc.property(claimed, (origin) => {
      const allowed = allowedOrigin(listed, origin);
      if (allowed === undefined) return;
      expect(allowed).toBe(origin);
      const { host, protocol } = new URL(origin);
      const isListed = listed.origins !== "any" && listed.origins.exact.has(origin);
      const isBelow = host.endsWith(".example.com") && protocol === "https:";
      expect(isListed || isBelow || host.endsWith(".dev.test:3000")).toBe(true);
    }),
  );
});
