/**
 * What the object knows of one holder. Slots that come from three sources add up to the most it may have: what
 * it declared, what it was granted since, and what an earlier incarnation of the object may have granted.
 */
import type { Millis, OriginName } from "../upstream.ts";
import type { GrantedPick, HeldSlots } from "./exchange.ts";

export interface TimedSlots {
  readonly origin: OriginName;
  readonly open: number;
  readonly untilMs: Millis;
}

export interface Grant extends TimedSlots {
  readonly pick: GrantedPick;
}

export interface Holder {
  seq: number;
  asking: ReadonlySet<number>;
  declared: TimedSlots[];
  readonly grants: Map<number, Grant>;
  /** Left over from an earlier incarnation; empty once settled. */
  assumed: TimedSlots[];
  ceiling: Map<OriginName, number>;
  ceilingUntilMs: Millis;
  heardMs: Millis;
  /** The first message that knew this incarnation's epoch. */
  firstOfEpoch: number;
  outcomesSeen: number;
}

export function newHolder(now: Millis): Holder {
  return {
    seq: 0,
    asking: new Set(),
    declared: [],
    grants: new Map(),
    assumed: [],
    ceiling: new Map(),
    ceilingUntilMs: 0,
    heardMs: now,
    firstOfEpoch: Infinity,
    outcomesSeen: 0,
  };
}

/** The most the holder may have on the origin, as far as this incarnation can know. */
export function slotsOf(holder: Holder, origin: OriginName): number {
  let slots = 0;
  for (const held of holder.declared) if (held.origin === origin) slots += held.open;
  for (const held of holder.assumed) if (held.origin === origin) slots += held.open;
  for (const held of holder.grants.values()) if (held.origin === origin) slots += held.open;
  return slots;
}

/** A power of two, so that a holder that grows is rewritten seldom. */
export function setCeiling({ ceiling }: Holder, origin: OriginName, slots: number): void {
  if (slots === 0) ceiling.delete(origin);
  else ceiling.set(origin, 2 ** Math.ceil(Math.log2(slots)));
}

/** A declaration, with its end on the object's own clock. */
export function timed({ origin, open, forMs }: HeldSlots, now: Millis): TimedSlots {
  return { origin, open, untilMs: now + forMs };
}
