/**
 * How many slots a holder is leased: of the pool first, then on which of its origins. While there is room, a holder gets
 * what it needs on average and a part of what is spare for the swings around that; the spare slots go by these swings, the
 * roots of the means, since small holders need relatively more ("square-root staffing", Halfin and Whitt 1981). Where
 * the needs alone exceed the pool, each gets the same part of its own (Doorman's PROPORTIONAL_SHARE): an isolate that keeps
 * its slots uses one again as soon as it is free, which no message could do as quickly.
 */
/** What is needed of a pool, in slots; by one holder, or by several together. */
export interface SlotDemand {
  /** So many would be open there if all requests found a slot, on average. */
  readonly mean: number;
  /** By so much the number swings around that: by its root at least, as in any Poisson stream. */
  readonly spread: number;
  /** So many are open there. */
  readonly open: number;
}

/** As a rule no holder needs more than so many swings before the next exchange. */
export const usualSpreads = 4;

/** Of the slots that no holder has a claim to, one holder gets this part at most: others may come. */
const mostOfFree = 1 / 4;

/** Where leases leave half of the pool free all the same, a holder gets so many: some traffic comes in bursts. */
const mostSpreads = 16;

/**
 * The slots that a holder should have of a pool, a fraction.
 * @param slots those of the pool that leased holders may have, all together.
 * @param free those of them that are free, or idle with this holder.
 * @param all the demand of all leased holders, this one included.
 * @param leasedPart the part of what is spare that is leased out, 0–1.
 */
export function fairSlots(
  slots: number,
  free: number,
  all: SlotDemand,
  holder: SlotDemand,
  leasedPart: number,
): number {
  const spare = slots - all.mean;
  if (spare <= 0) return all.mean > 0 ? (slots * holder.mean) / all.mean : 0;
  const spread = Math.max(all.spread, Number.EPSILON);
  const easily = Math.min(mostSpreads, (slots / 2 - all.mean) / spread);
  const spreads = Math.min(Math.max(usualSpreads, easily), (leasedPart * spare) / spread);
  return holder.mean + Math.min(spreads * holder.spread, mostOfFree * free);
}

/** Where there is less than a slot for each holder, holders should ask: most leased slots would lie idle. */
export function wholeSlots(fair: number): number {
  return fair < 1 ? 0 : Math.round(fair);
}

export interface OriginRoom {
  /** Its part of the coming requests, in relation to the others. */
  readonly share: number;
  /** What the holder has open there. */
  readonly open: number;
  /** What it may have there: more could exceed the origin's limit. */
  readonly most: number;
  /** What an answer that is still on its way has leased the holder there. */
  readonly promised: number;
}

export interface SpreadTerms {
  /** So many of them the holder uses on average; the others are for the swings around that. Absent: all of them. */
  readonly mean?: number;
  /** Which of several origins that lack a slot equally gets it first: holders must not all begin with the same one. */
  readonly first?: number;
}

/**
 * Spreads slots over the origins: what is open stays, even if it is more; the rest goes where there is room, what is used by
 * share and what is for swings by the root of the share, as a small stream swings more in relation. So an origin with a
 * small share has a slot, too, as long as there is one for each. What is promised is used first, for it is taken in any
 * case until the holder has had both answers.
 */
export function spreadSlots(
  slots: number,
  origins: readonly OriginRoom[],
  { mean = slots, first = 0 }: SpreadTerms = {},
): number[] {
  const open = origins.map(({ open, most }) => Math.max(0, Math.min(open, most)));
  const lacked: Lacked = { wants: wantsOf(slots, Math.min(slots, mean), origins), first };
  const promised = origins.map(({ promised, most }) => Math.min(promised, most));
  const most = origins.map((room) => room.most);
  return fill(fill(open, lacked, promised, slots), lacked, most, slots);
}

function wantsOf(slots: number, used: number, origins: readonly OriginRoom[]): number[] {
  const roots = origins.map(({ share }) => Math.sqrt(share));
  const shares = origins.reduce((sum, { share }) => sum + share, 0) || 1;
  const allRoots = total(roots) || 1;
  return origins.map(
    ({ share }, index) => (used * share) / shares + ((slots - used) * roots[index]!) / allRoots,
  );
}

/** What each origin is to have, and which comes first among equals. */
interface Lacked {
  readonly wants: readonly number[];
  readonly first: number;
}

/** Levels closer than this have at most one slot of each origin between them. */
const closeLevels = 0.5;

/**
 * Gives out slots until there are so many, each where it is lacked most, as far as the caps allow. Not one by one, since there may
 * be thousands, for as many origins: all that is lacked above a level at once, and by rank only what is left then.
 */
function fill(
  counts: readonly number[],
  { wants, first }: Lacked,
  caps: readonly number[],
  slots: number,
): number[] {
  const left = slots - total(counts);
  if (!(left > 0)) return [...counts];
  const filledTo = (level: number): number[] =>
    counts.map((count, index) => Math.max(count, Math.min(caps[index]!, Math.ceil(wants[index]! - level))));
  const lacking = wants.map((want, index) => want - counts[index]!);
  let high = Math.max(...lacking) + 1;
  let low = Math.min(...lacking) - left;
  while (high - low > closeLevels) {
    const level = (low + high) / 2;
    if (total(filledTo(level)) > slots) low = level;
    else high = level;
  }
  const filled = filledTo(high);
  const place = (index: number): number => (index + wants.length - (first % wants.length)) % wants.length;
  const ranked = [...filled.keys()]
    .filter((index) => filled[index]! < caps[index]!)
    .sort((a, b) => wants[b]! - filled[b]! - (wants[a]! - filled[a]!) || place(a) - place(b));
  for (const index of ranked.slice(0, Math.ceil(slots - total(filled)))) filled[index]!++;
  return filled;
}

function total(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}
