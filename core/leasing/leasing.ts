/**
 * The object's side of the leases: how many slots each holder is lent, in which shares it uses the origins, and which holders must ask. It
 * decides from what the coordinator knows; the slot ledger keeps what it gives away.
 */
import { hasBudget } from "../budget/budgets.ts";
import type { HolderCeiling } from "../ledger/ceiling.ts";
import type { SlotLedger } from "../ledger/slot-ledger.ts";
import type { Millis, Origin, Pool, PoolName, Upstream } from "../model/upstream.ts";
import { spillReason } from "../placement/spill.ts";
import { longestDeclaredMs } from "../protocol/clocks.ts";
import { type ExchangeMessage, type ExchangeReply, type HolderId, regionOf } from "../protocol/exchange.ts";
import type { ClosedPool, Lease, LeasedOrigin } from "../protocol/lease.ts";
import type { OutcomeRun } from "../protocol/outcome.ts";
import type { Doubt } from "../protocol/pick.ts";
import type { Balancers } from "../selection/balancers.ts";
import { slowStartOf } from "../selection/eligible.ts";
import { hashText } from "../selection/hash.ts";
import { goesByLoad } from "../selection/registry.ts";
import { fairSlots, spreadSlots, wholeSlots, type SlotDemand } from "./allotment.ts";
import { Doubts } from "./doubts.ts";
import { areScarce, areTooFew, spreadFor, type Lent, type LimitedRoom, type Sharing } from "./few-slots.ts";
import { demandOf, FleetDemand, type CountedRequests } from "./fleet-demand.ts";
import { FleetShares } from "./fleet-shares.ts";
import { surveyForLease, type LeasablePool } from "./leasable-pool.ts";
import type { LeasingView } from "./leasing-view.ts";
import { askedWhileWaiting, ObjectLoad } from "./object-load.ts";
import { askedUpTo, fullForMs } from "./pace.ts";
import { leaseTuning, type LeaseTuning } from "./tuning.ts";

/** The part of a pool in use below which it is mostly idle. */
const quietBelow = 0.25;

/**
 * While requests wait and there are too many messages for each of them to be asked for, each holder keeps this part of what it has open,
 * so that the other slots come to the requests that wait.
 */
const keptWhileWaiting = 0.75;

/** The longest time between two messages of a leased holder, in those that it is told to pause. */
const longestPause = 2;

export interface LeaseOffer {
  readonly reply: Pick<ExchangeReply, "mode" | "everyMs" | "lease">;
  /** To be persisted before the reply leaves. */
  readonly ceiling?: HolderCeiling | undefined;
}

/** An answer to a message that a later one has overtaken leases nothing: the holder has newer terms, or will have. */
export const staleTerms: LeaseOffer = { reply: { mode: "strict" } };

export class Leasing {
  readonly #upstream: Upstream;
  readonly #ledger: SlotLedger;
  readonly #demand: FleetDemand;
  readonly #shares: FleetShares;
  readonly #load: ObjectLoad;
  readonly #tuning: LeaseTuning;
  readonly #doubts: Doubts;

  /** `before`: what another configuration of the upstream knew of its holders. */
  constructor(
    upstream: Upstream,
    ledger: SlotLedger,
    balancers: Balancers,
    now: Millis,
    { before, tuning = leaseTuning }: { readonly before?: Leasing; readonly tuning?: LeaseTuning } = {},
  ) {
    this.#tuning = before === undefined ? tuning : before.#tuning;
    this.#upstream = upstream;
    this.#ledger = ledger;
    this.#demand = new FleetDemand(before === undefined ? undefined : before.#demand);
    this.#shares = new FleetShares(upstream.policy, ledger, balancers, this.#demand);
    this.#doubts = new Doubts(ledger);
    this.#load = new ObjectLoad(this.#tuning, now);
  }

  /** Takes note of a message. Returns what its holder has started and asked for since the last one. */
  recordMessage(message: ExchangeMessage, runs: readonly OutcomeRun[], now: Millis): CountedRequests {
    this.#load.recordMessage(message.want !== undefined, now);
    this.#doubts.recordMessage(message, now);
    const heard = this.#demand.recordMessage(message, runs, this.#everyMs(now), now);
    this.#load.recordRequests(heard.requests, now);
    return heard;
  }

