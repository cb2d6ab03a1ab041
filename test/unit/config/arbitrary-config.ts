/** Valid configs at random, for properties. Every option takes part; pairs that bound each other stay in order. */
import * as fc from "fast-check";
import { priorities, retryCauses } from "../../../core/upstream.ts";
import { locationHints } from "../../../worker/config/config.ts";
import type {
  WeirConfig,
  WeirOrigin,
  WeirPool,
  WeirRoute,
  WeirUpstream,
} from "../../../worker/config/weir-config.ts";

const word = (characters: string) =>
  fc.string({ unit: fc.constantFrom(...characters.split("")), minLength: 1, maxLength: 8 });
const name = fc.tuple(word("aZ09"), word("aZ09._-")).map(([first, rest]) => first + rest);
const host = word("abcxyz019").map((label) => `${label}.example.com`);
const path = word("/az09._-%~").map((rest) => new URL(`http://host/x/${rest}`).pathname);
const seconds = (least: number, most: number) =>
  fc.integer({ min: least, max: most }).map((count) => `${count}s`);

/** Two durations, the first not longer than the second. */
const ordered = (least: number, most: number) =>
  fc
    .tuple(fc.integer({ min: least, max: most }), fc.integer({ min: least, max: most }))
    .map(([a, b]) => [`${Math.min(a, b)}s`, `${Math.max(a, b)}s`] as const);

const anyOrigin: fc.Arbitrary<WeirOrigin> = fc.record(
  {
    name,
    url: fc
      .tuple(fc.constantFrom("http", "https"), host, path)
      .map(([scheme, host, path]) => `${scheme}://${host}${path}`),
    weight: fc.integer({ min: 1, max: 1000 }),
    maxConns: fc.integer({ min: 1, max: 1_000_000 }),
    backup: fc.boolean(),
    via: fc.constantFrom("fetch" as const, { binding: "VPC" }),
  },
  { requiredKeys: ["name", "url"] },
);

const anyHealth = ordered(1, 300).chain(([timeout, interval]) =>
  fc.record(
    {
      method: fc.constantFrom("GET" as const, "HEAD" as const, "OPTIONS" as const),
      path,
      headers: fc.constantFrom({}, { "X-Probe": "weir", authorization: "Bearer x" }),
      expect: fc.array(fc.constantFrom("200", "200-399", 404), { minLength: 1, maxLength: 4 }),
      interval: fc.constant(interval),
      timeout: fc.constant(timeout),
      jitter: fc.double({ min: 0, max: 0.5, noNaN: true }),
      rise: fc.integer({ min: 1, max: 100 }),
      fall: fc.integer({ min: 1, max: 100 }),
    },
    { requiredKeys: [] },
  ),
);

const anyPassive = ordered(1, 86_400).chain(([eject, maxEject]) =>
  fc.record(
    {
      failures: fc.integer({ min: 2, max: 1000 }),
      eject: fc.constant(eject),
      maxEject: fc.constant(maxEject),
    },
    { requiredKeys: [] },
  ),
);

const anySticky = ordered(1, 86_400).chain(([idle, ttl]) =>
  fc.record(
    {
      cookie: word("az_!#$"),
      ttl: fc.constant(ttl),
      idle: fc.constant(idle),
      path: fc.constantFrom("/", "/shop"),
      domain: host,
    },
    { requiredKeys: [] },
  ),
);

const anyTimeouts = ordered(1, 3600).chain(([headers, total]) =>
  fc.record(
    { headers: fc.constant(headers), total: fc.constant(total), maxHold: seconds(1, 86_400) },
    { requiredKeys: [] },
  ),
);

const anyPriority = fc.constantFrom(...priorities);

const anyQueue = fc.record(
  { length: fc.integer({ min: 1, max: 10_000 }), timeout: seconds(1, 60), priority: anyPriority },
  { requiredKeys: [] },
);

const anyRetries = fc.record(
  {
    attempts: fc.integer({ min: 0, max: 3 }),
    on: fc.subarray([...retryCauses]),
    budget: fc.double({ min: 0, max: 1, noNaN: true }),
  },
  { requiredKeys: [] },
);

