/**
 * Active health: what probes say of an origin. A verdict changes only after `rise` good or `fall` bad probes
 * in a row (HAProxy's rise and fall), and an observation returns the change, so that it is logged once.
 * An origin that was never probed is `unknown` and may serve: a deployment must not start by refusing.
 */
import type { ActiveHealth, Millis } from "../model/upstream.ts";

export interface Verdict {
  readonly state: "unknown" | "healthy" | "unhealthy";
  /** Probes in a row that speak against the state. */
  readonly against: number;
  readonly sinceMs: Millis;
}

export function unknownVerdict(now: Millis): Verdict {
  return { state: "unknown", against: 0, sinceMs: now };
}

export interface Observed {
  readonly verdict: Verdict;
  readonly changed: boolean;
}

/** Folds one probe into the verdict. The first good probe of an unknown origin suffices to call it healthy. */
export function observeProbe(
  verdict: Verdict,
  good: boolean,
  rules: Pick<ActiveHealth, "rise" | "fall">,
  now: Millis,
): Observed {
  const agrees = verdict.state === "healthy" ? good : verdict.state === "unhealthy" ? !good : false;
  if (agrees)
    return { verdict: verdict.against === 0 ? verdict : { ...verdict, against: 0 }, changed: false };
  if (verdict.state === "unknown" && good) return become("healthy", now);
  const against = verdict.against + 1;
  if (against < (good ? rules.rise : rules.fall)) return { verdict: { ...verdict, against }, changed: false };
  return become(good ? "healthy" : "unhealthy", now);
}

function become(state: Verdict["state"], now: Millis): Observed {
  return { verdict: { state, against: 0, sinceMs: now }, changed: true };
}
