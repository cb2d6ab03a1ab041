/**
 * How much something old still counts: all of it at first, 1/e of it after `overMs`, and then less and less. A moving average or a
 * count of what is recent needs no list of what was seen, only a number and its time; and it does not matter how often it is looked at.
 */
import type { Millis } from "./upstream.ts";

/** The part that is left after `elapsedMs`; all of it if the clock has gone back. */
export function decay(elapsedMs: Millis, overMs: Millis): number {
  return Math.exp(-Math.max(0, elapsedMs) / overMs);
}
