/**
 * The object's side of the slots: who holds how many, on its own word and on ours. A holder's slots on an
 * origin are those it declared last, plus those granted to asks that it has not yet settled. Whatever a
 * holder stops speaking of comes back when its time runs out.
 *
 * Eviction: memory is lost at any moment, so a holder's *ceiling* (a power of two, never exceeded without a
 * write) is persisted, and a new incarnation assumes that each holder has that much until the holder, knowing
 * the new epoch, declares and no ask from before is open any more. So rows are written when a holder grows
 * and about twice a minute, never per request, and no eviction ever lets an origin be exceeded.
 */
import type { Millis, OriginName } from "../upstream.ts";
import type { ExchangeMessage, GrantedPick, HolderId, Outcome } from "./exchange.ts";
import { newHolder, setCeiling, slotsOf, timed, type Holder, type TimedSlots } from "./holder.ts";

/** What must survive of one holder: the most slots it may have on each origin, and until when. */
export interface HolderCeiling {
  readonly holder: HolderId;
  readonly untilMs: Millis;
  readonly slots: Readonly<Record<OriginName, number>>;
}

/** A persisted ceiling covers this much more time than is needed now, so that it is not rewritten each time. */
const ceilingSlackMs = 30_000;

/** For so long a holder must have been idle before its ceiling is forgotten: a busy one is not written each time. */
export const retireAfterMs = 4_000;

/** A silent holder's sequence number is remembered this long, so that a late copy of a message stays a copy. */
const forgetAfterMs = 60_000;

export class SlotLedger {
  readonly #holders = new Map<HolderId, Holder>();
  readonly #inUse = new Map<OriginName, number>();
  readonly #epoch: number;
  #pruneAtMs = 0;

  /** `epoch` is greater in each incarnation; `ceilings` is what the last one left behind. */
  constructor(epoch: number, ceilings: readonly HolderCeiling[], now: Millis) {
    this.#epoch = epoch;
    for (const { holder, untilMs, slots } of ceilings) {
      if (untilMs <= now) continue;
      const entry = this.#holder(holder, now);
      entry.ceiling = new Map(Object.entries(slots));
      entry.ceilingUntilMs = untilMs;
      entry.assumed = Object.entries(slots).map(([origin, open]) => ({ origin, open, untilMs }));
      this.#count(entry.assumed, 1);
    }
  }

  /** Slots in use on the origin, all holders together. */
  inUse(origin: OriginName): number {
    return this.#inUse.get(origin) ?? 0;
  }

  /** Holders that have, or may have, something. */
  get holders(): number {
    return this.#holders.size;
  }

