/**
 * How many slots a holder is leased on an origin: what it has open, and some more to start on. All holders' "some more"
 * together is a part of what is really free, so it shrinks as the origin fills: near the limit a lease is no more than
 * what is open, and the next request has to ask, as in strict mode.
 */

export interface OriginSlots {
  /** The origin's limit for all holders together. */
  readonly limit: number;
  /** Open, as far as the object has heard. */
  readonly inUse: number;
  /** In use, or leased to somebody. */
  readonly taken: number;
  /** What all holders would like to have beyond what they have open. */
  readonly wishes: number;
}

export interface HolderSlots {
  /** Open, as it has declared; of a region also what it has lent on. */
  readonly open: number;
  /** The most it may have by what it declared and was leased: its part of `taken`, but for undeclared grants. */
  readonly claim: number;
  /** What it would like to have beyond what it has open; among `wishes`. */
  readonly wish: number;
  /** So many more it is to have in any case, if there are any: one of its requests waits. */
  readonly least: number;
}

/** The part of what is free that is leased out; the rest is there for those who ask. */
const leasedPart = 0.5;

/** The slots to lease to the holder: never so many that the origin's limit could be exceeded. */
export function allot(origin: OriginSlots, holder: HolderSlots): number {
  const { limit, inUse, taken, wishes } = origin;
  const { open, claim, wish, least } = holder;
  const free = Math.max(0, limit - inUse);
  const fairPart = wish / Math.max(wish, wishes);
  const more = Math.max(least, wish > 0 ? Math.floor(Math.min(wish, leasedPart * free * fairPart)) : 0);
  const most = claim + (limit - taken);
  return Math.max(0, Math.min(most, open + more));
}

/** What a holder with so many open requests may need before the next exchange: a Poisson stream's usual excess. */
export function wishFor(open: number): number {
  return 2 * Math.sqrt(open) + 1;
}
