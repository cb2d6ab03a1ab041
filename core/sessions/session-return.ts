/**
 * Which sessions are moved home, after a burst (`burst/after-burst.ts`) or when home has had room for a while (`home-room.ts`). Sessions
 * that are bound to a later pool move in the order of a hash of their ids: at a fraction f of the deadline all whose hash is below f. So the
 * load returns evenly, no list of sessions is needed (each says itself when it began, where it lives, and whether it was
 * moved), and every isolate comes to the same answer. The move itself is a pick (`placement/picker.ts`).
 */
import type { SessionReturn } from "../protocol/lease.ts";
import type { Pin } from "../protocol/pick.ts";
import { fraction, hashText } from "../selection/hash.ts";

/** Apart from the names of origins, with which keys are mixed elsewhere. */
const salt = hashText("homecoming");

/** Whether it is the session's turn. One that does not say when it began stays where it is, and so does one that was moved before. */
export function isComingHome(
  { session, begunMs, returned }: Pin,
  { begunBeforeMs = Infinity, share, from = 0 }: SessionReturn,
): boolean {
  if (begunMs === undefined || begunMs >= begunBeforeMs || returned === true) return false;
  if (share >= 1) return true;
  const place = fraction(hashText(session), salt);
  return (place >= from ? place - from : place - from + 1) < share;
}
