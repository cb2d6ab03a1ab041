/** What a holder may start without asking. */
import type { Millis, OriginName, PoolName } from "../model/upstream.ts";
import type { SpillReason, Doubt } from "./pick.ts";

/** What a lease says of one origin. One that takes no new requests is left out, or is for bound sessions only. */
export interface LeasedOrigin {
  readonly origin: OriginName;
  /** Its part of the coming requests, in relation to the others of its pool. */
  readonly share: number;
  /** The most requests that the holder may have open there by starting them itself; absent: there is no limit. */
  readonly slots?: number;
  /** With its next message the holder gives back what it does not use of its slots beyond this; absent: nothing. */
  readonly keep?: number;
  /** The object has more slots there, and time to be asked: a turn of the origin that finds no slot here is worth an ask. */
  readonly more?: true;
  /** Open requests, fleet-wide. */
  readonly inFlight: number;
  readonly pinEpoch: number;
  /** Its operator drains it: it takes the requests of sessions that are bound to it. */
  readonly boundOnly?: true;
  /** It starts slowly, and has this part of what its share would be; absent: all of it. */
  readonly warmth?: number;
}

/** A pool that takes no more than was leased of it, for so long: the object has said so, and need not be asked. */
export interface ClosedPool extends Doubt {
  readonly pool: PoolName;
  readonly why: SpillReason;
  readonly forMs: Millis;
  /** Requests wait at the holder for slots of the pool that it was leased; absent: they do not. */
  readonly line?: LineTerms;
  /** Its budget is used up, and begins anew then. */
  readonly renewsInMs?: Millis;
}

/** How requests wait for a pool's slots. */
export interface LineTerms {
  /** What a request takes there on average. */
  readonly serviceMs: Millis;
  /** A request that would wait longer should go to a later pool, if one has room. */
  readonly worthMs: Millis;
  /** A request that would wait longer is refused. */
  readonly patienceMs: Millis;
  /** So many may wait for each slot, if all places go by slots. */
  readonly lengthPerSlot: number;
  /** So many may wait at each leased holder, if all have the same; absent: all places go by slots. */
  readonly lengthPerHolder?: number;
  /** Where a holder's part of the places is taken, a request may ask for one of the object's queue: there are few enough messages for that. */
  readonly mayAsk?: true;
}

/** The sessions whose turn it is to come home: a time and a share of a hash space, so that every isolate comes to the same answer. */
export interface SessionReturn {
  /** Only those that began before this: by the end of the burst. Absent: whenever they began. */
  readonly begunBeforeMs?: Millis;
  /** The part of the hash space, 0–1. */
  readonly share: number;
  /** Where that part begins, 0–1; it goes on from 0 where it passes 1. Absent: 0. */
  readonly from?: number;
}

/**
 * A right to start requests without asking. It replaces the one before, and ends `forMs` after the holder *sent* the
 * message that it answers; the object counts from when it *received* it, so that their clocks need not agree.
 */
export interface Lease {
  readonly forMs: Millis;
  readonly origins: readonly LeasedOrigin[];
  readonly closed: readonly ClosedPool[];
  /** The sessions that are to come home now: their requests ask. Absent: none. */
  readonly homecoming?: SessionReturn;
}
