/** An upstream: its pools, and how the fleet spreads requests over them, watches them, and what it does when they fail. */
import { coordinations, onCoordinatorLosses, type Upstream } from "../../../core/model/upstream.ts";
import { locationHints, type LocationHint } from "../../../core/protocol/object-namespace.ts";
import { duration, list, oneOf } from "../kinds/fields.ts";
import { formatPath } from "../parse/notation.ts";
import type { Path, Problem } from "../parse/plain.ts";
import { present } from "../present.ts";
import { type Rule, distinct, inEach } from "../rule.ts";
import { listOf, option, optional, required, ruled, section, type ValuesOf } from "../section.ts";
import { autoscale, autoscaleRules, compileAutoscale, type AutoscaleConfig } from "./autoscale.ts";
import { budgetRules } from "./budget.ts";
import { buffer, compileBuffer, type BufferConfig } from "./buffer.ts";
import { burst, burstRules, compileBurst } from "./burst.ts";
import { compileErrors, errors, type ErrorsConfig } from "./errors.ts";
import { compileHeaders, headers, type HeadersConfig } from "./headers.ts";
import { compileHealth, health } from "./health.ts";
import { compileLoadReports, loadReports } from "./load-reports.ts";
import { compilePassive, passive } from "./passive.ts";
import { compilePolicy, policy } from "./policy.ts";
import { compilePool, pool, poolRules, type PoolConfig, type PoolValues } from "./pool.ts";
import { compileQueue, hasQueue, queue, queueRules } from "./queue.ts";
import { compileRetries, retries } from "./retries.ts";
import { compileRewrite, rewrite, type RewriteConfig } from "./rewrite.ts";
import { compileSticky, sticky, type StickyConfig } from "./sticky.ts";
import { compileTimeouts, timeouts, type TimeoutsConfig } from "./timeouts.ts";

const options = section("WeirUpstreamConfig", {
  /** The rule that picks one of a pool's origins that can take the request: a name, or an object with options. */
  policy: option(policy, "adaptive"),
  /** How isolates pick: `"strict"` asks the upstream's object for each request, `"leased"` picks within slots that the object has lent to the isolate, `"auto"` chooses by the isolate's traffic ([coordination.md](coordination.md)). */
  coordination: option(oneOf(coordinations), "auto"),
  /** What to do when the upstream's object cannot be reached, no slot is left and there is no pool to spill to: `"exceed"` serves above `maxConns`, `"refuse"` answers `503`. */
  onCoordinatorLoss: option(oneOf(onCoordinatorLosses), "exceed"),
  /** For a site with much traffic from several parts of the world: regions with an object of their own, between their isolates and the upstream's object, each once: names as for `location`. */
  regions: option(list(oneOf(locationHints), 0, 8, "regions"), []),
  /** Where the upstream's shared state lives, as a location hint of Durable Objects. Best near the home pool. It takes effect when the state is first created; the state does not move later. */
  location: optional(oneOf(locationHints), "near its first request"),
  /** In order of preference: home first, then the pools that requests spill to. */
  pools: required(listOf(pool, 1, 16, "pools")),
  /** Probes (active health checks); `false`: none. */
  health: option(health, true),
  /** Passive health checks: ejection by what real traffic shows; `false`: ignored. */
  passive: option(passive, true),
  /** Slow start: a new or recovered origin ramps up from a tenth of its share to all of it over this time. `"0s"`: the full share at once. */
  slowStart: option(duration("0s", "1h"), "30s"),
  /** Sticky sessions: a cookie keeps a client on its origin. */
  sticky: option(sticky, false),
  /** Autoscaling: orders instances for a burst pool, from a forecast of demand. */
  autoscale: optional(autoscale, "none"),
  /** Lets origins report how busy they are, and that they want to be drained, in a signed header. */
  loadReports: optional(loadReports, "none"),
  /** Requests that find no free slot wait in a queue; `false`: they spill, or are refused at once. Not beside `regions`. */
  queue: optional(queue, "`true`; beside `regions` `false`"),
  /** Rewrites redirects and cookies that name the origins themselves. */
  rewrite: option(rewrite, {}),
  /** Headers set, completed, added and hidden, for all routes to this upstream: [`headers`](#headers-set-add-and-hide-headers) of a route, nearer to the origins. */
  headers: optional(headers, "as they are"),
  /** Error pages, and which of the origins' error answers they replace. */
  errors: optional(errors, "Weir's own pages"),
  /** Bodies that Weir takes in by itself, so that slow clients keep no origin busy. */
  buffer: option(buffer, {}),
  /** Timeouts of attempts, requests, silent streams and exchanges. */
  timeouts: option(timeouts, {}),
  /** Retries on another origin. */
  retries: option(retries, {}),
  /** Reports when home has been too small for a while, and moves sessions home afterwards. It does not change routing; it is logged and shown. */
  burst: option(burst, false),
});

