/** When probes are due. */
import type { Random } from "../model/random.ts";
import type { ActiveHealth, Millis, OriginName } from "../model/upstream.ts";
import type { UrgentProbes } from "../protocol/probe-round.ts";

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

/** Soon after connections were lost: whether the origin is gone is to be known within a second, and that a restart has it back. */
const [hurriedForMs, hurriedEveryMs] = [10_000, 250];

/** Later, for a server that takes its time to start. After that the regular rounds are enough. */
const [pressedForMs, pressedEveryMs] = [60_000, 1_000];

/**
 * How the origins that have lost connections are probed, `forMs` after the last of them did so: HAProxy's `fastinter`, for as long
 * as a restart may take. `undefined`: not besides the regular rounds.
 */
export function urgentProbes(origins: readonly OriginName[], forMs: Millis): UrgentProbes | undefined {
  if (origins.length === 0 || forMs >= pressedForMs) return undefined;
  return { origins, everyMs: forMs < hurriedForMs ? hurriedEveryMs : pressedEveryMs };
}

/** Whether the prober has missed rounds, so that the upstream's object should probe: none ended for over two intervals. */
export function isStale(
  { intervalMs, timeoutMs, jitter }: Pick<ActiveHealth, "intervalMs" | "timeoutMs" | "jitter">,
  lastEndedMs: Millis | undefined,
  now: Millis,
): boolean {
  return lastEndedMs === undefined || now - lastEndedMs > 2 * intervalMs * (1 + jitter) + timeoutMs;
}

/** The watchdog calls every minute; a prober that has not heard of it for so long belongs to no deployment any more. */
const abandonedAfterMs = 15 * 60_000;

/** Whether the upstream has gone from the configuration: its probes have not been asked for in a long time. */
export function isAbandoned(lastWatchedMs: Millis, now: Millis): boolean {
  return now - lastWatchedMs > abandonedAfterMs;
}
