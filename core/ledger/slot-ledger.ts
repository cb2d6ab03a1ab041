/**
 * The object's side of the slots: how many each holder has, by what it declared and by what the object gave. A holder's slots on an
 * origin are those that it declared last, or as many as it was leased if that is more, plus those granted to asks that it
 * has not yet settled.
 *
 * A dead or silent isolate: its slots come back when their time runs out. The object cannot tell an isolate that is dead from one that is
 * cut off, nor what a silent holder started under its lease. So idle slots come back by a message, and a holder that
 * falls silent while it is busy keeps its slots until a request that it may have started at the last moment must be over: its lease's
 * time and `timeouts.total` after its last message, and `timeouts.maxHold` for a body or WebSocket that goes on.
 *
 * Eviction: memory is lost at any moment, so a holder's *ceiling* (a power of two, never exceeded without a
 * write) is persisted, and a new incarnation assumes that each holder has that much until the holder, knowing
 * the new epoch, declares and no ask from before is open any more. So rows are written when a holder grows
 * and about once a minute, never per request, and no eviction ever lets an origin be exceeded.
 */
import type { Millis, Origin, OriginName } from "../model/upstream.ts";
import { type ExchangeMessage, type HolderId, regionOf } from "../protocol/exchange.ts";
import type { OutcomeRun } from "../protocol/outcome.ts";
import type { GrantedPick } from "../protocol/pick.ts";
import type { HolderCeiling } from "./ceiling.ts";
import { isGone, silentForMs } from "./drain-confirmation.ts";
import {
  forgetAfterMs,
  idleSlots,
  isEmpty,
  lapse,
  newHolder,
  noOrigins,
  slotsOf,
  timed,
  type Holder,
  type TimedSlots,
} from "./holder.ts";
import { OriginTotals } from "./origin-totals.ts";
import { claimIn, coveredIn, forgetUnused, promisedBefore, sendBack } from "./terms.ts";

/** For so long a holder must have been idle before its ceiling is forgotten: a busy one is not written each time. */
export const retireAfterMs = 4_000;

/** A message, and whose. */
type Ask = Pick<ExchangeMessage, "holder" | "seq">;

export class SlotLedger {
  readonly #holders = new Map<HolderId, Holder>();
  readonly #totals: OriginTotals;
  readonly #epoch: number;
  /** It has heard of all that holders have said since. */
  readonly sinceMs: Millis;
  #pruneAtMs = 0;

  /** `epoch` is greater in each incarnation; `ceilings` is what the last one left behind. */
  constructor(epoch: number, ceilings: readonly HolderCeiling[], now: Millis) {
    this.#epoch = epoch;
    this.sinceMs = now;
    this.#totals = new OriginTotals(now);
    for (const ceiling of ceilings) {
      const { untilMs, slots } = ceiling;
      if (untilMs + silentForMs <= now) continue;
      const entry = this.#holder(ceiling.holder, Math.min(now, untilMs));
      entry.goesOn = true;
      entry.ceiling.load(ceiling);
      if (untilMs <= now) entry.lapsed = new Set(Object.keys(slots));
      if (untilMs <= now) continue;
      entry.assumed = Object.entries(slots).map(([origin, open]) => ({
        origin,
        open,
        sinceMs: now,
        untilMs,
      }));
      this.#totals.count(entry.assumed, 1);
    }
  }

  /** What all holders have on an origin together. */
  get totals(): Pick<OriginTotals, "inUse" | "ageOf" | "taken"> {
    return this.#totals;
  }

  /** All that have, or may have, something, or did until a while ago. */
  get entries(): ReadonlyMap<HolderId, Holder> {
    return this.#holders;
  }

  /** An ask of the holder waits for a slot. */
  waits(id: HolderId): void {
    const holder = this.#holders.get(id);
    if (holder !== undefined) holder.goesOn = true;
  }

  /** Takes in what a message declares. One older than the last taken in changes nothing: then `false` is returned. */
  declare(message: ExchangeMessage, now: Millis): boolean {
    this.prune(now);
    const holder = this.#holder(message.holder, now);
    holder.heardMs = now;
    holder.outSeen = Math.max(holder.outSeen, message.outSeen ?? 0);
    if (message.epoch === this.#epoch) holder.firstOfEpoch = Math.min(holder.firstOfEpoch, message.seq);
    if (message.seq <= holder.seq) return false;
    holder.seq = message.seq;
    holder.awaiting = new Set(message.awaiting);
    this.#totals.count(holder.declared, -1);
    holder.declared = message.held.map((held) => timed(held, now));
    this.#totals.count(holder.declared, 1);
    for (const [ask, grant] of holder.grants) {
      if (holder.awaiting.has(ask)) continue;
      holder.grants.delete(ask);
      this.#totals.count([grant], -1);
    }
    if (message.replaces === true) this.#replace(message.holder);
    forgetUnused(holder, message);
    this.#recountIdle(holder);
    this.#settle(holder, message);
    if (holder.lapsed.size > 0) holder.lapsed = noOrigins;
    holder.goesOn = !isEmpty(holder) || message.awaiting.length > 1 || message.recovering === true;
    return true;
  }

  /** A region's object has come to life again: what its earlier incarnations had it declares itself. */
  #replace(by: HolderId): void {
    const region = regionOf(by);
    for (const [id, holder] of this.#holders) {
      if (id === by || regionOf(id) !== region) continue;
      this.#totals.count(holder.declared, -1);
      this.#totals.count(holder.assumed, -1);
      for (const grant of holder.grants.values()) this.#totals.count([grant], -1);
      Object.assign(holder, { declared: [], assumed: [], lapsed: noOrigins, outSeen: Infinity });
      holder.grants.clear();
      holder.offers.clear();
      this.#recountIdle(holder);
    }
  }

