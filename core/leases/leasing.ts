/**
 * The object's side of the leases: who is leased what, in which shares, and who has to ask. It decides from what the
 * coordinator knows, and the slot ledger keeps what it gives away.
 */
import { hasBudget } from "../burst/budgets.ts";
import { spillReason } from "../burst/spill.ts";
import { slowStartOf, weightNow } from "../selection/eligible.ts";
import type { Balancers } from "../selection/balancers.ts";
import { goesByLoad } from "../selection/registry.ts";
import type { Millis, Origin, Pool, PoolName, Upstream } from "../upstream.ts";
import { fairSlots, spreadSlots, usualSpreads, wholeSlots } from "./allotment.ts";
import type { HolderCeiling } from "./ceiling.ts";
import { Demands, type Demand } from "./demands.ts";
import type {
  ClosedPool,
  Doubt,
  ExchangeMessage,
  ExchangeReply,
  HolderId,
  Lease,
  LeasedOrigin,
  OutcomeRun,
} from "./exchange.ts";
import { Flow } from "./flow.ts";
import { regionOf } from "./region.ts";
import { askedUpTo, exchangeEveryMs, fullForMs, Rate, troubleMs } from "./pace.ts";
import type { LeasingView } from "./leasing-view.ts";
import { longestDeclaredMs } from "./open-slots.ts";
import { LeasingHolders, type Heard } from "./leasing-holders.ts";
import { surveyForLease, type LeasablePool } from "./leasable-pool.ts";
import { fillToLevel } from "./shares.ts";
import type { SlotLedger, Trouble } from "./slot-ledger.ts";
import { leaseTuning, type LeaseTuning } from "./tuning.ts";

/** The part of home in use from which its slots are scarce; and how many for each holder are few. */
const [scarceFrom, fewSlots] = [0.75, 8];

/**
 * While requests wait, holders ask for each one, up to so many messages a second; beyond that each of them keeps this part of
 * what it has open, so that the others come to those who wait.
 */
const [askedWhileWaiting, keptWhileWaiting] = [500, 0.75];

/** In trouble, a holder that has not been heard of for so many exchanges' time is one that leaves the object alone. */
const silentAfter = 2.5;

export interface Offer {
  readonly reply: Pick<ExchangeReply, "mode" | "everyMs" | "lease">;
  /** To be persisted before the reply leaves. */
  readonly ceiling?: HolderCeiling | undefined;
}

/** An answer to a message that a later one has overtaken leases nothing: the holder has newer terms, or will have. */
export const staleTerms: Offer = { reply: { mode: "strict" } };

