/**
 * Which sessions come home, after a burst or as soon as home has had room for a while (`home-room.ts`). Those that are bound
 * elsewhere are moved in the order of a hash of their ids: at a fraction f of the deadline all whose hash is below f. So the load
 * comes home evenly, no list of sessions is needed (each says itself when it began, where it lives, and whether it has been
 * moved), and every isolate comes to the same answer.
 */
import type { Pin } from "../protocol/exchange.ts";
import { fraction, hashText } from "../selection/hash.ts";
import type { Millis } from "../model/upstream.ts";
import type { BurstRecord } from "../burst/controller.ts";
import type { BurstRules } from "../model/burst-rules.ts";

/** The sessions whose turn it is; serialises. */
export interface Homecoming {
  /** Only those that began before this: by the end of the burst. Absent: whenever they began. */
  readonly begunBeforeMs?: Millis;
  /** The part of the hash space, 0–1. */
  readonly share: number;
  /** Where that part begins, 0–1; it goes on from 0 where it passes 1. Absent: 0. */
  readonly from?: number;
}

/** Apart from the names of origins, with which keys are mixed elsewhere. */
const salt = hashText("homecoming");

/**
 * Whose turn it is at `now`; `undefined`: nobody's. Nobody is moved during a burst, nor while home is above a threshold at
 * which the burst was allowed to end: moving must not bring on the next one.
 */
export function homecomingOf(
  { state, returnedMs, calmSinceMs }: BurstRecord,
  { moveWithinMs }: BurstRules,
  now: Millis,
): Homecoming | undefined {
  if (state === "bursting" || returnedMs === undefined || calmSinceMs === undefined) return undefined;
  if (moveWithinMs === undefined) return undefined;
  const share = Math.max(0, Math.min(1, (now - returnedMs) / moveWithinMs));
  return { begunBeforeMs: returnedMs, share };
}

/** Whether it is the session's turn. One that does not say when it began stays where it is, and so does one that was moved before. */
export function isComingHome(
  { session, begunMs, returned }: Pin,
  { begunBeforeMs = Infinity, share, from = 0 }: Homecoming,
): boolean {
  if (begunMs === undefined || begunMs >= begunBeforeMs || returned === true) return false;
  if (share >= 1) return true;
  const place = fraction(hashText(session), salt);
  return (place >= from ? place - from : place - from + 1) < share;
}
