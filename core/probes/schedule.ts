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

/** From one round to the next while traffic loses connections: then it is urgent to know. */
export const hurriedRoundMs: Millis = 250;

/** Whether the prober has missed rounds, so that somebody else should probe: none ended for over two intervals. */
export function isStale(
  { intervalMs, timeoutMs, jitter }: Pick<ActiveHealth, "intervalMs" | "timeoutMs" | "jitter">,
  lastEndedMs: Millis | undefined,
  now: Millis,
): boolean {
  return lastEndedMs === undefined || now - lastEndedMs > 2 * intervalMs * (1 + jitter) + timeoutMs;
}

/** The watchdog calls every minute; a prober that has not heard of it for so long belongs to no deployment any more. */
const abandonedAfterMs = 15 * 60_000;

/** Whether the upstream has gone from the configuration: nobody has asked for its probes for a long time. */
export function isAbandoned(lastWatchedMs: Millis, now: Millis): boolean {
  return now - lastWatchedMs > abandonedAfterMs;
}
