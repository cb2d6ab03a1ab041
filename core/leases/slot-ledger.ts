/**
 * The object's side of the slots: who holds how many, on its own word and on ours. A holder's slots on an
 * origin are those it declared last, or as many as it was leased if that is more, plus those granted to asks that it
 * has not yet settled. Whatever a holder stops speaking of comes back when its time runs out: also what it may
 * have started under its lease, which nobody can tell from what it did not. So it is given back by a word, and a holder that
 * falls silent while it is busy keeps it until a request of the last moment would be over.
 *
 * Eviction: memory is lost at any moment, so a holder's *ceiling* (a power of two, never exceeded without a
 * write) is persisted, and a new incarnation assumes that each holder has that much until the holder, knowing
 * the new epoch, declares and no ask from before is open any more. So rows are written when a holder grows
 * and about once a minute, never per request, and no eviction ever lets an origin be exceeded.
 */
import type { Millis, OriginName } from "../upstream.ts";
import type { HolderCeiling } from "./ceiling.ts";
import type { ExchangeMessage, GrantedPick, HeldSlots, HolderId, OutcomeRun } from "./exchange.ts";
import {
  idleSlots,
  isEmpty,
  keepOnly,
  newHolder,
  slotsOf,
  timed,
  type Holder,
  type TimedSlots,
} from "./holder.ts";
import { regionOf } from "./region.ts";

/** For so long a holder must have been idle before its ceiling is forgotten: a busy one is not written each time. */
export const retireAfterMs = 4_000;

/** A silent holder's sequence number is remembered this long, so that a late copy of a message stays a copy. */
const forgetAfterMs = 60_000;

/** Answers were late or lost, as a holder has said. */
export interface Trouble {
  /** When one said so last. */
  readonly heardMs: Millis;
  /** Holders that have been silent for so long leave the object alone. */
  readonly silentForMs: Millis;
}

/** A message, and whose. */
type Ask = Pick<ExchangeMessage, "holder" | "seq">;

export class SlotLedger {
  readonly #holders = new Map<HolderId, Holder>();
  readonly #inUse = new Map<OriginName, number>();
  /** What holders may open on it without a word. */
  readonly #idle = new Map<OriginName, number>();
  readonly #epoch: number;
  #pruneAtMs = 0;

  /** `epoch` is greater in each incarnation; `ceilings` is what the last one left behind. */
  constructor(epoch: number, ceilings: readonly HolderCeiling[], now: Millis) {
    this.#epoch = epoch;
    for (const ceiling of ceilings) {
      const { untilMs, slots } = ceiling;
      if (untilMs <= now) continue;
      const entry = this.#holder(ceiling.holder, now);
      entry.ceiling.load(ceiling);
      entry.assumed = Object.entries(slots).map(([origin, open]) => ({ origin, open, untilMs }));
      this.#count(entry.assumed, 1);
    }
  }

  /** Open requests on the origin, as far as the object has heard; all holders together. */
  inUse(origin: OriginName): number {
    return this.#inUse.get(origin) ?? 0;
  }