  /** Takes in what a message declares. One older than the last taken in changes nothing. */
  declare(message: ExchangeMessage, now: Millis): void {
    this.prune(now);
    const holder = this.#holder(message.holder, now);
    holder.heardMs = now;
    if (message.epoch === this.#epoch) holder.firstOfEpoch = Math.min(holder.firstOfEpoch, message.seq);
    if (message.seq <= holder.seq) return;
    holder.seq = message.seq;
    holder.asking = new Set(message.asking);
    this.#count(holder.declared, -1);
    holder.declared = message.held.map((held) => timed(held, now));
    this.#count(holder.declared, 1);
    for (const [ask, grant] of holder.grants) {
      if (holder.asking.has(ask)) continue;
      holder.grants.delete(ask);
      this.#count([grant], -1);
    }
    this.#settle(holder, message);
  }

  /** The message's outcomes that no earlier message brought. */
  newOutcomes(message: ExchangeMessage): readonly Outcome[] {
    const holder = this.#holders.get(message.holder);
    if (holder === undefined || message.outcomes.length === 0) return [];
    const fresh = message.outcomes.slice(Math.max(0, holder.outcomesSeen - message.outcomesFrom));
    if (fresh.length > 0) holder.outcomesSeen = message.outcomesFrom + message.outcomes.length;
    return fresh;
  }

  /** Outcomes of the holder below this number have been returned by `newOutcomes`. */
  outcomesSeen(holder: HolderId): number {
    return this.#holders.get(holder)?.outcomesSeen ?? 0;
  }

  /** The pick already granted to this ask: a repeated message gets the same answer. */
  granted(holder: HolderId, ask: number): GrantedPick | undefined {
    return this.#holders.get(holder)?.grants.get(ask)?.pick;
  }

  /** Whether the holder still waits for the answer to this ask. */
  isAsking(holder: HolderId, ask: number): boolean {
    return this.#holders.get(holder)?.asking.has(ask) ?? false;
  }

  /**
   * Gives the ask a slot for at most `forMs`. The caller has seen that the origin has room. Returns the
   * holder's new ceiling if it must be persisted before the grant may be answered.
   */
  grant(
    ask: { readonly holder: HolderId; readonly seq: number },
    pick: GrantedPick,
    forMs: Millis,
    now: Millis,
  ): HolderCeiling | undefined {
    const holder = this.#holder(ask.holder, now);
    const grant = { origin: pick.origin, open: 1, untilMs: now + forMs, pick };
    holder.grants.set(ask.seq, grant);
    this.#count([grant], 1);
    return this.#raiseCeiling(ask.holder, holder, pick.origin, grant.untilMs);
  }

  /**
   * The holder's ceiling, if what it declares outlives the persisted one: streams that go on must be
   * remembered as long as they are declared.
   */
  extendCeiling(id: HolderId): HolderCeiling | undefined {
    const holder = this.#holders.get(id);
    if (holder === undefined) return undefined;
    let longest: TimedSlots | undefined;
    for (const slots of holder.declared) {
      if (slots.untilMs > (longest?.untilMs ?? holder.ceilingUntilMs)) longest = slots;
    }
    return longest && this.#raiseCeiling(id, holder, longest.origin, longest.untilMs);
  }

  /**
   * Holders that have had nothing for a while and whose ceiling need not be remembered any more: otherwise an
   * object that wakes up on a quiet site would take a burst of a minute ago for open requests.
   */
  retire(now: Millis): HolderId[] {
    const retired: HolderId[] = [];
    for (const [id, holder] of this.#holders) {
      const empty = holder.declared.length + holder.assumed.length + holder.grants.size === 0;
      if (!empty || holder.ceilingUntilMs === 0 || now - holder.heardMs < retireAfterMs) continue;
      holder.ceiling = new Map();
      holder.ceilingUntilMs = 0;
      retired.push(id);
    }
    return retired;
  }

  /** Lets go of everything whose time is over. Cheap to call often: it looks at most once a second. */
  prune(now: Millis): void {
    if (now < this.#pruneAtMs) return;
    this.#pruneAtMs = now + 1_000;
    for (const [id, holder] of this.#holders) {
      holder.declared = this.#current(holder.declared, now);
      holder.assumed = this.#current(holder.assumed, now);
      for (const [ask, grant] of holder.grants) {
        if (grant.untilMs > now) continue;
        holder.grants.delete(ask);
        this.#count([grant], -1);
      }
      const empty = holder.declared.length + holder.assumed.length + holder.grants.size === 0;
      const silent = holder.heardMs + forgetAfterMs <= now && holder.ceilingUntilMs <= now;
      if (empty && silent) this.#holders.delete(id);
    }
  }

  #current(slots: TimedSlots[], now: Millis): TimedSlots[] {
    const over = slots.filter((held) => held.untilMs <= now);
    if (over.length === 0) return slots;
    this.#count(over, -1);
    return slots.filter((held) => held.untilMs > now);
  }

  /** Once the holder answers to this epoch and no older ask is open, its declaration is the whole truth. */
  #settle(holder: Holder, message: ExchangeMessage): void {
    if (holder.assumed.length === 0 || message.epoch !== this.#epoch) return;
    if (message.asking.some((ask) => ask < holder.firstOfEpoch)) return;
    this.#count(holder.assumed, -1);
    holder.assumed = [];
  }

  /**
   * Makes the ceiling cover what the holder may have now. When its time has to be prolonged it also shrinks to
   * that, so that a busy hour is not held against a quiet one.
   */
  #raiseCeiling(
    id: HolderId,
    holder: Holder,
    origin: OriginName,
    untilMs: Millis,
  ): HolderCeiling | undefined {
    const outlived = untilMs > holder.ceilingUntilMs;
    const ceiling = holder.ceiling.get(origin) ?? 0;
    const needed = slotsOf(holder, origin);
    if (needed <= ceiling && !outlived) return undefined;
    if (outlived) {
      for (const name of holder.ceiling.keys()) setCeiling(holder, name, slotsOf(holder, name));
      holder.ceilingUntilMs = untilMs + ceilingSlackMs;
    }
    setCeiling(holder, origin, needed);
    return { holder: id, untilMs: holder.ceilingUntilMs, slots: Object.fromEntries(holder.ceiling) };
  }

  #count(slots: readonly TimedSlots[], sign: 1 | -1): void {
    for (const { origin, open } of slots) this.#inUse.set(origin, this.inUse(origin) + sign * open);
  }

  #holder(id: HolderId, now: Millis): Holder {
    let holder = this.#holders.get(id);
    if (holder === undefined) {
      holder = newHolder(now);
      this.#holders.set(id, holder);
    }
    return holder;
  }
}
