/** The times that a holder and the object must both go by, though neither sees the other's clock. */
import type { Millis } from "../model/upstream.ts";

/** A holder that is not heard of for so long starts nothing under its lease any more. */
export const leaseMs: Millis = 10_000;

/**
 * Deadlines are declared in steps of this length, so that a message has few entries however many requests are
 * open, and making it takes no longer.
 */
export const stepMs = 5_000;

/**
 * By so much the holder's clock may lag: on Workers it stands still between two I/Os. So a lease ends so much earlier, or a
 * request might be started after its end; and a slot whose request ends by a timer is kept so much longer.
 */
export const clockLagMs: Millis = 1_000;

/**
 * The longest time for which a holder declares a request that may last so long and whose end is not reported: the
 * object lets go of nothing sooner.
 */
export function longestDeclaredMs(requestMs: Millis): Millis {
  return requestMs + clockLagMs + stepMs;
}

/** What a holder was told longer ago it does not go by as soon as one message is lost: it asks again first. */
export const outOfDateMs: Millis = 4_000;