  /** What a lease in answer to this message covers: what is declared, open or lent on, and what was granted in that answer. */
  held({ holder: id, seq }: Ask, origin: OriginName): number {
    const holder = this.#holders.get(id);
    return holder === undefined ? 0 : coveredIn(holder, seq, origin);
  }

  /** The most it may have by what it declared, was leased, and was granted in that answer; other grants come on top. */
  claimOf({ holder: id, seq }: Ask, origin: OriginName): number {
    const holder = this.#holders.get(id);
    return holder === undefined ? 0 : claimIn(holder, seq, origin);
  }

  /** What it was leased in the latest answer that it had not heard when it wrote the message. */
  promised({ holder: id, seq }: Ask, origin: OriginName): number {
    const holder = this.#holders.get(id);
    return holder === undefined ? 0 : promisedBefore(holder, seq, origin);
  }

  /**
   * Sends an ask back to the slots that its holder was leased on these origins and does not use; `false` if there are none, or as
   * many asks have been sent back to them already.
   */
  sendBack({ holder: id, seq }: Ask, origins: readonly Pick<Origin, "name">[]): boolean {
    const holder = this.#holders.get(id);
    return holder !== undefined && sendBack(holder, seq, origins);
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
    holder.goesOn = true;
    this.#totals.count([grant], 1);
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
    holder.goesOn = true;
    this.#recountIdle(holder);
    return this.#raiseCeiling(id, holder, [...slots.keys()], goneMs);
  }

  /**
   * The holder's ceiling, if it has to be persisted: what it declares outlives the persisted one, since streams that go on must be
   * remembered as long as they are declared. Or the holder has nothing, but may go on alone: it could not reach the object, or awaits
   * several answers, of which some may be lost. Then the row has no slots, and says that a drain must wait for this holder.
   */
  extendCeiling(id: HolderId, now: Millis): HolderCeiling | undefined {
    const holder = this.#holders.get(id);
    if (holder === undefined) return undefined;
    let longest: TimedSlots | undefined;
    for (const slots of holder.declared) {
      if (slots.untilMs > (longest?.untilMs ?? holder.ceiling.untilMs)) longest = slots;
    }
    if (longest !== undefined) return this.#raiseCeiling(id, holder, [longest.origin], longest.untilMs);
    if (!holder.goesOn || !isEmpty(holder) || holder.ceiling.untilMs >= now) return undefined;
    holder.ceiling.forget();
    return this.#raiseCeiling(id, holder, [], now);
  }

  /**
   * Holders that have had nothing for a while and whose ceiling need not be remembered any more: otherwise an
   * object that wakes up on a quiet site would take a burst of a minute ago for open requests.
   */
  retire(now: Millis): HolderId[] {
    const retired: HolderId[] = [];
    for (const [id, holder] of this.#holders) {
      if (!isGone(holder, now) || holder.ceiling.untilMs === 0 || now - holder.heardMs < retireAfterMs)
        continue;
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
      holder.declared = this.#current(holder, holder.declared, now);
      holder.assumed = this.#current(holder, holder.assumed, now);
      for (const [ask, grant] of holder.grants) {
        if (grant.untilMs > now) continue;
        holder.grants.delete(ask);
        lapse(holder, [grant.origin]);
        this.#totals.count([grant], -1);
      }
      for (const [seq, { slots, goneMs }] of holder.offers) {
        if (goneMs > now) continue;
        holder.offers.delete(seq);
        lapse(holder, slots.keys());
      }
      this.#recountIdle(holder);
      const silent = holder.heardMs + forgetAfterMs <= now && holder.ceiling.untilMs <= now;
      if (isGone(holder, now) && silent) this.#holders.delete(id);
    }
  }

  #current(holder: Holder, slots: TimedSlots[], now: Millis): TimedSlots[] {
    const over = slots.filter((held) => held.untilMs <= now);
    if (over.length === 0) return slots;
    lapse(
      holder,
      over.map(({ origin }) => origin),
    );
    this.#totals.count(over, -1);
    return slots.filter((held) => held.untilMs > now);
  }

  /** Once the holder answers to this epoch and uses or awaits nothing older, its declaration is the whole truth. */
  #settle(holder: Holder, { epoch, awaiting, lease = Infinity }: ExchangeMessage): void {
    if (holder.assumed.length === 0 || epoch !== this.#epoch) return;
    if (lease < holder.firstOfEpoch || awaiting.some((seq) => seq < holder.firstOfEpoch)) return;
    this.#totals.count(holder.assumed, -1);
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
    this.#totals.countIdle(holder.idle, -1);
    holder.idle = idleSlots(holder);
    this.#totals.countIdle(holder.idle, 1);
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
