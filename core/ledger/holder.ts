/**
 * What the object knows of one holder (an isolate or a region), and how long it remembers a silent one. The most that a holder may have
 * is the sum of: what it declared, or what it was leased if that is more; what it was granted since; and what an earlier incarnation of
 * the object may have granted.
 */
import type { Millis, OriginName } from "../model/upstream.ts";
import type { HeldSlots } from "../protocol/exchange.ts";
import type { GrantedPick } from "../protocol/pick.ts";
import { Ceiling } from "./ceiling.ts";

/** A silent holder's sequence number is remembered this long, so that a late copy of a message stays a copy. */
export const forgetAfterMs: Millis = 60_000;

export interface TimedSlots {
  readonly origin: OriginName;
  readonly open: number;
  /** Lent on by a region, beyond what is open. */
  readonly lent?: number | undefined;
  /** When these were opened, on average. */
  readonly sinceMs: Millis;
  readonly untilMs: Millis;
}

export interface Grant extends TimedSlots {
  readonly pick: GrantedPick;
}

/** A lease that the holder may be using. */
export interface OfferedLease {
  readonly slots: ReadonlyMap<OriginName, number>;
  /** What may have been started under it has ended, or was declared, by then. */
  readonly goneMs: Millis;
}

export interface Holder {
  seq: number;
  awaiting: ReadonlySet<number>;
  declared: TimedSlots[];
  readonly grants: Map<number, Grant>;
  /** By the message they were the answer to: the holder uses one of them. */
  readonly offers: Map<number, OfferedLease>;
  /** What it may have open beyond what it declared: the most that any of these lets it, or what it has lent on. */
  idle: ReadonlyMap<OriginName, number>;
  /** Asks that were sent back to the idle slots of its lease, until a message of the holder's no longer awaits them. */
  readonly sentBack: Set<number>;
  /** Left over from an earlier incarnation; empty once settled. */
  assumed: TimedSlots[];
  readonly ceiling: Ceiling;
  heardMs: Millis;
  /** It had something when it was heard last, or was given something since: it may go on when it is cut off. */
  goesOn: boolean;
  /** Origins on which something of it ran out since, of which it did not say that it was over: cut off, it may go on there. */
  lapsed: ReadonlySet<OriginName>;
  /** The version of the operator's orders that it goes by. */
  outSeen: number;
  /** The first message that knew this incarnation's epoch. */
  firstOfEpoch: number;
  outcomesSeen: number;
}

const noMessages: ReadonlySet<number> = new Set();
const nothing: ReadonlyMap<OriginName, number> = new Map();
export const noOrigins: ReadonlySet<OriginName> = new Set();

export function newHolder(now: Millis): Holder {
  return {
    seq: 0,
    awaiting: noMessages,
    declared: [],
    grants: new Map(),
    offers: new Map(),
    idle: nothing,
    sentBack: new Set(),
    assumed: [],
    ceiling: new Ceiling(),
    heardMs: now,
    goesOn: false,
    lapsed: noOrigins,
    outSeen: 0,
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
  return slots + (holder.idle.get(origin) ?? 0);
}

/** The time of what it had on these origins is over, and it has not said that it is. */
export function lapse(holder: Holder, origins: Iterable<OriginName>): void {
  holder.lapsed = new Set([...holder.lapsed, ...origins]);
}

/** How many have, or may have, something, or did in the last minute. */
export function countActive(holders: Iterable<Holder>, now: Millis): number {
  let active = 0;
  for (const holder of holders) if (!isEmpty(holder) || holder.heardMs + forgetAfterMs > now) active++;
  return active;
}

/** Whether there is nothing that it may have. */
export function isEmpty({ declared, assumed, grants, offers }: Holder): boolean {
  return declared.length + assumed.length + grants.size + offers.size === 0;
}

/**
 * What may be open without a word, by origin: the most of any of the holder's offers less what it declared, and less the
 * slot that was granted in the same answer (a request that takes up that offer has taken that slot); or what it has lent on, if that
 * is more.
 */
export function idleSlots({ offers, declared, grants }: Holder): ReadonlyMap<OriginName, number> {
  const lent = declared.filter((held) => held.lent !== undefined);
  if (offers.size + lent.length === 0) return nothing;
  const idle = new Map<OriginName, number>();
  for (const [seq, { slots }] of offers) {
    const grant = grants.get(seq);
    for (const [origin, count] of slots) {
      const own = count - (grant?.origin === origin ? grant.open : 0);
      idle.set(origin, Math.max(own, idle.get(origin) ?? 0));
    }
  }
  for (const { origin, open } of declared) {
    const left = (idle.get(origin) ?? 0) - open;
    if (left > 0) idle.set(origin, left);
    else idle.delete(origin);
  }
  for (const { origin, lent: count = 0 } of lent) {
    if (count > (idle.get(origin) ?? 0)) idle.set(origin, count);
  }
  return idle;
}

/** A declaration, with its times on the object's own clock. */
export function timed({ origin, open, lent, forMs, ageMs = 0 }: HeldSlots, now: Millis): TimedSlots {
  return { origin, open, lent, sinceMs: now - ageMs, untilMs: now + forMs };
}