/** Of an upstream that has a second pool, limits at home and no probes: `exit` lies below `enter`, and is not shorter. */
const anyBurst = ordered(1, 3_600).chain(([enterFor, exitFor]) =>
  fc.record(
    {
      enter: fc.record(
        {
          utilisation: fc.double({ min: 0.5, max: 1, noNaN: true }),
          wait: fc.constant("300ms"),
          queue: fc.integer({ min: 10, max: 1_000 }),
          errorRate: fc.constant(0.2),
          p95: fc.constant("2s"),
          for: fc.constant(enterFor),
        },
        { requiredKeys: ["utilisation"] },
      ),
      exit: fc.record(
        { utilisation: fc.double({ min: 0, max: 0.49, noNaN: true }), for: fc.constant(exitFor) },
        { requiredKeys: [] },
      ),
      minHold: seconds(0, 3_600),
      sessions: fc.oneof(fc.boolean(), fc.record({ moveWithin: seconds(1, 86_400) }, { requiredKeys: [] })),
    },
    { requiredKeys: [] },
  ),
);

/** Gives an upstream that can have it a `burst`, and others none. */
function withBurst(upstream: WeirUpstream, burst: WeirUpstream["burst"]): WeirUpstream {
  const [home] = upstream.pools;
  const canBurst = upstream.pools.length > 1 && home?.origins.some(({ maxConns }) => maxConns !== undefined);
  if (!canBurst || burst === undefined) return upstream;
  if (typeof burst !== "object") return { ...upstream, burst };
  const watchesQueue = burst.enter?.wait !== undefined || burst.enter?.queue !== undefined;
  return { ...upstream, burst, health: false, ...(watchesQueue && { queue: upstream.queue || true }) };
}

const amount = fc.double({ min: 0, max: 1e9, noNaN: true });

/** What a later pool costs, and may cost: money only where there is a price. */
const anyBill: fc.Arbitrary<Pick<WeirPool, "cost" | "budget">> = fc.oneof(
  fc.constant({}),
  fc.record({ cost: fc.record({ perRequest: amount, perGb: amount }, { requiredKeys: [] }) }),
  fc.record({
    cost: fc.record({ perRequest: amount.map((price) => price + 0.1).filter((price) => price <= 1e9) }),
    budget: fc.record(
      {
        requestsPerHour: fc.integer({ min: 0, max: 1_000_000_000 }),
        moneyPerDay: amount,
        whenUsedUp: fc.constantFrom("shed-low-priority" as const, "fail" as const),
      },
      { requiredKeys: ["moneyPerDay"] },
    ),
  }),
);

const anySecret = fc.string({
  minLength: 32,
  maxLength: 256,
  unit: fc.constantFrom("a", "Z", "0", "-", "_", " "),
});

/** Names only: at the edge addresses cannot be fetched. */
const anyRegister = fc.record(
  {
    secret: anySecret,
    urls: fc.array(
      fc
        .tuple(
          fc.constantFrom("http", "https"),
          fc.constantFrom("", "*."),
          host,
          fc.constantFrom("", ":*", ":1-9"),
        )
        .map(([scheme, any, host, ports]) => `${scheme}://${any}${host}${ports}`),
      { minLength: 1, maxLength: 3 },
    ),
    every: seconds(1, 300),
    max: fc.integer({ min: 1, max: 300 }),
    maxConns: fc.integer({ min: 1, max: 1_000_000 }),
  },
  { requiredKeys: ["secret", "urls", "max"] },
);

/** Pools of origins; names are made unique by their place. */
const anyPools = fc
  .array(
    fc.record({
      name,
      origins: fc.array(anyOrigin, { minLength: 1, maxLength: 4 }),
      register: fc.option(anyRegister, { nil: undefined }),
      bill: anyBill,
    }),
    { minLength: 1, maxLength: 3 },
  )
  .map((pools) =>
    pools.map(({ register, ...pool }, p) => ({
      ...(register && { register }),
      price: `${p * 20}ms`,
      ...(p > 0 && pool.bill),
      name: `${pool.name}-${p}`,
      origins: pool.origins.map((origin, o) => ({ ...origin, name: `${origin.name}-${p}-${o}` })),
    })),
  );

