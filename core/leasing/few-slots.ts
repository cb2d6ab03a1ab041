/**
 * Where an origin has few slots for the holders that there are. A holder picks by itself, so it can give an origin its share only where it
 * has a slot of that origin, or can ask for one. So each holder is lent a slot of every origin where there are enough for that, and while
 * the object has time to be asked none has so many that there are not as many for each of the others. Where there are not enough they all ask, and the
 * object's own rule decides; if there are too many requests for that, holders have slots of the origins in turn.
 */
import type { SlotLedger } from "../ledger/slot-ledger.ts";
import type { Millis, Origin } from "../model/upstream.ts";
import type { HolderId } from "../protocol/exchange.ts";
import { hashText } from "../selection/hash.ts";
import { spreadSlots, type OriginRoom, type SpreadTerms } from "./allotment.ts";
import { goldenRatio, ShareDraws } from "./shares.ts";

/** The part of a pool in use from which its slots are scarce; and how many for each holder are few. */
const [scarceFrom, fewSlots] = [0.75, 8];

/** For so long a holder has slots of the same origins. The change costs: it is counted as having both until its next message. */
const turnMs: Millis = 2_000;

/** So many draws for each slot find those with room, as a rule. */
const drawsEach = 8;

/** The holders that share an origin's slots. */
export interface Sharing {
  /** How many there are, at least 1. */
  readonly holders: number;
  /** The part of the slots that is lent, 0–1; the rest is for holders that ask. */
  readonly leasedPart: number;
}

/** The holders that the object knows of, as they share. */
export const sharingOf = (
  { holders }: { readonly holders: number },
  { leasedPart }: { readonly leasedPart: number },
): Sharing => ({ holders: Math.max(1, holders), leasedPart });

/** An origin of which a holder is lent slots. */
export interface LimitedRoom extends OriginRoom {
  /** The slots that it has; `Infinity`: no limit. */
  readonly limit: number;
  /** Those in use, by any holder. */
  readonly inUse: number;
}

/** The holder that slots are spread for, and when. */
export interface SpreadFor {
  readonly holder: HolderId;
  /** It has so many requests open on average. */
  readonly usual: number;
  /** The object has time to be asked for every request. */
  readonly isAsked: boolean;
  readonly sharing: Sharing;
  readonly now: Millis;
}

/** Whether one of the origins that serve new requests has fewer slots to be lent than there are holders. */
export function areTooFew(
  origins: readonly Origin[],
  limitOf: (origin: Origin) => number,
  sharing: Sharing,
): boolean {
  return origins.some((origin) => {
    const limit = limitOf(origin);
    return origin.weight > 0 && limit > 0 && mostForEach(limit, sharing) < 1;
  });
}

/** Whether home is nearly full, or small: a slot that is leased and not in use for a moment is missing elsewhere. */
export function areScarce(
  home: readonly Origin[],
  limitOf: (origin: Origin) => number,
  ledger: Pick<SlotLedger, "totals">,
  { holders }: Sharing,
): boolean {
  const slots = home.map((origin) => ({ limit: limitOf(origin), inUse: ledger.totals.inUse(origin.name) }));
  return isNearlyFull(slots) || slots.reduce((sum, { limit }) => sum + limit, 0) < fewSlots * holders;
}

/** What a holder is lent. */
export interface Lent {
  /** By origin. */
  readonly slots: readonly number[];
  /** So many of all of them it keeps though it does not use them. */
  readonly kept: number;
}

/** Spreads so many slots of a pool over its origins; with one on each, where there are enough, they may be more. */
export function spreadFor(
  wanted: number,
  rooms: readonly LimitedRoom[],
  terms: SpreadTerms,
  of: SpreadFor,
): Lent {
  const { sharing, isAsked } = of;
  // What one keeps and does not use is missing elsewhere.
  if (isNearlyFull(rooms)) return { slots: spreadSlots(wanted, rooms, terms), kept: wanted };
  const fair = rooms.map(({ limit }) => mostForEach(limit, sharing));
  if (fair.every((most) => most >= 1)) {
    const capped = rooms.map((room, index) => ({
      ...room,
      most: Math.min(room.most, Math.max(room.open, fair[index]!)),
    }));
    const slots = withOneEach(spreadSlots(wanted, isAsked ? capped : rooms, terms), rooms);
    return { slots, kept: Math.max(wanted, rooms.length) };
  }
  const spread = takesTurns(wanted, rooms, of) ? inTurn : spreadSlots;
  return { slots: spread(wanted, rooms, { ...terms, ...of }), kept: wanted };
}

function isNearlyFull(rooms: readonly Pick<LimitedRoom, "limit" | "inUse">[]): boolean {
  let [limits, used] = [0, 0];
  for (const { limit, inUse } of rooms) {
    limits += limit;
    used += inUse;
  }
  return used >= scarceFrom * limits;
}

/** The most slots of an origin that each holder can have. */
function mostForEach(limit: number, { holders, leasedPart }: Sharing): number {
  return holders === 1 ? limit : Math.floor((leasedPart * limit) / holders);
}

/**
 * Whether the holder, which has fewer slots than there are origins, is lent them of others than it uses: what it has open of few requests is
 * over long before its next message, and there are more slots than holders have, so that some can change.
 */
function takesTurns(slots: number, rooms: readonly LimitedRoom[], { usual, sharing }: SpreadFor): boolean {
  if (slots >= rooms.length || usual >= slots) return false;
  let open = 0;
  let limits = 0;
  for (const room of rooms) {
    open += room.open;
    limits += room.limit;
  }
  return open <= slots && sharing.leasedPart * limits >= sharing.holders * slots;
}

function withOneEach(spread: readonly number[], rooms: readonly OriginRoom[]): number[] {
  return spread.map((count, index) => {
    const { share, most } = rooms[index]!;
    return share > 0 ? Math.max(count, Math.min(1, most)) : count;
  });
}

/** Each origin as often as its share says, over time and over the holders, as far as there is room. */
function inTurn(slots: number, rooms: readonly OriginRoom[], { holder, now }: SpreadFor): number[] {
  const counts = rooms.map(() => 0);
  const hash = hashText(holder).low >>> 0;
  const draws = new ShareDraws({ next: () => 0 });
  const turn = Math.floor(now / turnMs) * slots;
  draws.publish(
    rooms.map(({ share }) => share),
    (hash / 2 ** 32 + turn * goldenRatio) % 1,
  );
  let left = slots;
  for (let draw = 0; left > 0 && draw < drawsEach * slots; draw++) {
    const index = draws.draw();
    if (index === undefined) break;
    if (counts[index]! >= rooms[index]!.most) continue;
    counts[index]!++;
    left--;
  }
  return counts;
}
