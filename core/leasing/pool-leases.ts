/**
 * What one holder is lent of one pool: the share of each origin in its traffic, how many slots it may use without asking, and which
 * origins it may ask for besides. Made for each exchange from what the object knows of the fleet; `leasing.ts` says which holders are leased at all.
 */
import { hasBudget } from "../budget/budgets.ts";
import type { SlotLedger } from "../ledger/slot-ledger.ts";
import type { Origin, Policy, Pool } from "../model/upstream.ts";
import { type ExchangeMessage, regionOf } from "../protocol/exchange.ts";
import type { LeasedOrigin } from "../protocol/lease.ts";
import { slowStartOf } from "../selection/eligible.ts";
import { hashText } from "../selection/hash.ts";
import { goesByLoad } from "../selection/registry.ts";
import { fairSlots, spreadSlots, wholeSlots, type SlotDemand } from "./allotment.ts";
import { sharingOf, spreadFor, type Lent, type LimitedRoom } from "./few-slots.ts";
import type { FleetDemand } from "./fleet-demand.ts";
import type { FleetShares } from "./fleet-shares.ts";
import type { LeasablePool } from "./leasable-pool.ts";
import type { LeasingView } from "./leasing-view.ts";
import type { ObjectLoad } from "./object-load.ts";
import { askedUpTo } from "./pace.ts";
import type { LeaseTuning } from "./tuning.ts";

/** The part of a pool in use below which it is mostly idle. */
const quietBelow = 0.25;

/**
 * While requests wait and there are too many messages for each of them to be asked for, each holder keeps this part of what it has open,
 * so that the other slots come to the requests that wait.
 */
const keptWhileWaiting = 0.75;

/** What is known of the fleet: its slots, what its holders need, and how much the object is asked. */
export interface FleetView {
  readonly policy: Policy;
  readonly ledger: SlotLedger;
  readonly demand: FleetDemand;
  readonly shares: FleetShares;
  readonly load: ObjectLoad;
  readonly tuning: LeaseTuning;
}

export class PoolLeases {
  readonly #fleet: FleetView;

  constructor(fleet: FleetView) {
    this.#fleet = fleet;
  }

  /** The pool's part of the holder's lease, by origin; `demand` is the holder's own. None where each request has to be asked for. */
  of(
    { pool, serving, bound }: LeasablePool,
    message: ExchangeMessage,
    demand: SlotDemand | undefined,
    view: LeasingView,
  ): LeasedOrigin[] {
    // Each request that goes there is asked for, so that the budget holds exactly.
    if (hasBudget(pool)) return [];
    const shares = this.#fleet.shares.of(pool.name, serving, view);
    const facts = ({ name }: Origin, share: number): LeasedOrigin => ({
      origin: name,
      share,
      inFlight: this.#fleet.ledger.totals.inUse(name),
      pinEpoch: view.pinEpochOf(name),
      ...slowStartOf(view.statusOf(name)),
    });
    const rooms = serving.map((origin, index) => this.#roomOf(origin, shares[index]!, message, view));
    const { slots, kept } = this.#lent(pool, rooms, message, demand, view);
    const isWorthAsking = this.#keepsTurns(serving, view);
    return [
      ...serving.map((origin, index): LeasedOrigin => {
        const leased = facts(origin, shares[index]!);
        if (view.limitOf(origin) === Infinity) return leased;
        const hasMore = isWorthAsking && rooms[index]!.most > slots[index]!;
        return {
          ...leased,
          slots: slots[index]!,
          keep: kept / serving.length,
          ...(hasMore && { more: true }),
        };
      }),
      ...bound.map((origin): LeasedOrigin => {
        const leased: LeasedOrigin = { ...facts(origin, 0), boundOnly: true };
        if (view.limitOf(origin) === Infinity) return leased;
        return { ...leased, slots: this.#fleet.ledger.held(message, origin.name) };
      }),
    ];
  }

  #roomOf(origin: Origin, share: number, message: ExchangeMessage, view: LeasingView): LimitedRoom {
    const { totals } = this.#fleet.ledger;
    const { name } = origin;
    const limit = view.limitOf(origin);
    return {
      share,
      open: this.#fleet.ledger.held(message, name),
      most: this.#fleet.ledger.claimOf(message, name) + limit - totals.taken(name),
      promised: this.#fleet.ledger.promised(message, name),
      limit,
      inUse: totals.inUse(name),
    };
  }

  #lent(
    pool: Pool,
    rooms: readonly LimitedRoom[],
    message: ExchangeMessage,
    demand: SlotDemand | undefined,
    view: LeasingView,
  ): Lent {
    const held = rooms.reduce((sum, { open }) => sum + open, 0);
    const fair = wholeSlots(this.#fairSlotsOf(pool, rooms, demand));
    // One of a region's requests waits for a slot: it is to have one if there is any.
    const wanted = message.short === true ? Math.max(fair, held + 1) : fair;
    if (!view.isAnybodyWaiting || this.#fleet.load.isCrowded(view.now))
      return this.#spread(wanted, rooms, demand?.mean ?? 0, message, view);
    const slots = rooms.map(({ open, most }) => Math.min(Math.floor(open * keptWhileWaiting), most));
    return { slots, kept: wanted };
  }

  #spread(
    wanted: number,
    rooms: readonly LimitedRoom[],
    mean: number,
    { holder, usual = 0 }: ExchangeMessage,
    view: LeasingView,
  ): Lent {
    // It begins anywhere, but always at the same place.
    const terms = { mean, first: hashText(holder).low >>> 0 };
    // A region lends them on, and its holders ask it.
    if (regionOf(holder) !== undefined) return { slots: spreadSlots(wanted, rooms, terms), kept: wanted };
    const isAsked = this.#fleet.load.canBeAsked(view.now);
    const sharing = sharingOf(this.#fleet.demand, this.#fleet.tuning);
    return spreadFor(wanted, rooms, terms, { holder, usual, isAsked, sharing, now: view.now });
  }

  /**
   * Whether holders are to ask for an origin whose turn it is where they have no slot. It costs a message, and a slot is idle
   * while that is under way: not where the object has enough to do or requests wait, and for shares of load, which are estimates, only
   * while most of the pool is idle.
   */
  #keepsTurns(serving: readonly Origin[], { now, limitOf, isAnybodyWaiting }: LeasingView): boolean {
    if (isAnybodyWaiting || this.#fleet.load.messagesAt(now) > askedUpTo) return false;
    if (!goesByLoad(this.#fleet.policy)) return true;
    const limit = serving.reduce((sum, origin) => sum + limitOf(origin), 0);
    const inUse = serving.reduce((sum, { name }) => sum + this.#fleet.ledger.totals.inUse(name), 0);
    return inUse < quietBelow * limit;
  }

  /** The holder's fair part of the pool. Slots that holders have open that ask for each request are not shared among the leased holders. */
  #fairSlotsOf(pool: Pool, rooms: readonly LimitedRoom[], demand: SlotDemand | undefined): number {
    if (demand === undefined) return 0;
    const all = this.#fleet.demand.on(pool.name);
    const free = rooms.reduce((sum, { open, most }) => sum + Math.max(0, most - open), 0);
    const limit = rooms.reduce((sum, room) => sum + room.limit, 0);
    const inUse = pool.origins.reduce((sum, { name }) => sum + this.#fleet.ledger.totals.inUse(name), 0);
    return fairSlots(limit - Math.max(0, inUse - all.open), free, all, demand, this.#fleet.tuning.leasedPart);
  }
}
