/** What is known of an origin's health, and a change of it with its evidence, as it is persisted and logged. */
import type { Millis, OriginName } from "../model/upstream.ts";
import type { HealthEvent, Notice } from "../telemetry/events.ts";
import type { TrafficRecord } from "./ejection.ts";
import type { Verdict } from "./verdict.ts";

/** What is known of one origin; serialises. */
export interface OriginHealth {
  readonly verdict: Verdict;
  readonly traffic: TrafficRecord;
  /** When it last began to serve beside others that served; absent: it has from the beginning. */
  readonly startedMs?: Millis;
}

/** What a probe did: what to persist, and the transition if the verdict changed. */
export interface Probed {
  readonly health: OriginHealth;
  readonly transition?: HealthTransition;
}

export interface HealthTransition extends Notice<HealthEvent> {
  /** What to persist. */
  readonly health: OriginHealth;
  /** Connections are lost: probes are to say soon how the origin is. */
  readonly isUrgent?: true;
}

/** The transition that traffic has brought about, with when it ends. */
export function transitionBy(
  origin: OriginName,
  {
    to,
    by,
    evidence,
    health,
  }: Pick<HealthTransition, "by" | "evidence" | "health"> & { readonly to: "ejected" | "suspect" },
  now: Millis,
): HealthTransition {
  const { lostSinceMs, probedBadSinceMs, ejectedUntilMs = now } = health.traffic;
  const isUrgent = lostSinceMs !== undefined;
  const orProbes = isUrgent || probedBadSinceMs !== undefined ? ", or until probes are good" : "";
  const outcome =
    to === "ejected" ? `out for ${ejectedUntilMs - now} ms${orProbes}` : "used last until probed";
  const transition = { origin, to, by, evidence: `${evidence}; ${outcome}`, health };
  return isUrgent ? { ...transition, isUrgent } : transition;
}

/** Whether the last probe that said anything found the origin well. */
export function isProbedGood({ state, against }: Verdict): boolean {
  return state === "healthy" ? against === 0 : state === "unhealthy" && against > 0;
}
