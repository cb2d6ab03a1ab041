/**
 * The generic cell rate algorithm (ITU-T I.371, 1993): a limit of requests per time whose whole state is one number, the time at which the
 * key would have all of its burst again. It is a token bucket that is never refilled by anybody: each request moves that time by one
 * interval, and a request conforms while the time is not further away than the burst allows. A time that is past means the same as no
 * entry at all, so a key that nothing asks for needs no memory. nginx's `limit_req` keeps an excess and a time instead, to the same effect.
 */
import type { Millis } from "../model/upstream.ts";

/** At most `burst` requests at once, and one more each `intervalMs`. */
export interface RequestRate {
  /** The time that pays for one request; above 0. */
  readonly intervalMs: Millis;
  /** 1 or more. */
  readonly burst: number;
}

/** What becomes of a request. Times are from now. */
export type RateVerdict =
  | {
      readonly kind: "conforms";
      /** How long it is to wait first; 0 but where requests may be delayed. */
      readonly waitMs: Millis;
      /** The key's new state. */
      readonly fullAtMs: Millis;
    }
  | {
      readonly kind: "exceeds";
      /** When one request would conform, if no other came before. */
      readonly againInMs: Millis;
    };

/** Rounding of times must not cost a request that is due. */
const roundingMs: Millis = 1e-6;

/**
 * Whether one more request conforms.
 * @param fullAtMs the key's state; in the past: it has all of its burst.
 * @param delayMs a request may be sent so much later than it came, in its turn.
 */
export function judgeOne(fullAtMs: Millis, now: Millis, rate: RequestRate, delayMs: Millis = 0): RateVerdict {
  const from = Math.max(fullAtMs, now);
  const waitMs = Math.max(0, from - now - (rate.burst - 1) * rate.intervalMs - roundingMs);
  return waitMs <= delayMs
    ? { kind: "conforms", waitMs, fullAtMs: from + rate.intervalMs }
    : { kind: "exceeds", againInMs: waitMs - delayMs };
}

/** How many requests conform at once, a whole number. @param aheadMs taken from what comes later. */
export function conformingNow(fullAtMs: Millis, now: Millis, rate: RequestRate, aheadMs: Millis = 0): number {
  const usedMs = Math.max(0, fullAtMs - now);
  return Math.max(0, Math.floor(rate.burst + (aheadMs - usedMs + roundingMs) / rate.intervalMs));
}
