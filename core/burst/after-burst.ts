/** Which sessions are moved home after a burst: a growing share, until at the deadline it is the turn of all. */
import type { BurstRules } from "../model/burst-rules.ts";
import type { Millis } from "../model/upstream.ts";
import type { SessionReturn } from "../protocol/lease.ts";
import type { BurstRecord } from "./controller.ts";

/**
 * The sessions whose turn it is at `now`; `undefined`: none. No session is moved during a burst, nor while home is above a threshold at
 * which the burst was allowed to end: moving must not bring on the next one.
 */
export function sessionReturnOf(
  { state, returnedMs, calmSinceMs }: BurstRecord,
  { moveWithinMs }: BurstRules,
  now: Millis,
): SessionReturn | undefined {
  if (state === "bursting" || returnedMs === undefined || calmSinceMs === undefined) return undefined;
  if (moveWithinMs === undefined) return undefined;
  const share = Math.max(0, Math.min(1, (now - returnedMs) / moveWithinMs));
  return { begunBeforeMs: returnedMs, share };
}