export class Leasing {
  readonly #upstream: Upstream;
  readonly #ledger: SlotLedger;
  readonly #balancers: Balancers;
  readonly #holders: LeasingHolders;
  readonly #demands = new Demands();
  readonly #flow = new Flow();
  readonly #messages: Rate;
  readonly #asks: Rate;
  readonly #requests: Rate;
  readonly #tuning: LeaseTuning;
  /** When a holder was heard last that had had to go on without the object. */
  #troubledMs: Millis = -Infinity;

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
    this.#balancers = balancers;
    this.#holders = before === undefined ? new LeasingHolders() : before.#holders;
    this.#messages = new Rate(now);
    this.#asks = new Rate(now);
    this.#requests = new Rate(now);
  }

  /** Takes note of a message. Returns what its holder has started and asked for since the last one. */
  heard(message: ExchangeMessage, runs: readonly OutcomeRun[], now: Millis): Heard {
    this.#messages.heard(1, now);
    if (message.recovering === true) this.#troubledMs = now;
    if (message.want !== undefined) this.#asks.heard(1, now);
    this.#flow.turn(this.#everyMs(now), now);
    const heard = this.#holders.heard(message, now);
    const { requests } = heard;
    this.#requests.heard(requests, now);
    this.#flow.arrived(requests);
    for (const { origin, count = 1 } of runs) this.#flow.completed(origin, count);
    return heard;
  }

  /** How the holder is to go on, and its new lease if it has one. To be called for its latest message only. */
  offer(message: ExchangeMessage, view: LeasingView): Offer {
    if (message.quiet === true || !this.#isLeased(message.holder, view)) {
      this.#demands.forget(message.holder);
      return { reply: { mode: "strict" } };
    }
    this.#demands.prune(2 * this.#everyMs(view.now), view.now);
    return this.#lease(message, view);
  }

  #everyMs(now: Millis): Millis {
    return exchangeEveryMs(this.#demands.holders, this.#asks.at(now), this.#tuning.everyMs);
  }

  #isLeased(holder: HolderId, view: LeasingView): boolean {
    // A region asks for nothing single.
    if (regionOf(holder) !== undefined) return true;
    // Slots that are free are theirs who wait, and a lease would let its holder's requests overtake them.
    if (view.isAnybodyWaiting && !this.#isCrowded(view) && this.#messages.at(view.now) <= askedWhileWaiting)
      return false;
    const { coordination } = this.#upstream;
    if (coordination !== "auto") return coordination === "leased";
    return (
      this.#holders.isBusy(holder) && !(this.#requests.at(view.now) <= askedUpTo && this.#isScarce(view))
    );
  }

  /** There are more requests than the object can be asked for: they wait at their holders. */
  #isCrowded({ now }: LeasingView): boolean {
    return this.#requests.at(now) > askedWhileWaiting;
  }

  /** Home is nearly full, or small: a slot that is leased and not in use for a moment is missing elsewhere. */
  #isScarce({ limitOf }: LeasingView): boolean {
    const [home] = this.#upstream.pools;
    let limit = 0;
    let inUse = 0;
    for (const origin of home?.origins ?? []) {
      limit += limitOf(origin);
      inUse += this.#ledger.inUse(origin.name);
    }
    return inUse >= scarceFrom * limit || limit < fewSlots * this.#holders.size;
  }

  #lease(message: ExchangeMessage, view: LeasingView): Offer {
    const { holder } = message;
    const pools = this.#upstream.pools.map((pool) => surveyForLease(pool, view.statusOf));
    const demand = this.#demandOf(message);
    this.#demands.set(holder, demand, view.now);
    const origins = pools.flatMap((pool) => this.#leasedOrigins(pool, message, demand, view));
    if (origins.length === 0) return { reply: { mode: "strict" } };
    const slots = new Map(
      origins.flatMap(({ origin, slots }) => (slots === undefined ? [] : [[origin, slots] as const])),
    );
    const times = { forMs: view.leaseMs, requestMs: longestDeclaredMs(this.#upstream.timeouts.totalMs) };
    const ceiling = this.#ledger.lease(message, slots, times, view.now);
    const closed = pools.flatMap((pool) => this.#closed(pool, view));
    const { homecoming } = view;
    const lease: Lease = { forMs: view.leaseMs, origins, closed, ...(homecoming && { homecoming }) };
    return { reply: { mode: "leased", everyMs: this.#everyMs(view.now), lease }, ceiling };
  }

  /**
   * What the holder needs of each pool. What it has open in a later one it would have open at home, had there been
   * room; so home is to hold all that it has open anywhere.
   */
  #demandOf(message: ExchangeMessage): Map<PoolName, Demand> {
    const demand = new Map<PoolName, Demand>();
    let left = Math.max(1, message.usual ?? 0);
    let most = message.most ?? 0;
    for (const pool of this.#upstream.pools) {
      const open = pool.origins.reduce((sum, { name }) => sum + this.#ledger.held(message, name), 0);
      // What it has had open at once it is to be able to start again.
      const spread = Math.max(Math.sqrt(left), (most - left) / usualSpreads);
      demand.set(pool.name, { mean: left, spread, open });
      left = Math.max(0, left - open);
      most -= open;
    }
    return demand;
  }

  /** Of what comes in the next exchange's time: as much as in the last one's, and not less than holders need. */
  #sharesOf(serving: readonly Origin[], needed: number, { now, statusOf }: LeasingView): readonly number[] {
    const weights = serving.map((origin) => weightNow(origin, statusOf(origin.name)));
    if (!goesByLoad(this.#upstream.policy)) return weights;
    const basins = serving.map(({ name }, index) => {
      const inFlight = this.#ledger.inUse(name);
      const load = this.#balancers.signalOf(name)?.load(name, inFlight, now) ?? inFlight + 1;
      const limit = (weights[index]! * (inFlight + 1)) / Math.max(load, Number.EPSILON);
      return { limit, inFlight, completions: this.#flow.completionsOf(name) };
    });
    return Array.from(fillToLevel(basins, Math.max(1, needed, this.#flow.arrivals)));
  }

  #leasedOrigins(
    { pool, serving, bound }: LeasablePool,
    message: ExchangeMessage,
    demand: ReadonlyMap<PoolName, Demand>,
    view: LeasingView,
  ): LeasedOrigin[] {
    // Each request that goes there is asked for, so that the budget holds exactly.
    if (hasBudget(pool)) return [];
    const shares = this.#sharesOf(serving, this.#demands.on(pool.name).mean, view);
    const facts = ({ name }: Origin, share: number): LeasedOrigin => ({
      origin: name,
      share,
      inFlight: this.#ledger.inUse(name),
      pinEpoch: view.pinEpochOf(name),
      ...slowStartOf(view.statusOf(name)),
    });
    const rooms = serving.map((origin, index) => {
      const open = this.#ledger.held(message, origin.name);
      const free = view.limitOf(origin) - this.#ledger.taken(origin.name);
      const most = this.#ledger.claimOf(message, origin.name) + free;
      return { share: shares[index]!, open, most, promised: this.#ledger.promised(message, origin.name) };
    });
    const held = rooms.reduce((sum, { open }) => sum + open, 0);
    const free = rooms.reduce((sum, { open, most }) => sum + Math.max(0, most - open), 0);
    const fair = wholeSlots(this.#fairSlotsOf(pool, serving, free, demand.get(pool.name), view));
    // One of a region's requests waits for a slot: it is to have one if there is any.
    const wanted = message.short === true ? Math.max(fair, held + 1) : fair;
    const slots =
      view.isAnybodyWaiting && !this.#isCrowded(view)
        ? rooms.map(({ open, most }) => Math.min(Math.floor(open * keptWhileWaiting), most))
        : spreadSlots(wanted, rooms);
    return [
      ...serving.map((origin, index): LeasedOrigin => {
        const leased = facts(origin, shares[index]!);
        return view.limitOf(origin) === Infinity
          ? leased
          : { ...leased, slots: slots[index]!, keep: wanted / serving.length };
      }),
      ...bound.map((origin): LeasedOrigin => {
        const leased: LeasedOrigin = { ...facts(origin, 0), boundOnly: true };
        if (view.limitOf(origin) === Infinity) return leased;
        return { ...leased, slots: this.#ledger.held(message, origin.name) };
      }),
    ];
  }

  /** What others have open who ask for each request is not theirs to share who are leased. */
  #fairSlotsOf(
    pool: Pool,
    serving: readonly Origin[],
    free: number,
    demand: Demand | undefined,
    { limitOf }: LeasingView,
  ): number {
    if (demand === undefined) return 0;
    const all = this.#demands.on(pool.name);
    const limit = serving.reduce((sum, origin) => sum + limitOf(origin), 0);
    const inUse = pool.origins.reduce((sum, { name }) => sum + this.#ledger.inUse(name), 0);
    return fairSlots(limit - Math.max(0, inUse - all.open), free, all, demand, this.#tuning.leasedPart);
  }

  /** Whether the pool has nothing for one who asks either, and how long that may be taken for granted. */
  #closed({ pool, serving, obstacles }: LeasablePool, view: LeasingView): ClosedPool[] {
    const above = view.closedPool(pool.name);
    if (serving.length === 0) {
      if (above !== undefined) return [above];
      return [{ pool: pool.name, why: spillReason(obstacles), forMs: this.#everyMs(view.now) }];
    }
    if (serving.some((origin) => this.#ledger.taken(origin.name) < view.limitOf(origin))) {
      return view.budgets?.closed(pool.name, this.#everyMs(view.now), view.now) ?? [];
    }
    const line = this.#isCrowded(view) ? view.lineAt(pool) : undefined;
    if (line !== undefined)
      return [{ pool: pool.name, why: "peak", forMs: 2 * this.#everyMs(view.now), line }];
    if (view.wouldWaitFor(pool)) return [];
    const forMs = fullForMs(this.#messages.at(view.now));
    return [{ pool: pool.name, why: "peak", forMs, ...this.#doubt(pool.name, serving, view) }];
  }

  /** Whether any pool might have room all the same, though all are full. */
  doubt(view: LeasingView): Doubt {
    return Object.assign(
      {},
      ...this.#upstream.pools.map(({ name, origins }) => this.#doubt(name, origins, view)),
    );
  }

  #doubt(pool: PoolName, origins: readonly Origin[], view: LeasingView): Doubt {
    let { assumed, idle } = view.closedPool(pool) ?? {};
    const full = origins.filter((origin) => this.#ledger.taken(origin.name) >= view.limitOf(origin));
    // It looks at all holders, so once for all origins.
    const doubtful = full.length > 0 ? this.#ledger.doubtful(this.#troubleAt(view.now), view.now) : undefined;
    for (const origin of full) {
      const limit = view.limitOf(origin);
      if (this.#ledger.taken(origin.name) - (doubtful?.get(origin.name) ?? 0) < limit) assumed = true;
      if (this.#ledger.inUse(origin.name) < limit) idle = true;
    }
    return { ...(assumed && { assumed }), ...(idle && { idle }) };
  }

  #troubleAt(now: Millis): Trouble | undefined {
    if (now >= this.#troubledMs + troubleMs) return undefined;
    return { heardMs: this.#troubledMs, silentForMs: silentAfter * this.#everyMs(now) };
  }
}
