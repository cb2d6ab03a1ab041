/** `rateLimits` of a route: what the limits come to, and that what can never work is refused where it stands. */
import { expect, test } from "vitest";

import { rate } from "../../../../../worker/config/kinds/rate.ts";
import { limitKey } from "../../../../../worker/config/kinds/request-key.ts";
import { rateLimit } from "../../../../../worker/config/sections/rate-limits.ts";
import { accepts, inRoute, refuses, refusesValues, unknownKey, whole, words, type Scope } from "../tables.ts";

const list = inRoute("rateLimits");
const one: Scope = {
  make: (part) => list.make([part]),
  base: `${list.base}[0]`,
  compiled: (config) => config.routes[0]?.rateLimits?.[0],
};

const least = {
  name: "*/*#0",
  policy: "default",
  key: [{ from: "address" }],
  terms: { intervalMs: 100, burst: 10, delayMs: 0, isExact: false },
  quota: { requests: 10, windowS: 1 },
  dryRun: false,
  status: 429,
  headers: true,
  onFailure: "allow",
};

test("is a list of such limits", () => {
  expect(rateLimit.about).toMatchObject({ name: "WeirRateLimit" });
});

accepts(list, [[[], undefined]]);
accepts(one, [
  [{ rate: "10/s" }, least],
  [
    {
      name: "login",
      key: ["address", "header:X-User"],
      rate: "5/min",
      burst: 2,
      delay: "2s",
      exact: true,
      when: { methods: ["POST"] },
      dryRun: true,
      status: 503,
      headers: false,
      onFailure: "refuse",
    },
    {
      name: "login",
      policy: "login",
      key: [{ from: "address" }, { from: "header", name: "x-user" }],
      terms: { intervalMs: 12_000, burst: 2, delayMs: 2_000, isExact: true },
      quota: { requests: 5, windowS: 60 },
      when: { methods: ["POST"] },
      dryRun: true,
      status: 503,
      headers: false,
      onFailure: "refuse",
    },
  ],
]);

const rateExpected =
  'a rate such as "10/s" (units: s, min, h, day), from 1 request in a day to 100,000 in a second';
const named = '"address", "header:NAME", "cookie:NAME" or "query:NAME"';

refuses(one, [
  [
    { rate: "1/s", delay: "1s" },
    ".delay",
    "exact: true beside it: only the object of the limit knows whose turn it is",
  ],
  [{}, ".rate", rateExpected, "nothing"],
  [{ rate: "1/s", limit: 5 }, ".limit", unknownKey(), 'unknown key "limit"'],
]);

refusesValues({ ...one, make: (part) => one.make({ rate: "10/s", ...Object(part) }) }, [
  [".rate", "0/s", rateExpected],
  [".rate", "10", rateExpected],
  [".rate", "10/m", rateExpected],
  [".rate", "100001/s", rateExpected],
  [".rate", 10, rateExpected],
  [".burst", 0, whole(1, 1e6)],
  [".burst", 1.5, whole(1, 1e6)],
  [".key", "ip", `"route", "path", ${named}`],
  [".key", [], "a list of 1 to 4 keys"],
  [".status", 200, whole(400, 599)],
  [".onFailure", "exceed", words("allow", "refuse")],
]);

test.each([
  ["1/s", 1, 1_000],
  ["600/min", 600, 60_000],
  ["5/h", 5, 3_600_000],
  ["1/day", 1, 86_400_000],
  ["100000/s", 100_000, 1_000],
])("a rate: %s", (written, requests, perMs) => {
  expect(rate.parse(written)).toEqual({ requests, perMs });
});

test("a key of all requests of a route has no part", () => {
  expect(limitKey.parse("route")).toEqual([]);
  expect(limitKey.parse("path")).toEqual([{ from: "path" }]);
});
