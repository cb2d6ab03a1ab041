/**
 * `burst`: when home is too small. The thresholds of `exit` follow from those of `enter`, if it names none: a threshold is left 2/9
 * below where it was reached, as 0.7 is below 0.9.
 */
import {
  burstSignals,
  type BurstRules,
  type BurstSignal,
  type BurstThresholds,
} from "../../../core/model/burst-rules.ts";
import type { ActiveHealth, Sticky } from "../../../core/model/upstream.ts";
import { duration, integer, share } from "../kinds/fields.ts";
import { formatDuration } from "../kinds/duration.ts";
import { type Rule, within } from "../rule.ts";
import { option, optional, section, switchable, type ValuesOf } from "../section.ts";
import { isHomeLimited } from "./pool.ts";
import { hasQueue } from "./queue.ts";
import type { UpstreamValues } from "./upstream.ts";

const usual = { enterUtilisation: 0.9, enterForMs: 10_000, exitPart: 7 / 9, exitForMs: 60_000 } as const;

/** What the config calls each signal. */
const thresholdKeys = {
  utilisation: "utilisation",
  expectedWaitMs: "wait",
  p95Ms: "p95",
  queued: "queue",
  errorRate: "errorRate",
} as const satisfies Record<BurstSignal, string>;
type ThresholdKey = (typeof thresholdKeys)[BurstSignal];

const keys = burstSignals.map((signal) => thresholdKeys[signal]);

const notCounted = "does not count";
const enter = section("WeirBurstEnter", {
  /** Slots in use ÷ `maxConns`, of home's origins that serve and have a limit. It hardly ever reaches 1: between two requests a slot is free. */
  utilisation: optional(share(1, 0.01), "0.9, if no threshold is written"),
  /** How long the next request would wait for a slot at home; not with `queue: false`. */
  wait: optional(duration("1ms", "10m"), notCounted),
  /** The 95th percentile of home's response times of the last seconds, to the headers. */
  p95: optional(duration("1ms", "10m"), notCounted),
  /** Requests that wait for home; not with `queue: false`. */
  queue: optional(integer(1, 1_000_000), notCounted),
  /** Failed attempts at home as a share of all attempts of the last seconds. */
  errorRate: optional(share(1, 0.01), notCounted),
  /** How long any of them must last, without a break. */
  for: optional(duration("1s", "1h"), '`"10s"`, or `exit.for` if that is shorter'),
});

const lower = "7/9 of `enter`'s, if no threshold is written";
const exit = section("WeirBurstExit", {
  /** Slots in use ÷ `maxConns`. Below that of `enter`, which must name it. */
  utilisation: optional(share(1), lower),
  /** The wait for a slot at home. Below that of `enter`, which must name it. */
  wait: optional(duration("0ms", "10m"), lower),
  /** The 95th percentile of home's response times. Below that of `enter`, which must name it. */
  p95: optional(duration("0ms", "10m"), lower),
  /** Requests that wait for home. Below that of `enter`, which must name it. */
  queue: optional(integer(0, 1_000_000), lower),
  /** Failed attempts at home as a share of all attempts. Below that of `enter`, which must name it. */
  errorRate: optional(share(1), lower),
  /** How long all of them must last, without a break: at least `enter.for` and two `health.interval`. */
  for: optional(duration("1s", "24h"), '`"60s"`, or as long as it must be'),
});

const sessions = switchable(
  section("WeirBurstSessions", {
    /** All are moved home within this time after the burst, evenly, while home has room. */
    moveWithin: option(duration("1s", "24h"), "10m"),
  }),
);

export const burst = switchable(
  section(
    "WeirBurst",
    {
      /** A burst begins when any of these thresholds has been reached or exceeded for `enter.for`. Only the thresholds that you write count. */
      enter: option(enter, {}),
      /** It ends when all of these have been kept to for `exit.for`. Only the thresholds that you write count. */
      exit: option(exit, {}),
      /** The shortest burst. */
      minHold: option(duration("0s", "24h"), "60s"),
      /** Sessions that began in a later pool are moved home after the burst; `false`: they stay. */
      sessions: optional(sessions, "`true`"),
    },
    { rules: [...keys.map(notBelow), notShorter()] },
  ),
);

type EnterValues = ValuesOf<typeof enter>;
type ExitValues = ValuesOf<typeof exit>;
type Thresholds = { readonly [Key in ThresholdKey]?: number };

/** The thresholds that are written of `enter`, or the usual one. */
function entered(enter: EnterValues): readonly ThresholdKey[] {
  const written = keys.filter((key) => enter[key] !== undefined);
  return written.length > 0 ? written : ["utilisation"];
}

