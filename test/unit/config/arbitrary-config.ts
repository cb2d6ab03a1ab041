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

/** The ways to an origin, and what goes with them; a token only where it is not in the clear. */
const anyWay: fc.Arbitrary<Pick<WeirOrigin, "via" | "host" | "access">> = fc.constantFrom(
  { via: "fetch" as const },
  { host: "origin" },
  { via: { binding: "VPC" }, access: { id: "token.access", secret: "s3cret" } },
  { via: { binding: "VPC", kind: "vpc-network" as const } },
  { via: { binding: "VPC", kind: "vpc-service" as const }, host: "preserve" },
  { via: { binding: "OTHER", kind: "worker" as const }, host: "shop.example.com:8080" },
  { via: { binding: "CERT", kind: "mtls" as const } },
);

const anyOrigin: fc.Arbitrary<WeirOrigin> = fc
  .record(
    {
      name,
      url: fc
        .tuple(fc.constantFrom("http", "https"), host, path)
        .map(([scheme, host, path]) => `${scheme}://${host}${path}`),
      weight: fc.integer({ min: 1, max: 1000 }),
      maxConns: fc.integer({ min: 1, max: 1_000_000 }),
      backup: fc.boolean(),
      way: anyWay,
    },
    { requiredKeys: ["name", "url"] },
  )
  .map(({ way, ...origin }) => ({ ...origin, ...way }));

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
  const isLimited =
    home?.capacity === "auto" || home?.origins.some(({ maxConns }) => maxConns !== undefined) === true;
  const canBurst = upstream.pools.length > 1 && isLimited;
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
/** Home has somewhere to send the rest, or a bound to begin the search from. */
const canBeFoundOut = (pools: readonly { readonly origins: readonly WeirOrigin[] }[]): boolean =>
  pools.length > 1 || pools.every(({ origins }) => origins.every(({ maxConns }) => maxConns !== undefined));

/** Pools of origins; names are made unique by their place. */
const anyPools = fc
  .array(
    fc.record({
      name,
      origins: fc.array(anyOrigin, { minLength: 1, maxLength: 4 }),
      register: fc.option(anyRegister, { nil: undefined }),
      bill: anyBill,
      isFoundOut: fc.boolean(),
    }),
    { minLength: 1, maxLength: 3 },
  )
  .map((pools) =>
    pools.map(({ register, ...pool }, p) => ({
      ...(register && { register }),
      price: `${p * 20}ms`,
      ...(p > 0 && pool.bill),
      ...(p === 0 && pool.isFoundOut && canBeFoundOut(pools) && { capacity: "auto" as const }),
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

const anyNetworks = fc.subarray(["10.0.0.0/8", "192.0.2.1", "2001:db8::/32", "::1"]);

const anyRewrite = fc.record(
  {
    redirects: fc.boolean(),
    cookieDomains: fc.constantFrom({}, { "a.internal": "example.com", ".B.internal": "" }),
    cookiePaths: fc.constantFrom({}, { "/app": "/", "/": "/app" }),
  },
  { requiredKeys: [] },
);

const anyErrors = fc.record(
  {
    pages: fc.constantFrom({}, { "404": "<h1>{status}</h1>", "500-599": "<p>{message} {requestId}</p>" }),
    intercept: fc.subarray([404, "410", "500-503"]),
  },
  { requiredKeys: [] },
);

const anyHttps = fc.record(
  {
    port: fc.integer({ min: 1, max: 65_535 }),
    hsts: fc.oneof(
      fc.boolean(),
      fc.record({ maxAge: seconds(0, 86_400), includeSubDomains: fc.boolean() }, { requiredKeys: [] }),
      fc.constant({ preload: true, includeSubDomains: true }),
    ),
  },
  { requiredKeys: [] },
);

const anyMaintenance = fc.record(
  { retryAfter: seconds(1, 86_400), page: fc.constant("<h1>Soon</h1>"), allow: anyNetworks },
  { requiredKeys: [] },
);

/** What a route answers by itself. */
const anyGate = fc.record(
  {
    methods: fc.subarray(["GET", "HEAD", "POST", "PROPFIND"], { minLength: 1 }),
    maxRequestBody: fc.constantFrom("0B", "10MB", "64KiB"),
    https: fc.oneof(fc.boolean(), anyHttps),
    maintenance: fc.oneof(fc.boolean(), anyMaintenance),
  },
  { requiredKeys: [] },
);

const anyForwarding = fc.record(
  {
    trusted: anyNetworks,
    read: fc.constantFrom("x-forwarded" as const, "forwarded" as const),
    forwarded: fc.boolean(),
    via: fc.constantFrom("weir", "weir.example.com:8080"),
  },
  { requiredKeys: [] },
);

const anyLimits = fc.record(
  { target: fc.constantFrom("64B", "64KiB"), headers: fc.constantFrom("1KiB", "100KB") },
  { requiredKeys: [] },
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
    rewrite: anyRewrite,
    errors: anyErrors,
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
    gate: anyGate,
    priority: fc.option(fc.oneof(anyPriority, fc.constant({ header: "X-Priority" })), { nil: undefined }),
  });
  return fc.array(route, { minLength: 1, maxLength: 5 }).map((routes) =>
    routes.map(({ host, kind, upstream, gate, priority }, index) => ({
      ...gate,
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
          forwarding: anyForwarding,
          limits: anyLimits,
          upstreams: fc.constant(upstreams),
          routes: anyRoutes(Object.keys(upstreams)),
        },
        { requiredKeys: ["upstreams", "routes"] },
      ),
    );
}
