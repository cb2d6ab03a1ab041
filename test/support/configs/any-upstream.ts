/** Upstreams at random, whether their settings go together or not: see `any-config.ts`. */
import * as fc from "fast-check";

import {
  answerTimes,
  coordinations,
  onCoordinatorLosses,
  policyNames,
  priorities,
  retryCauses,
  type PolicyName as KnownPolicy,
} from "../../../core/model/upstream.ts";
import { locationHints } from "../../../core/protocol/object-namespace.ts";
import type { PlainPolicyName, WeirUpstreamConfig } from "../../../worker/config/weir-config.ts";
import { anyPools } from "./any-pool.ts";
import {
  anyDuration,
  anyHost,
  anyName,
  anyOf,
  anyPath,
  anySecret,
  fraction,
  secretMark,
  switchable,
  textOf,
  wholeNumber,
} from "./values.ts";

const day = 86_400_000;
const isNamed = (name: KnownPolicy): name is PlainPolicyName => name !== "hash";

const anyPolicy: fc.Arbitrary<NonNullable<WeirUpstreamConfig["policy"]>> = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom(...policyNames.filter(isNamed)) },
  fc.constantFrom({ name: "adaptive" }, { name: "first" }, { name: "ip_hash" }),
  fc.record(
    { name: fc.constant("least_time"), by: fc.constantFrom(...answerTimes), inflight: fc.boolean() },
    { requiredKeys: ["name"] },
  ),
  fc.record(
    { name: fc.constant("random_two"), by: fc.constantFrom("least_conn", "least_time") },
    { requiredKeys: ["name"] },
  ),
  fc.record(
    {
      name: fc.constant("hash"),
      key: fc.constantFrom("path", "address", "header:X-Tenant", "cookie:session", "query:user"),
      bounded: fc.boolean(),
    },
    { requiredKeys: ["name", "key"] },
  ),
);

const anyHealth = anyOf({
  method: fc.constantFrom("GET" as const, "HEAD" as const, "OPTIONS" as const),
  path: fc.tuple(anyPath, fc.constantFrom("", "?", "?deep=1")).map((parts) => parts.join("")),
  headers: fc.constantFrom<Record<string, string>>(
    {},
    { "X-Probe": "weir", authorization: `Bearer ${secretMark}` },
    { "X-Probe": "weir", "x-probe": "again" },
    { constructor: "x", Cookie: `id=${secretMark}` },
  ),
  expect: fc.array(fc.constantFrom("200", "200-399", 204, 404, "100-599"), { minLength: 1, maxLength: 4 }),
  interval: anyDuration(1_000, 300_000),
  timeout: anyDuration(10, 300_000),
  jitter: fraction(0, 0.5),
  rise: wholeNumber(1, 100),
  fall: wholeNumber(1, 100),
});

const anyPassive = anyOf({
  failures: wholeNumber(2, 1_000),
  eject: anyDuration(100, day),
  maxEject: anyDuration(100, day),
});

const anySticky = anyOf({
  cookie: fc.oneof(fc.constantFrom("weir", "__Host-weir", "__Secure-weir", "constructor"), textOf("az_!#$")),
  ttl: anyDuration(1_000, 8_760 * 3_600_000),
  idle: anyDuration(1_000, 8_760 * 3_600_000),
  path: fc.constantFrom("/", "/shop"),
  homecoming: fc.boolean(),
  domain: fc.oneof({ weight: 3, arbitrary: fc.constantFrom("example.com", ".example.com") }, anyHost),
});

const threshold = {
  utilisation: fraction(0.01, 1),
  errorRate: fraction(0.01, 1),
  queue: wholeNumber(1, 1_000_000),
};
const anyBurst = anyOf({
  enter: anyOf({
    ...threshold,
    wait: anyDuration(1, 600_000),
    p95: anyDuration(1, 600_000),
    for: anyDuration(1_000, 3_600_000),
  }),
  exit: anyOf({
    utilisation: fraction(0, 0.5),
    errorRate: fraction(0, 0.5),
    queue: wholeNumber(0, 1_000),
    wait: anyDuration(0, 1_000),
    p95: anyDuration(0, 1_000),
    for: anyDuration(1_000, day),
  }),
  minHold: anyDuration(0, day),
  sessions: switchable(anyOf({ moveWithin: anyDuration(1_000, day) })),
});