  /** How the holder is to go on, and its new lease if it has one. To be called for its latest message only. */
  offer(message: ExchangeMessage, view: LeasingView): LeaseOffer {
    if (message.quiet === true || !this.#isLeased(message.holder, view)) {
      this.#demand.needNothing(message.holder);
      return { reply: { mode: "strict" } };
    }
    this.#demand.prune(this.silentMs(view.now), view.now);
    return this.#lease(message, view);
  }

  #everyMs(now: Millis): Millis {
    return this.#load.everyMs(this.#demand.leased, now);
  }

  #isLeased(holder: HolderId, view: LeasingView): boolean {
    // A region asks for nothing single.
    if (regionOf(holder) !== undefined) return true;
    // Free slots are for the requests that wait; a lease would let its holder's requests overtake them.
    if (
      view.isAnybodyWaiting &&
      !this.#load.isCrowded(view.now) &&
      this.#load.messagesAt(view.now) <= askedWhileWaiting
    )
      return false;
    const { coordination, pools, policy } = this.#upstream;
    if (coordination === "strict") return false;
    if (coordination === "auto" && !this.#demand.isBusy(holder)) return false;
    if (!this.#load.canBeAsked(view.now)) return true;
    const home = pools[0]?.origins ?? [];
    const isTooFew = (): boolean => areTooFew(home, view.limitOf, this.#sharing);
    if (coordination === "leased") return !isTooFew();
    if (areScarce(home, view.limitOf, this.#ledger, this.#sharing)) return false;
    // Shares of load are estimates: to be exact about them is not worth a message for each request.
    return goesByLoad(policy) || !isTooFew();
  }

  /** A leased holder that is not cut off is silent for no longer, and only then tells what has ended. One that asks is heard sooner. */
  silentMs(now: Millis): Millis {
    return longestPause * this.#everyMs(now);
  }

  get #sharing(): Sharing {
    return { holders: Math.max(1, this.#demand.holders), leasedPart: this.#tuning.leasedPart };
  }

  #lease(message: ExchangeMessage, view: LeasingView): LeaseOffer {
    const { holder } = message;
    const pools = this.#upstream.pools.map((pool) => surveyForLease(pool, view.statusOf));
    const demand = demandOf(message, this.#upstream.pools, (origin) => this.#ledger.held(message, origin));
    this.#demand.need(holder, demand, view.now);
    const origins = pools.flatMap((pool) => this.#leasedOrigins(pool, message, demand, view));
    if (origins.length === 0) return { reply: { mode: "strict" } };
    const slots = new Map(
      origins.flatMap(({ origin, slots }) => (slots === undefined ? [] : [[origin, slots] as const])),
    );
    const times = { forMs: view.leaseMs, requestMs: longestDeclaredMs(this.#upstream.timeouts.totalMs) };
    const ceiling = this.#ledger.lease(message, slots, times, view.now);
    const closed = pools.flatMap((pool) => this.#closed(pool, view));
    const { sessionReturn } = view;
    const lease: Lease = {
      forMs: view.leaseMs,
      origins,
      closed,
      ...(sessionReturn && { homecoming: sessionReturn }),
    };
    return { reply: { mode: "leased", everyMs: this.#everyMs(view.now), lease }, ceiling };
  }

  #leasedOrigins(
    { pool, serving, bound }: LeasablePool,
    message: ExchangeMessage,
    demand: ReadonlyMap<PoolName, SlotDemand>,
    view: LeasingView,
  ): LeasedOrigin[] {
    // Each request that goes there is asked for, so that the budget holds exactly.
    if (hasBudget(pool)) return [];
    const shares = this.#shares.of(pool.name, serving, view);
    const facts = ({ name }: Origin, share: number): LeasedOrigin => ({
      origin: name,
      share,
      inFlight: this.#ledger.totals.inUse(name),
      pinEpoch: view.pinEpochOf(name),
      ...slowStartOf(view.statusOf(name)),
    });
    const rooms = serving.map((origin, index) => {
      const open = this.#ledger.held(message, origin.name);
      const limit = view.limitOf(origin);
      const most =
        this.#ledger.claimOf(message, origin.name) + limit - this.#ledger.totals.taken(origin.name);
      const promised = this.#ledger.promised(message, origin.name);
      const inUse = this.#ledger.totals.inUse(origin.name);
      return { share: shares[index]!, open, most, promised, limit, inUse };
    });
    const held = rooms.reduce((sum, { open }) => sum + open, 0);
    const free = rooms.reduce((sum, { open, most }) => sum + Math.max(0, most - open), 0);
    const fair = wholeSlots(this.#fairSlotsOf(pool, serving, free, demand.get(pool.name), view));
    // One of a region's requests waits for a slot: it is to have one if there is any.
    const wanted = message.short === true ? Math.max(fair, held + 1) : fair;
    const mean = demand.get(pool.name)?.mean ?? 0;
    const { slots, kept } =
      view.isAnybodyWaiting && !this.#load.isCrowded(view.now)
        ? {
            slots: rooms.map(({ open, most }) => Math.min(Math.floor(open * keptWhileWaiting), most)),
            kept: wanted,
          }
        : this.#spread(wanted, rooms, mean, message, view);
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
        return { ...leased, slots: this.#ledger.held(message, origin.name) };
      }),
    ];
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
    const isAsked = this.#load.canBeAsked(view.now);
    return spreadFor(wanted, rooms, terms, { holder, usual, isAsked, sharing: this.#sharing, now: view.now });
  }

  /**
   * Whether holders are to ask for an origin whose turn it is where they have no slot. It costs a message, and a slot is idle
   * while that is under way: not where the object has enough to do or requests wait, and for shares of load, which are estimates, only
   * while most of the pool is idle.
   */
  #keepsTurns(serving: readonly Origin[], { now, limitOf, isAnybodyWaiting }: LeasingView): boolean {
    if (isAnybodyWaiting || this.#load.messagesAt(now) > askedUpTo) return false;
    if (!goesByLoad(this.#upstream.policy)) return true;
    const limit = serving.reduce((sum, origin) => sum + limitOf(origin), 0);
    const inUse = serving.reduce((sum, { name }) => sum + this.#ledger.totals.inUse(name), 0);
    return inUse < quietBelow * limit;
  }

  /** The holder's fair part of the pool. Slots that holders have open that ask for each request are not shared among the leased holders. */
  #fairSlotsOf(
    pool: Pool,
    serving: readonly Origin[],
    free: number,
    demand: SlotDemand | undefined,
    { limitOf }: LeasingView,
  ): number {
    if (demand === undefined) return 0;
    const all = this.#demand.on(pool.name);
    const limit = serving.reduce((sum, origin) => sum + limitOf(origin), 0);
    const inUse = pool.origins.reduce((sum, { name }) => sum + this.#ledger.totals.inUse(name), 0);
    return fairSlots(limit - Math.max(0, inUse - all.open), free, all, demand, this.#tuning.leasedPart);
  }

  /** Whether a holder that asks would get nothing in the pool either, and how long that may be taken for granted. */
  #closed({ pool, serving, obstacles }: LeasablePool, view: LeasingView): ClosedPool[] {
    const above = view.closedPool(pool.name);
    if (serving.length === 0) {
      if (above !== undefined) return [above];
      return [{ pool: pool.name, why: spillReason(obstacles), forMs: this.#everyMs(view.now) }];
    }
    if (serving.some((origin) => this.#ledger.totals.taken(origin.name) < view.limitOf(origin))) {
      return view.budgets?.closed(pool.name, this.#everyMs(view.now), view.now) ?? [];
    }
    const line = this.#load.isCrowded(view.now) ? view.lineAt(pool) : undefined;
    if (line !== undefined) {
      const mayAsk = this.#load.messagesAt(view.now) <= askedWhileWaiting && { mayAsk: true as const };
      return [
        { pool: pool.name, why: "peak", forMs: 2 * this.#everyMs(view.now), line: { ...line, ...mayAsk } },
      ];
    }
    if (view.wouldWaitFor(pool)) return [];
    const forMs = fullForMs(this.#load.messagesAt(view.now));
    return [
      {
        pool: pool.name,
        why: "peak",
        forMs,
        ...this.#doubts.ofPool(pool.name, serving, view, this.#everyMs(view.now)),
      },
    ];
  }

  /** Whether any pool might have room all the same, though all are full. */
  doubt(view: LeasingView): Doubt {
    return this.#doubts.of(this.#upstream.pools, view, this.#everyMs(view.now));
  }
}
