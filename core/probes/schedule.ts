/** When probes are due. */
import type { Random } from "../random.ts";
import type { ActiveHealth, Millis } from "../upstream.ts";

/**
 * The start of the round after the one that starts now: an interval later, moved by up to `jitter` of it
 * either way, so that many upstreams on the same machines do not probe them in step (HAProxy's spread-checks).
 */
export function nextRoundMs(
  { intervalMs, jitter }: Pick<ActiveHealth, "intervalMs" | "jitter">,
  now: Millis,
  random: Random,
): Millis {
  return now + intervalMs * (1 + jitter * (2 * random.next() - 1));
}

/** Whether the prober has missed rounds, so that somebody else should probe: none ended for over two intervals. */
export function isStale(
  { intervalMs, timeoutMs, jitter }: Pick<ActiveHealth, "intervalMs" | "timeoutMs" | "jitter">,
  lastEndedMs: Millis | undefined,
  now: Millis,
): boolean {
  return lastEndedMs === undefined || now - lastEndedMs > 2 * intervalMs * (1 + jitter) + timeoutMs;
}
