/**
 * The object's side of the leases: which holders have one and which must ask, for how long, and which pools are closed to all of them. It
 * decides from what the coordinator knows; `pool-leases.ts` says what is lent of each pool, and the slot ledger keeps what is given away.
 */
import type { HolderCeiling } from "../ledger/ceiling.ts";
import type { SlotLedger } from "../ledger/slot-ledger.ts";
import type { Millis, Upstream } from "../model/upstream.ts";
import { spillReason } from "../placement/spill.ts";
import { longestDeclaredMs } from "../protocol/clocks.ts";
import { type ExchangeMessage, type ExchangeReply, type HolderId, regionOf } from "../protocol/exchange.ts";
import type { ClosedPool, Lease } from "../protocol/lease.ts";
import type { OutcomeRun } from "../protocol/outcome.ts";
import type { Doubt } from "../protocol/pick.ts";
import type { Balancers } from "../selection/balancers.ts";
import { slotsInService } from "../selection/eligible.ts";
import { goesByLoad } from "../selection/registry.ts";
import { Doubts } from "./doubts.ts";
import { areScarce, areTooFew, sharingOf } from "./few-slots.ts";
import { demandOf, FleetDemand, type CountedRequests } from "./fleet-demand.ts";
import { FleetShares } from "./fleet-shares.ts";
import { surveyForLease, type LeasablePool } from "./leasable-pool.ts";
import type { LeasingView } from "./leasing-view.ts";
import { askedWhileWaiting, ObjectLoad } from "./object-load.ts";
import { fullForMs } from "./pace.ts";
import { PoolLeases } from "./pool-leases.ts";
import { leaseTuning, type LeaseTuning } from "./tuning.ts";

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
  readonly #load: ObjectLoad;
  readonly #tuning: LeaseTuning;
  readonly #doubts: Doubts;
  readonly #poolLeases: PoolLeases;

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
    this.#doubts = new Doubts(ledger);
    this.#load = new ObjectLoad(this.#tuning, now);
    const { policy } = upstream;
    const shares = new FleetShares(policy, ledger, balancers, this.#demand);
    const known = { policy, ledger, demand: this.#demand, shares, load: this.#load, tuning: this.#tuning };
    this.#poolLeases = new PoolLeases(known);
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

  /** Whether an isolate goes from strict to leased, or back: all reasons, the gravest first. */
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
    const sharing = sharingOf(this.#demand, this.#tuning);
    const isTooFew = (): boolean => areTooFew(home, view.limitOf, sharing);
    if (coordination === "leased") return !isTooFew();
    if (areScarce(home, view.limitOf, this.#ledger, sharing)) return false;
    // Shares of load are estimates: to be exact about them is not worth a message for each request.
    return goesByLoad(policy) || !isTooFew();
  }

  /** A leased holder that is not cut off is silent for no longer, and only then tells what has ended. One that asks is heard sooner. */
  silentMs(now: Millis): Millis {
    return longestPause * this.#everyMs(now);
  }

  #lease(message: ExchangeMessage, view: LeasingView): LeaseOffer {
    const { holder } = message;
    const pools = this.#upstream.pools.map((pool) => surveyForLease(pool, view.statusOf));
    const demand = demandOf(message, this.#upstream.pools, (origin) => this.#ledger.held(message, origin));
    this.#demand.need(holder, demand, view.now);
    const origins = pools.flatMap((survey) =>
      this.#poolLeases.of(survey, message, demand.get(survey.pool.name), view),
    );
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
      const mayAsk = this.#load.messagesAt(view.now) <= askedWhileWaiting;
      const length = line.lengthPerSlot * slotsInService(pool, view.statusOf);
      const places = mayAsk ? { mayAsk } : { lengthPerHolder: length / Math.max(1, this.#demand.leased) };
      const forMs = 2 * this.#everyMs(view.now);
      return [{ pool: pool.name, why: "peak", forMs, line: { ...line, ...places } }];
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
