/**
 * The defaults of `burst`. Those of `exit` follow from what is written of `enter`: a threshold is left 2/9 below where it
 * was reached, as 0.7 is below 0.9, unless `exit` names thresholds itself; then it is these and no others.
 */
import {
  burstSignals,
  type BurstRules,
  type BurstSignal,
  type BurstThresholds,
} from "../../../core/model/burst-rules.ts";
import type { Upstream } from "../../../core/model/upstream.ts";
import type { UpstreamShape } from "./upstream-schema.ts";

type BurstShape = Exclude<UpstreamShape["burst"], boolean | undefined>;

export const burstDefaults = {
  enter: { utilisation: 0.9, for: 10_000 },
  exit: { part: 7 / 9, for: 60_000 },
  minHold: 60_000,
  moveWithin: 600_000,
} as const;

/** What the config calls each signal. */
export const thresholdKeys = {
  utilisation: "utilisation",
  expectedWaitMs: "wait",
  p95Ms: "p95",
  queued: "queue",
  errorRate: "errorRate",
} as const satisfies Record<BurstSignal, string>;

/** The section with every default filled in. Without probes a quiet site's burst ends when a request comes again. */
export function completeBurst(
  { enter = {}, exit = {}, minHold, sessions = true }: BurstShape,
  { health, sticky }: Pick<Upstream, "health" | "sticky">,
): BurstRules {
  const { for: enterFor, ...enterAt } = enter;
  const { for: exitFor, ...exitAt } = exit;
  const entered = thresholds(enterAt) ?? { utilisation: burstDefaults.enter.utilisation };
  const moves = sessions === true ? {} : sessions;
  // On a quiet site the rounds of probes are all that is seen: one may be late, and the next one still in time.
  const twoRoundsMs = 2 * (health?.intervalMs ?? 0);
  const enterForMs = enterFor ?? Math.min(burstDefaults.enter.for, exitFor ?? Infinity);
  const exitForMs = exitFor ?? Math.max(burstDefaults.exit.for, enterForMs, twoRoundsMs);
  return {
    enter: { at: entered, forMs: enterForMs },
    exit: { at: thresholds(exitAt) ?? lowered(entered), forMs: exitForMs },
    minHoldMs: minHold ?? burstDefaults.minHold,
    ...(sticky?.homecoming === true &&
      moves && { moveWithinMs: moves.moveWithin ?? burstDefaults.moveWithin }),
  };
}

type Written = Readonly<Partial<Record<(typeof thresholdKeys)[BurstSignal], number>>>;

/** `undefined` if none is named. */
function thresholds(written: Written): BurstThresholds["at"] | undefined {
  const named = burstSignals.flatMap((signal) => {
    const value = written[thresholdKeys[signal]];
    return value === undefined ? [] : [[signal, value] as const];
  });
  return named.length === 0 ? undefined : Object.fromEntries(named);
}

function lowered(at: BurstThresholds["at"]): BurstThresholds["at"] {
  return Object.fromEntries(
    Object.entries(at).map(([signal, value]) => [
      signal,
      Math.round(value * burstDefaults.exit.part * 1_000) / 1_000,
    ]),
  );
}
