/**
 * When a session is moved home without a burst: whether home has had room for a while, and whose turn it is then. It needs no `burst` in
 * the config: a session that was bound to the cloud in a short peak is moved home after it.
 *
 * Two things keep sessions from flapping, and home from being flooded. Home has to be well below its limit, without a break, before
 * any session moves, and moving stops at once when it is not. And sessions move in the order of a hash of their ids, as a hand that
 * goes round passes them. The hand stands still while home has no room, and goes on from there, so that no session is passed over for
 * ever. The session's cookie says that it was moved. In memory only: an object that was evicted looks anew.
 */
import { decay } from "../model/decay.ts";
import type { Millis } from "../model/upstream.ts";
import type { SessionReturn } from "../protocol/lease.ts";

/** Home at one moment: slots in use over limits, 0–1, and how many requests wait for one. */
export interface HomeUse {
  readonly utilisation: number;
  readonly queued: number;
}

/** Home has room up to this utilisation: as far below its limit as a burst must be to end, unless the config says otherwise. */
const roomUpTo = 0.7;

/** So long it has to have room before the first session is moved; a peak's pauses are shorter. */
const sustainedMs: Millis = 10_000;

/** So long the hand takes to go round once: as many sessions as are in the cloud come home within a minute. */
const roundMs: Millis = 60_000;

/** Utilisation follows what is seen with this time constant, as that of a burst: a moment's peak is no evidence. */
const smoothingMs: Millis = 1_000;

export class HomeRoom {
  #utilisation = 1;
  #observedMs: Millis | undefined;
  /** Since when there is room; absent: there is none. */
  #roomSinceMs: Millis | undefined;
  /** Where the hand stood when it last began to move, 0–1. */
  #hand = 0;

  /**
   * Home is seen so. To be called before a message is taken in: what is seen then has held since the last time. Between
   * two messages nothing can have been started at home, so silence breaks no time.
   */
  recordUse({ utilisation, queued }: HomeUse, now: Millis): void {
    const beforeMs = this.#observedMs;
    const weight = beforeMs === undefined ? 0 : decay(now - beforeMs, smoothingMs);
    this.#utilisation = utilisation + (this.#utilisation - utilisation) * weight;
    this.#observedMs = now;
    if (this.#utilisation > roomUpTo || queued > 0) this.#stop(beforeMs ?? now);
    // A clock that was set back begins anew.
    else if (this.#roomSinceMs === undefined || this.#roomSinceMs > now) this.#roomSinceMs = now;
  }

  /** When home was looked at last; `undefined`: never. */
  get observedMs(): Millis | undefined {
    return this.#observedMs;
  }

  /** The sessions that are to come home now; `undefined`: none. */
  sessionReturn(now: Millis): SessionReturn | undefined {
    const share = this.#shareAt(now);
    return share > 0 ? { share, from: this.#hand } : undefined;
  }

  /** There was room until then for all that is known, so far has the hand come. */
  #stop(untilMs: Millis): void {
    this.#hand = (this.#hand + this.#shareAt(untilMs)) % 1;
    this.#roomSinceMs = undefined;
  }

  /** How far the hand has come, 0–1. */
  #shareAt(now: Millis): number {
    if (this.#roomSinceMs === undefined) return 0;
    return Math.max(0, Math.min(1, (now - this.#roomSinceMs - sustainedMs) / roundMs));
  }
}