export type UpstreamValues = ValuesOf<typeof options>;

const nameTaken = (first: Path): Problem => ({
  path: ["name"],
  expected: `a name of its own; ${formatPath(first)} has this one`,
});

const maxOrigins = 1000;

const rules: readonly Rule<UpstreamValues>[] = [
  distinct("pools", ({ name }) => name, nameTaken),
  (values, ...place) => {
    const firsts = new Map<string, Path>();
    const inPool: Rule<PoolValues> = inEach("origins", ({ name }, _index, _pool, at) => {
      const first = firsts.get(name);
      firsts.set(name, first ?? at);
      return first && nameTaken(first);
    });
    const inPools: Rule<UpstreamValues> = inEach("pools", (pool, _index, _upstream, ...place) =>
      inPool(pool, ...place),
    );
    return inPools(values, ...place);
  },
  ({ pools }) => {
    const counts = pools.map(({ origins, register }) => origins.length + (register?.max ?? 0));
    const count = counts.reduce((sum, each) => sum + each, 0);
    const expected = `at most ${maxOrigins} origins in all pools together`;
    return count > maxOrigins && { path: ["pools"], found: `${count} origins`, expected };
  },
  distinct(
    "regions",
    (region) => region,
    (first) => ({ path: [], expected: `a region of its own; ${formatPath(first.slice(-2))} is this one` }),
  ),
];

export const upstream = ruled(options, [
  ...rules,
  ...poolRules,
  ...queueRules,
  ...autoscaleRules,
  ...budgetRules,
  ...burstRules,
]);

export interface UpstreamConfig extends Upstream {
  readonly sticky?: StickyConfig;
  readonly timeouts: TimeoutsConfig;
  readonly buffer: BufferConfig;
  readonly rewrite: RewriteConfig;
  readonly headers?: HeadersConfig;
  /** Absent: Weir's own pages, and the origins' own errors. */
  readonly errors?: ErrorsConfig;
  readonly autoscale?: AutoscaleConfig;
  readonly regions: readonly LocationHint[];
  readonly pools: readonly PoolConfig[];
  /** Where the upstream's objects are created (a Durable Object location hint); absent: near the first request. */
  readonly location?: LocationHint;
}

/** One upstream, complete. */
export function compileUpstream(name: string, values: UpstreamValues): UpstreamConfig {
  const { policy, pools, health, passive, slowStart, sticky, autoscale, ...others } = values;
  const { loadReports, queue, rewrite, headers, errors, retries, burst, timeouts: times, ...rest } = others;
  const timeouts = compileTimeouts(times);
  const probes = health ? compileHealth(health) : undefined;
  // A config that says that sessions stay after a burst means those, too, for which no burst was seen.
  const areMovedHome = !burst || burst.sessions !== false;
  const sessions = sticky ? compileSticky(sticky, areMovedHome) : undefined;
  return present({
    ...rest,
    name,
    policy: compilePolicy(policy),
    pools: pools.map(compilePool),
    health: probes,
    passive: passive ? compilePassive(passive) : undefined,
    slowStartMs: slowStart > 0 ? slowStart : undefined,
    sticky: sessions,
    autoscale: autoscale && compileAutoscale(autoscale, pools),
    loadReports: loadReports && compileLoadReports(loadReports),
    queue: hasQueue(values) ? compileQueue(queue || {}, timeouts.totalMs) : undefined,
    buffer: compileBuffer(values.buffer),
    rewrite: compileRewrite(rewrite),
    headers: headers && compileHeaders(headers),
    errors: errors && compileErrors(errors),
    timeouts,
    retries: compileRetries(retries),
    burst: burst ? compileBurst(burst, probes, sessions) : undefined,
  });
}
