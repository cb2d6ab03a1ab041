/** The log lines of what has come of a message, a round of probes or an order. */
import type { Effects } from "../../core/coordinator/effects.ts";
import { logEvent } from "../../worker/telemetry/log-event.ts";

export function logEffects(upstream: string, { changes, transitions, burst, notices = [] }: Effects): void {
  for (const { origin, to, evidence, hint } of transitions) {
    logEvent({ event: "health", upstream, origin, to, evidence, hint });
  }
  for (const change of changes) {
    if (change.kind === "capacity") logEvent({ event: "capacity", upstream, origins: change.record });
  }
  if (burst !== undefined) logEvent({ event: "burst", upstream, ...burst });
  for (const notice of notices) logEvent({ event: "budget", upstream, ...notice });
}
