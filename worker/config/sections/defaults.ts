/**
 * Every default, and how a config is completed with them. Where two durations bound each other, a default gives way
 * to what is written (a probe every `"1s"` has a timeout of at most 1 s without saying so): only written values
 * can contradict each other.
 *
 * Where the numbers come from: rise and fall are HAProxy's; ejection, the wait for headers and the retry budget are
 * Envoy's; slow start lasts as long as the shortest that AWS has.
 */
import { retryCauses } from "../../../core/model/upstream.ts";
import type {
  ActiveHealth,
  LoadReports,
  PassiveHealth,
  Policy,
  QueueRules,
  Sticky,
  Timeouts,
} from "../../../core/model/upstream.ts";
import { completeBurst } from "./burst-defaults.ts";
import type { AutoscaleConfig, Config, OriginConfig, RegisterConfig, UpstreamConfig } from "../config.ts";
import { completeErrors, completeRewrite, completeRoute } from "./http-defaults.ts";
import { switched, type WrittenSection } from "./switched.ts";
import type { PolicyShape } from "./policy-schema.ts";
import type { ConfigShape } from "./schema.ts";
import type { UpstreamShape } from "./upstream-schema.ts";

export const defaults = {
  target: "edge",
  policy: "adaptive",
  coordination: "auto",
  onCoordinatorLoss: "exceed",
  forwarding: { trusted: [], read: "x-forwarded", forwarded: false },
  limits: { target: 16_384, headers: 65_536 },
  origin: { weight: 1, backup: false, via: "fetch", connection: "auto" },
  cost: { perRequest: 0, perGb: 0 },
  budget: { whenUsedUp: "fail" },
  health: {
    method: "GET",
    path: "/",
    headers: {},
    expect: [{ from: 200, to: 399 }],
    jitter: 0.1,
    rise: 2,
    fall: 3,
  },
  probe: { timeout: 5_000, interval: 10_000 },
  passive: { failures: 5 },
  ejection: { first: 30_000, longest: 300_000 },
  slowStart: 30_000,
  sticky: { cookie: "weir", path: "/" },
  session: { idle: 1_800_000, ttl: 28_800_000 },
  register: { every: 10_000, max: 100 },
  autoscale: { startsIn: 45_000, min: 0 },
  loadReports: { maxAge: 10_000 },
  /** Its length follows from its time, and that from the time for the whole request: waiting leaves half of it for the answer. */
  queue: { timeout: 5_000, partOfTotal: 0.5, priority: "normal" },
  timeouts: { headers: 15_000, total: 60_000, maxHold: 60_000, exchange: 250 },
  retries: { attempts: 2, on: retryCauses, budget: 0.2 },
} as const;

/** The config with every default filled in, its upstreams in the order of their names' appearance. */
export function completeConfig(shape: ConfigShape): Config {
  const { target, admin, forwarding, upstreams, routes } = shape;
  const limits = { ...defaults.limits, ...shape.limits };
  return {
    target: target ?? defaults.target,
    admin: admin ?? {},
    forwarding: { ...defaults.forwarding, ...forwarding },
    limits: { targetBytes: limits.target, headersBytes: limits.headers },
    upstreams: Object.entries(upstreams).map(([name, upstream]) => completeUpstream(name, upstream)),
    routes: routes.map(completeRoute),
  };
}

/** One upstream with every default filled in. */
export function completeUpstream(name: string, shape: UpstreamShape): UpstreamConfig {
  const probes = switched(shape.health, true);
  const passive = switched(shape.passive, true);
  const session = switched(shape.sticky, false);
  const timeouts = completeTimeouts(shape.timeouts ?? {});
  // No object sees all requests where there are regions.
  const queue = switched(shape.queue, (shape.regions ?? []).length === 0);
  const burst = switched(shape.burst, false);
  const health = probes && { health: completeHealth(probes) };
  const sticky = session && { sticky: completeSticky(session, burst) };
  const retries = { ...defaults.retries, ...shape.retries };
  const slowStartMs = shape.slowStart ?? defaults.slowStart;
  return {
    name,
    policy: completePolicy(shape.policy ?? defaults.policy),
    coordination: shape.coordination ?? defaults.coordination,
    onCoordinatorLoss: shape.onCoordinatorLoss ?? defaults.onCoordinatorLoss,
    regions: shape.regions ?? [],
    ...(shape.location && { location: shape.location }),
    pools: shape.pools.map(({ name, origins, capacity, price, cost, budget, register }) => ({
      name,
      origins: origins.map(completeOrigin),
      ...(capacity && { capacity }),
      ...(price !== undefined && { priceMs: price }),
      ...(cost && { cost: { ...defaults.cost, ...cost } }),
      ...(budget && { budget: { ...defaults.budget, ...budget } }),
      ...(register && { register: completeRegister(register) }),
    })),
    ...health,
    ...(passive && { passive: completePassive(passive) }),
    ...(slowStartMs > 0 && { slowStartMs }),
    ...sticky,
    ...(shape.autoscale && { autoscale: completeAutoscale(shape.autoscale, shape.pools) }),
    ...(shape.loadReports && { loadReports: completeLoadReports(shape.loadReports) }),
    ...(queue && { queue: completeQueue(queue, timeouts) }),
    rewrite: completeRewrite(shape.rewrite ?? {}),
    ...(shape.errors && { errors: completeErrors(shape.errors) }),
    timeouts,
    retries: { ...retries, on: [...new Set(retries.on)] },
    ...(burst && { burst: completeBurst(burst, { ...health, ...sticky }) }),
  };
}