const anyPolicy = fc.oneof(
  fc.constantFrom(
    "adaptive" as const,
    "round_robin" as const,
    "least_conn" as const,
    "least_time" as const,
    "random_two" as const,
    "peak_ewma" as const,
    "ip_hash" as const,
    "first" as const,
  ),
  fc.record(
    {
      name: fc.constant("least_time" as const),
      by: fc.constantFrom("header" as const, "last_byte" as const),
      inflight: fc.boolean(),
    },
    { requiredKeys: ["name"] },
  ),
  fc.record(
    {
      name: fc.constant("hash" as const),
      key: fc.constantFrom("path", "address", "header:X-Tenant", "cookie:session", "query:user"),
      bounded: fc.boolean(),
    },
    { requiredKeys: ["name", "key"] },
  ),
);

const anyUpstreamWithoutBurst: fc.Arbitrary<WeirUpstream> = fc.record(
  {
    policy: anyPolicy,
    location: fc.constantFrom(...locationHints),
    pools: anyPools,
    health: fc.oneof(fc.boolean(), anyHealth),
    passive: fc.oneof(fc.boolean(), anyPassive),
    slowStart: seconds(0, 3_600),
    sticky: fc.oneof(fc.boolean(), anySticky),
    loadReports: fc.record(
      { secret: anySecret, maxAge: fc.constantFrom("1s", "30s", "300s") },
      { requiredKeys: ["secret"] },
    ),
    queue: fc.oneof(fc.boolean(), anyQueue),
    timeouts: anyTimeouts,
    retries: anyRetries,
  },
  { requiredKeys: ["pools"] },
);

const anyUpstream: fc.Arbitrary<WeirUpstream> = fc
  .tuple(anyUpstreamWithoutBurst, fc.option(fc.oneof(fc.boolean(), anyBurst), { nil: undefined }))
  .map(([upstream, burst]) => withBurst(upstream, burst));

/** Sticky upstreams that meet on a host must not share a cookie: here all but the first name their own. */
function withOwnCookies(upstreams: Record<string, WeirUpstream>): Record<string, WeirUpstream> {
  const entries = Object.entries(upstreams).map(([name, { sticky, ...rest }], index) => {
    if (sticky === undefined || sticky === false || index === 0)
      return [name, { ...rest, ...(sticky === false && { sticky }) }];
    return [name, { ...rest, sticky: { ...(sticky === true ? {} : sticky), cookie: `own${index}` } }];
  });
  return Object.fromEntries(entries);
}

/** Routes to the upstreams of these names; their paths differ by their place. */
function anyRoutes(upstreams: readonly string[]): fc.Arbitrary<WeirRoute[]> {
  const route = fc.record({
    host: fc.option(
      fc.oneof(
        host,
        host.map((host) => `*.${host}`),
      ),
      { nil: undefined },
    ),
    kind: fc.constantFrom("prefix" as const, "exact" as const),
    upstream: fc.constantFrom(...upstreams),
    priority: fc.option(fc.oneof(anyPriority, fc.constant({ header: "X-Priority" })), { nil: undefined }),
  });
  return fc.array(route, { minLength: 1, maxLength: 5 }).map((routes) =>
    routes.map(({ host, kind, upstream, priority }, index) => ({
      ...(host && { host }),
      ...(priority && { priority }),
      [kind]: `/path-${index}`,
      upstream,
    })),
  );
}

/** Any valid config without references to the environment. */
export function anyConfig(): fc.Arbitrary<WeirConfig> {
  return fc
    .dictionary(name, anyUpstream, { minKeys: 1, maxKeys: 3, noNullPrototype: true })
    .map(withOwnCookies)
    .chain((upstreams) =>
      fc.record(
        {
          target: fc.constantFrom("edge" as const, "workerd" as const),
          admin: fc.record({ hosts: fc.array(host, { maxLength: 3 }) }, { requiredKeys: [] }),
          upstreams: fc.constant(upstreams),
          routes: anyRoutes(Object.keys(upstreams)),
        },
        { requiredKeys: ["upstreams", "routes"] },
      ),
    );
}