const anyAutoscale: fc.Arbitrary<NonNullable<WeirUpstreamConfig["autoscale"]>> = fc.record(
  {
    pool: anyName,
    slots: wholeNumber(1, 1_000_000),
    startsIn: anyDuration(1_000, 3_600_000),
    shrinkAfter: anyDuration(1_000, day),
    min: wholeNumber(0, 1_000),
    max: wholeNumber(1, 1_000),
    reserve: fraction(0, 10),
    webhook: fc.record({
      url: fc.constantFrom(
        "https://scale.example.com/order?to=cloud",
        "http://127.0.0.1:81/",
        "http://scaler.internal/",
      ),
      secret: anySecret,
    }),
  },
  { requiredKeys: ["slots", "max", "webhook"] },
);

const page = fc.constantFrom("<h1>{status}</h1>", "<p>{message} {requestId}</p>");

/** Each of these settles with most of the others. */
const common: fc.Arbitrary<WeirUpstreamConfig> = fc.record(
  {
    pools: anyPools,
    policy: anyPolicy,
    coordination: fc.constantFrom(...coordinations),
    onCoordinatorLoss: fc.constantFrom(...onCoordinatorLosses),
    location: fc.constantFrom(...locationHints),
    health: switchable(anyHealth),
    passive: switchable(anyPassive),
    slowStart: anyDuration(0, 3_600_000),
    sticky: switchable(anySticky),
    loadReports: fc.record(
      { secret: anySecret, maxAge: anyDuration(1_000, 300_000) },
      { requiredKeys: ["secret"] },
    ),
    rewrite: anyOf({
      redirects: fc.boolean(),
      cookieDomains: fc.constantFrom<Record<string, string>>(
        {},
        { "a.internal": "example.com", ".B.internal": "" },
        { "b.internal": "", ".B.Internal": "example.com", "bücher.internal": "" },
      ),
      cookiePaths: fc.constantFrom<Record<string, string>>({}, { "/app": "/", "/": "/app" }),
    }),
    errors: anyOf({
      pages: fc.dictionary(fc.constantFrom("404", "404-404", "500-599", "400-499", "503"), page, {
        noNullPrototype: true,
      }),
      intercept: fc.subarray([404, "410", "500-503"]),
    }),
    timeouts: anyOf({
      headers: anyDuration(10, 3_600_000),
      total: anyDuration(10, day),
      maxHold: anyDuration(1_000, day),
      exchange: anyDuration(10, 10_000),
    }),
    retries: anyOf({
      attempts: wholeNumber(0, 3),
      on: fc.subarray([...retryCauses]),
      budget: fraction(0, 1),
    }),
  },
  { requiredKeys: ["pools"] },
);

/** These are particular about their company. */
const particular: fc.Arbitrary<Partial<WeirUpstreamConfig>> = fc.record({
  regions: fc.array(fc.constantFrom(...locationHints), { maxLength: 3 }),
  queue: switchable(
    anyOf({
      length: wholeNumber(1, 10_000),
      timeout: anyDuration(10, 60_000),
      priority: fc.constantFrom(...priorities),
    }),
  ),
  autoscale: anyAutoscale,
  burst: switchable(anyBurst),
});
export const particularKeys = ["regions", "queue", "autoscale", "burst"] as const;
const chosen = fc.subarray([...particularKeys], { maxLength: 3 });

export const anyUpstream: fc.Arbitrary<WeirUpstreamConfig> = fc
  .tuple(common, particular, chosen)
  .map(([upstream, all, keys]) => ({
    ...upstream,
    ...Object.fromEntries(keys.map((key) => [key, all[key]])),
  }));