function completeOrigin({
  host,
  ...origin
}: UpstreamShape["pools"][number]["origins"][number]): OriginConfig {
  const seen = host === undefined || host === "origin" ? {} : { host };
  return { ...defaults.origin, ...origin, ...seen };
}

/** A policy with its options; nginx's defaults where nginx has them. */
function completePolicy(shape: PolicyShape): Policy {
  const written = typeof shape === "string" ? { name: shape } : shape;
  switch (written.name) {
    case "least_time":
      return { by: "header", inflight: false, ...written, name: "least_time" };
    case "random_two":
      return { by: "least_conn", ...written, name: "random_two" };
    case "hash":
      return { bounded: true, ...written };
    case "adaptive":
    case "round_robin":
    case "least_conn":
    case "peak_ewma":
    case "ip_hash":
    case "first":
      return { name: written.name };
  }
}

function completeHealth({
  interval,
  timeout,
  ...rest
}: WrittenSection<UpstreamShape["health"]>): ActiveHealth {
  const { probe } = defaults;
  const [timeoutMs, intervalMs] = ordered([timeout, interval], [probe.timeout, probe.interval]);
  return { ...defaults.health, ...rest, intervalMs, timeoutMs };
}

function completePassive({
  eject,
  maxEject,
  ...rest
}: WrittenSection<UpstreamShape["passive"]>): PassiveHealth {
  const { ejection } = defaults;
  const [ejectMs, maxEjectMs] = ordered([eject, maxEject], [ejection.first, ejection.longest]);
  return { ...defaults.passive, ...rest, ejectMs, maxEjectMs };
}

function completeSticky(
  { idle, ttl, ...rest }: WrittenSection<UpstreamShape["sticky"]>,
  burst: Partial<WrittenSection<UpstreamShape["burst"]>> | undefined,
): Sticky {
  const { session } = defaults;
  const [idleMs, ttlMs] = ordered([idle, ttl], [session.idle, session.ttl]);
  // A config that says that sessions stay after a burst means those, too, for which no burst was seen.
  return { ...defaults.sticky, homecoming: burst?.sessions !== false, ...rest, ttlMs, idleMs };
}

function completeRegister({
  every = defaults.register.every,
  max = defaults.register.max,
  ...rest
}: NonNullable<UpstreamShape["pools"][number]["register"]>): RegisterConfig {
  return { ...rest, everyMs: every, max };
}

function completeAutoscale(
  { startsIn = defaults.autoscale.startsIn, shrinkAfter, ...rest }: NonNullable<UpstreamShape["autoscale"]>,
  pools: UpstreamShape["pools"],
): AutoscaleConfig {
  // The rules have seen to it that there is a second one.
  const pool = pools[1]?.name ?? "";
  const shrink = shrinkAfter === undefined ? {} : { shrinkAfterMs: shrinkAfter };
  return { min: defaults.autoscale.min, pool, ...rest, startsInMs: startsIn, ...shrink };
}

function completeLoadReports({
  secret,
  maxAge = defaults.loadReports.maxAge,
}: NonNullable<UpstreamShape["loadReports"]>): LoadReports {
  return { secret, maxAgeMs: maxAge };
}

function completeQueue(
  { length, timeout, priority = defaults.queue.priority }: Partial<WrittenSection<UpstreamShape["queue"]>>,
  { totalMs }: Timeouts,
): QueueRules {
  const { timeout: usualMs, partOfTotal } = defaults.queue;
  const timeoutMs = timeout ?? Math.min(usualMs, Math.ceil(totalMs * partOfTotal));
  return { ...(length !== undefined && { length }), timeoutMs, priority };
}

function completeTimeouts({
  headers,
  total,
  maxHold,
  exchange,
}: WrittenSection<UpstreamShape["timeouts"]>): Timeouts {
  const { timeouts } = defaults;
  const [headersMs, totalMs] = ordered([headers, total], [timeouts.headers, timeouts.total]);
  return {
    headersMs,
    totalMs,
    maxHoldMs: maxHold ?? timeouts.maxHold,
    exchangeMs: exchange ?? timeouts.exchange,
  };
}

type Pair<T> = readonly [lesser: T, greater: T];

/** Two durations of which the first must not exceed the second: a default gives way to what is written. */
function ordered([lesser, greater]: Pair<number | undefined>, byDefault: Pair<number>): Pair<number> {
  return [
    lesser ?? Math.min(byDefault[0], greater ?? byDefault[1]),
    greater ?? Math.max(byDefault[1], lesser ?? byDefault[0]),
  ];
}