  /** The most that may be open on the origin: what is in use, and what holders were leased beyond that. */
  taken(origin: OriginName): number {
    return this.inUse(origin) + (this.#idle.get(origin) ?? 0);
  }

  /**
   * Of those taken, what perhaps nobody has, by origin: what holders may have had before the object lost its memory, and
   * have not spoken of since. In trouble, also what was granted before it was heard of and not spoken of since: it may not
   * have been taken; and what was leased to holders that leave the object alone.
   */
  doubtful(trouble: Trouble | undefined, now: Millis): ReadonlyMap<OriginName, number> {
    const doubtful = new Map<OriginName, number>();
    const count = (origin: OriginName, open: number): void => {
      doubtful.set(origin, (doubtful.get(origin) ?? 0) + open);
    };
    for (const { assumed, grants, idle, heardMs } of this.#holders.values()) {
      for (const { origin, open } of assumed) count(origin, open);
      if (trouble === undefined) continue;
      for (const { origin, open, sinceMs } of grants.values()) {
        if (sinceMs <= trouble.heardMs) count(origin, open);
      }
      if (heardMs + trouble.silentForMs > now) continue;
      for (const [origin, open] of idle) count(origin, open);
    }
    return doubtful;
  }

  /** Holders that have, or may have, something. */
  get holders(): number {
    return this.#holders.size;
  }

  /** Takes in what a message declares. One older than the last taken in changes nothing: then `false` is returned. */
  declare(message: ExchangeMessage, now: Millis): boolean {
    this.prune(now);
    const holder = this.#holder(message.holder, now);
    holder.heardMs = now;
    if (message.epoch === this.#epoch) holder.firstOfEpoch = Math.min(holder.firstOfEpoch, message.seq);
    if (message.seq <= holder.seq) return false;
    holder.seq = message.seq;
    holder.awaiting = new Set(message.awaiting);
    this.#count(holder.declared, -1);
    holder.declared = message.held.map((held) => timed(held, now));
    this.#count(holder.declared, 1);
    for (const [ask, grant] of holder.grants) {
      if (holder.awaiting.has(ask)) continue;
      holder.grants.delete(ask);
      this.#count([grant], -1);
    }
    if (message.replaces === true) this.#replace(message.holder);
    for (const seq of holder.offers.keys()) {
      if (seq !== message.lease && !holder.awaiting.has(seq)) holder.offers.delete(seq);
    }
    if (message.lease !== undefined && message.keeps !== undefined) {
      keepOnly(holder, message.lease, message.keeps);
    }
    this.#recountIdle(holder);
    this.#settle(holder, message);
    return true;
  }

  /** What a region tells its root: for each origin what is open, what is lent beyond that, and for how long at most. */
  lentOut(now: Millis): HeldSlots[] {
    const untilMs = new Map<OriginName, Millis>();
    const note = (origin: OriginName, until: Millis): void => {
      if (until > (untilMs.get(origin) ?? now)) untilMs.set(origin, until);
    };
    for (const { declared, assumed, grants, offers } of this.#holders.values()) {
      for (const slots of [...declared, ...assumed, ...grants.values()]) note(slots.origin, slots.untilMs);
      for (const { slots, goneMs } of offers.values())
        for (const origin of slots.keys()) note(origin, goneMs);
    }
    return Array.from(untilMs, ([origin, until]) => {
      const open = this.inUse(origin);
      return { origin, open, lent: this.taken(origin) - open, forMs: until - now };
    });
  }

  /** A region's object has come to life again: what its earlier incarnations had it declares itself. */
  #replace(by: HolderId): void {
    const region = regionOf(by);
    for (const [id, holder] of this.#holders) {
      if (id === by || regionOf(id) !== region) continue;
      this.#count(holder.declared, -1);
      this.#count(holder.assumed, -1);
      for (const grant of holder.grants.values()) this.#count([grant], -1);
      Object.assign(holder, { declared: [], assumed: [] });
      holder.grants.clear();
      holder.offers.clear();
      this.#recountIdle(holder);
    }
  }

  /** What a lease in answer to this message covers: what is declared, open or lent on, and what was granted in that answer. */
  held({ holder: id, seq }: Ask, origin: OriginName): number {
    const holder = this.#holders.get(id);
    const grant = holder?.grants.get(seq);
    let slots = grant?.origin === origin ? grant.open : 0;
    for (const held of holder?.declared ?? []) {
      if (held.origin === origin) slots += held.open + (held.lent ?? 0);
    }
    return slots;
  }

  /** The most it may have by what it declared, was leased, and was granted in that answer; other grants come on top. */
  claimOf({ holder: id, seq }: Ask, origin: OriginName): number {
    const holder = this.#holders.get(id);
    const grant = holder?.grants.get(seq);
    let slots = (holder?.idle.get(origin) ?? 0) + (grant?.origin === origin ? grant.open : 0);
    for (const held of holder?.declared ?? []) if (held.origin === origin) slots += held.open;
    return slots;
  }

  /** What it was leased in the latest answer that it had not heard when it wrote the message. */
  promised({ holder: id, seq: latest }: Ask, origin: OriginName): number {
    const holder = this.#holders.get(id);
    let slots = 0;
    // They were made in this order.
    for (const [seq, offer] of holder?.offers ?? []) {
      if (seq !== latest && holder?.awaiting.has(seq)) slots = offer.slots.get(origin) ?? 0;
    }
    return slots;
  }

  /** The message's outcomes that no earlier message brought. */
  newOutcomes(message: ExchangeMessage): readonly OutcomeRun[] {
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

  /** Whether the holder still waits for the answer to this message. */
  isAwaited(holder: HolderId, seq: number): boolean {
    return this.#holders.get(holder)?.awaiting.has(seq) ?? false;
  }

  /**
   * Gives the ask a slot for at most `forMs`. The caller has seen that the origin has room. Returns the
   * holder's new ceiling if it must be persisted before the grant may be answered.
   */
  grant(ask: Ask, pick: GrantedPick, forMs: Millis, now: Millis): HolderCeiling | undefined {
    const holder = this.#holder(ask.holder, now);
    const grant = { origin: pick.origin, open: 1, sinceMs: now, untilMs: now + forMs, pick };
    holder.grants.set(ask.seq, grant);
    this.#count([grant], 1);
    return this.#raiseCeiling(ask.holder, holder, [pick.origin], grant.untilMs);
  }

  /**
   * Leases the holder these slots, in answer to its latest message: for `forMs` it may have so many open by starting
   * them itself. The caller has seen that the origins have room. What it then starts lasts `requestMs` more at most, or is
   * declared. Returns the new ceiling as `grant` does.
   */
  lease(
    { holder: id, seq }: Ask,
    slots: ReadonlyMap<OriginName, number>,
    { forMs, requestMs }: { readonly forMs: Millis; readonly requestMs: Millis },
    now: Millis,
  ): HolderCeiling | undefined {
    const holder = this.#holder(id, now);
    const goneMs = now + forMs + requestMs;
    holder.offers.set(seq, { slots, goneMs });
    this.#recountIdle(holder);
    return slots.size > 0 ? this.#raiseCeiling(id, holder, [...slots.keys()], goneMs) : undefined;
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
      if (slots.untilMs > (longest?.untilMs ?? holder.ceiling.untilMs)) longest = slots;
    }
    return longest && this.#raiseCeiling(id, holder, [longest.origin], longest.untilMs);
  }

  /**
   * Holders that have had nothing for a while and whose ceiling need not be remembered any more: otherwise an
   * object that wakes up on a quiet site would take a burst of a minute ago for open requests.
   */
  retire(now: Millis): HolderId[] {
    const retired: HolderId[] = [];
    for (const [id, holder] of this.#holders) {
      if (!isEmpty(holder) || holder.ceiling.untilMs === 0 || now - holder.heardMs < retireAfterMs) continue;
      holder.ceiling.forget();
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
      for (const [seq, { goneMs }] of holder.offers) if (goneMs <= now) holder.offers.delete(seq);
      this.#recountIdle(holder);
      const silent = holder.heardMs + forgetAfterMs <= now && holder.ceiling.untilMs <= now;
      if (isEmpty(holder) && silent) this.#holders.delete(id);
    }
  }

  #current(slots: TimedSlots[], now: Millis): TimedSlots[] {
    const over = slots.filter((held) => held.untilMs <= now);
    if (over.length === 0) return slots;
    this.#count(over, -1);
    return slots.filter((held) => held.untilMs > now);
  }

  /** Once the holder answers to this epoch and uses or awaits nothing older, its declaration is the whole truth. */
  #settle(holder: Holder, { epoch, awaiting, lease = Infinity }: ExchangeMessage): void {
    if (holder.assumed.length === 0 || epoch !== this.#epoch) return;
    if (lease < holder.firstOfEpoch || awaiting.some((seq) => seq < holder.firstOfEpoch)) return;
    this.#count(holder.assumed, -1);
    holder.assumed = [];
  }

  /** Makes the ceiling cover what the holder has there; returns it if it must be persisted before that is answered. */
  #raiseCeiling(
    id: HolderId,
    holder: Holder,
    origins: readonly OriginName[],
    untilMs: Millis,
  ): HolderCeiling | undefined {
    const raised = holder.ceiling.cover(origins, (origin) => slotsOf(holder, origin), untilMs);
    return raised ? holder.ceiling.of(id) : undefined;
  }

  #recountIdle(holder: Holder): void {
    for (const [origin, count] of holder.idle) this.#idle.set(origin, (this.#idle.get(origin) ?? 0) - count);
    holder.idle = idleSlots(holder);
    for (const [origin, count] of holder.idle) this.#idle.set(origin, (this.#idle.get(origin) ?? 0) + count);
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