function notBelow(key: ThresholdKey): Rule<{ enter: EnterValues; exit: ExitValues }> {
  const isTime = key === "wait" || key === "p95";
  return ({ enter, exit }) => {
    const exitAt = exit[key];
    if (exitAt === undefined) return undefined;
    const path = ["exit", key];
    const names = entered(enter);
    if (!names.includes(key)) return { path, expected: `only what burst.enter names: ${names.join(", ")}` };
    const enterAt = enter[key] ?? usual.enterUtilisation;
    const written = isTime ? formatDuration(enterAt) : enterAt;
    const expected = `less than burst.enter.${key}, which is ${JSON.stringify(written)}`;
    return exitAt >= enterAt && { path, expected };
  };
}

function notShorter(): Rule<{ enter: EnterValues; exit: ExitValues }> {
  const expected = "at least burst.enter.for";
  return ({ enter, exit }) =>
    (exit.for ?? Infinity) < (enter.for ?? 0) && { path: ["exit", "for"], expected };
}

/** The rules between `burst` and the rest of its upstream. */
export const burstRules: readonly Rule<UpstreamValues>[] = [
  within("burst", (_, { pools }) => {
    const expected = "a second pool to burst into, or no burst";
    return pools.length === 1 && { path: [], found: "one pool", expected };
  }),
  within("burst", ({ enter }, upstream) => {
    if (!entered(enter).includes("utilisation") || isHomeLimited(upstream)) return undefined;
    return {
      path: enter.utilisation === undefined ? [] : ["enter", "utilisation"],
      found: "utilisation, and no maxConns in the first pool",
      expected: "maxConns of at least one origin of the first pool, or other thresholds in burst.enter",
    };
  }),
  // Where no request waits they would never be reached.
  ...(["wait", "queue"] as const).map((key) =>
    within<UpstreamValues, "burst">("burst", ({ enter }, upstream) => {
      if (enter[key] === undefined || hasQueue(upstream)) return undefined;
      const expected = "a queue in the upstream, or other thresholds in burst.enter";
      return { path: ["enter", key], found: `${key}, and no queue in the upstream`, expected };
    }),
  ),
  // On a quiet site the rounds of probes are all that is seen.
  within("burst", ({ exit }, { health }) => {
    const expected = "at least twice health.interval: on a quiet site only probes show how home is";
    return health && (exit.for ?? Infinity) < 2 * health.interval && { path: ["exit", "for"], expected };
  }),
  // Two places say whether sessions are moved home; where both are written they have to say the same.
  within("burst", ({ sessions }, { sticky }) => {
    const homecoming = sticky ? sticky.homecoming : undefined;
    if (sessions === undefined || homecoming === undefined || (sessions !== false) === homecoming)
      return undefined;
    return { path: ["sessions"], expected: `what sticky.homecoming says, which is ${homecoming}` };
  }),
];

/** The rules of bursts. Without probes a quiet site's burst ends when a request comes again. */
export function compileBurst(
  { enter, exit, minHold, sessions }: ValuesOf<typeof burst>,
  health: ActiveHealth | undefined,
  sticky: Sticky | undefined,
): BurstRules {
  const enterAt = thresholds(enter) ?? { utilisation: usual.enterUtilisation };
  // One round of probes may be late, and the next one still in time.
  const twoRoundsMs = 2 * (health?.intervalMs ?? 0);
  const enterForMs = enter.for ?? Math.min(usual.enterForMs, exit.for ?? Infinity);
  const exitForMs = exit.for ?? Math.max(usual.exitForMs, enterForMs, twoRoundsMs);
  const moves = sticky?.homecoming === true && sessions !== false;
  return {
    enter: { at: enterAt, forMs: enterForMs },
    exit: { at: thresholds(exit) ?? lowered(enterAt), forMs: exitForMs },
    minHoldMs: minHold,
    ...(moves && { moveWithinMs: sessions?.moveWithin ?? 600_000 }),
  };
}

/** `undefined` if none is named. */
function thresholds(written: Thresholds): BurstThresholds["at"] | undefined {
  const named = burstSignals.flatMap((signal) => {
    const value = written[thresholdKeys[signal]];
    return value === undefined ? [] : [[signal, value] as const];
  });
  return named.length === 0 ? undefined : Object.fromEntries(named);
}

function lowered(at: BurstThresholds["at"]): BurstThresholds["at"] {
  const lowerAt = Object.entries(at).map(([signal, value]) => {
    const exitAt = Math.round(value * usual.exitPart * 1_000) / 1_000;
    return [signal, exitAt] as const;
  });
  return Object.fromEntries(lowerAt);
}
