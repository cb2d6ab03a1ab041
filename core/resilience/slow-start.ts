/**
 * Slow start: an origin that is new, or back, gets a growing part of its share, so that caches and pools fill before the
 * crowd comes. The part grows evenly, as in nginx (`slow_start`) and HAProxy (`slowstart`), from a tenth of it, which is
 * Envoy's `min_weight_percent`: with less, a small pool would not find out that the origin is no good.
 */
import type { Millis } from "../model/upstream.ts";

/** What an origin begins with. */
const leastPart = 0.1;

/**
 * The part of its share that an origin has which began to serve `sinceMs`: from 0.1, growing to 1 at the end of the window
 * and staying there. A clock that was set back begins it anew, no more.
 */
export function warmth(sinceMs: Millis, windowMs: Millis, now: Millis): number {
  if (now - sinceMs >= windowMs) return 1;
  return Math.max(leastPart, (now - sinceMs) / windowMs);
}
