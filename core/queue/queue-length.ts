/**
 * How many requests may wait at once. By Little's law (1961) slots that serve a request in `serviceMs` each serve
 * slots × timeout ÷ serviceMs requests within the timeout: a longer queue would hold requests that are refused in the end.
 * The config may say a number instead, as nginx's and HAProxy's queues want one.
 */
import type { Millis, QueueRules } from "../model/upstream.ts";

/**
 * The bound of a length that is derived, for the sake of memory: a request that waits keeps up to 64 KiB of its body, so a
 * thousand keep 64 MB, half of what an isolate has on Cloudflare.
 */
export const mostDerived = 1_000;

/** What a request is taken to take before any has ended. */
export const firstGuessMs: Millis = 100;

/**
 * The most requests that wait at once, at least 1.
 * @param slots those in service, 0 or more; `Infinity` where nothing is limited.
 * @param serviceMs what a request takes on average, above 0; `undefined`: none was measured yet.
 */
export function queueLength(
  { length, timeoutMs }: Pick<QueueRules, "length" | "timeoutMs">,
  slots: number,
  serviceMs: Millis | undefined,
): number {
  if (length !== undefined) return length;
  const servedInTime = (slots * timeoutMs) / Math.max(1, serviceMs ?? firstGuessMs);
  return Math.max(1, Math.min(mostDerived, Math.floor(servedInTime)));
}
