/**
 * The object's side of the leases: who is leased what, in which shares, and who has to ask. It decides from what the
 * coordinator knows, and the slot ledger keeps what it gives away.
 */
import { spillReason } from "../burst/spill.ts";
import { obstacle, type Obstacle, type OriginStatus } from "../selection/eligible.ts";
import type { Balancers } from "../selection/balancers.ts";
import { goesByLoad } from "../selection/registry.ts";
import type { Millis, Origin, OriginName, Pool, PoolName, Upstream } from "../upstream.ts";
import { fairSlots, spreadSlots } from "./allotment.ts";
import { Demands, type Demand } from "./demands.ts";
import type {
  ClosedPool,
  ExchangeMessage,
  ExchangeReply,
  HolderId,
  Lease,
  LeasedOrigin,
  OutcomeRun,
} from "./exchange.ts";
import { Flow } from "./flow.ts";
import { askedUpTo, exchangeEveryMs, fullForMs, HolderPace, Rate } from "./pace.ts";
import { fillToLevel } from "./shares.ts";
import { leaseTuning, type LeaseTuning } from "./tuning.ts";
import type { HolderCeiling, SlotLedger } from "./slot-ledger.ts";

/** A holder that is not heard of for so long starts nothing under its lease any more. */
export const leaseMs: Millis = 10_000;

/** The part of home in use from which its slots are scarce. */
const scarceFrom = 0.75;

/** What leases are made from, at one moment. */
export interface LeasingView {
  readonly now: Millis;
  readonly statusOf: (origin: OriginName) => OriginStatus;
  readonly pinEpochOf: (origin: OriginName) => number;
}

export interface Offer {
  readonly reply: Pick<ExchangeReply, "mode" | "everyMs" | "lease">;
  /** To be persisted before the reply leaves. */
  readonly ceiling?: HolderCeiling | undefined;
}

interface Known {
  readonly pace: HolderPace;
  /** Its counts of what it started by itself, as heard last. */
  readonly started: Map<OriginName, number>;
  heardMs: Millis;
}

const noObstacle: ReadonlySet<OriginName> = new Set();

export class Leasing {
  readonly #upstream: Upstream;
  readonly #ledger: SlotLedger;
  readonly #balancers: Balancers;
  readonly #known: Map<HolderId, Known>;
  readonly #demands = new Demands();
  readonly #flow = new Flow();
  readonly #messages: Rate;
  readonly #requests: Rate;
  readonly #tuning: LeaseTuning;
  #forgetAtMs: Millis = 0;

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
    this.#known = before === undefined ? new Map<HolderId, Known>() : before.#known;
    this.#messages = new Rate(now);
    this.#requests = new Rate(now);
  }

  /** Takes note of a message. Returns what its holder has started by itself since the last one, by origin. */
  heard(message: ExchangeMessage, runs: readonly OutcomeRun[], now: Millis): ReadonlyMap<OriginName, number> {
    this.#messages.heard(1, now);
    this.#forgetSilent(now);
    this.#flow.turn(this.#everyMs, now);
    const known = this.#knownOf(message, now);
    const started = new Map<OriginName, number>();
    let requests = message.want === undefined ? 0 : 1;
    for (const { origin, count } of message.started ?? []) {
      const fresh = count - (known.started.get(origin) ?? 0);
      if (fresh <= 0) continue;
      known.started.set(origin, count);
      started.set(origin, fresh);
      requests += fresh;
    }
    known.pace.heard(requests, now);
    this.#requests.heard(requests, now);
    this.#flow.arrived(requests);
    for (const { origin, count = 1 } of runs) this.#flow.completed(origin, count);
    return started;
  }

  /** How the holder is to go on, and its new lease if it has one. To be called for its latest message only. */
  offer(message: ExchangeMessage, view: LeasingView): Offer {
    const known = this.#knownOf(message, view.now);
    if (message.quiet === true || !this.#isLeased(known, view.now)) {
      this.#demands.forget(message.holder);
      return { reply: { mode: "strict" } };
    }
    this.#demands.prune(2 * this.#everyMs, view.now);
    return this.#lease(message, view);
  }

  get #everyMs(): Millis {
    return exchangeEveryMs(this.#demands.holders, this.#tuning.everyMs);
  }

  #isLeased({ pace }: Known, now: Millis): boolean {
    const { coordination } = this.#upstream;
    if (coordination !== "auto") return coordination === "leased";
    return pace.isLeased && !(this.#requests.at(now) <= askedUpTo && this.#isScarce());
  }

  /** Home is nearly full: a slot that is leased and not in use for a moment is missing elsewhere. */
  #isScarce(): boolean {
    const [home] = this.#upstream.pools;
    let limit = 0;
    let inUse = 0;
    for (const { name, maxConns = Infinity } of home?.origins ?? []) {
      limit += maxConns;
      inUse += this.#ledger.inUse(name);
    }
    return inUse >= scarceFrom * limit;
  }

  #lease(message: ExchangeMessage, view: LeasingView): Offer {
    const { holder } = message;
    const pools = this.#upstream.pools.map((pool) => this.#survey(pool, view));
    const demand = this.#demandOf(message);
    this.#demands.set(holder, demand, view.now);
    const origins = pools.flatMap((pool) => this.#leasedOrigins(pool, message, demand, view));
    if (origins.length === 0) return { reply: { mode: "strict" } };
    const slots = new Map(
      origins.flatMap(({ origin, slots }) => (slots === undefined ? [] : [[origin, slots] as const])),
    );
    const times = { forMs: leaseMs, requestMs: this.#upstream.timeouts.totalMs };
    const ceiling = this.#ledger.lease(message, slots, times, view.now);
    const closed = pools.flatMap((pool) => this.#closed(pool, view.now));
    const lease: Lease = { forMs: leaseMs, origins, closed };
    return { reply: { mode: "leased", everyMs: this.#everyMs, lease }, ceiling };
  }

  /**
   * What the holder needs of each pool. What it has open in a later one it would have open at home, had there been
   * room; so home is to hold all that it has open anywhere.
   */
  #demandOf(message: ExchangeMessage): Map<PoolName, Demand> {
    const demand = new Map<PoolName, Demand>();
    let left = Math.max(1, message.usual ?? 0);
    for (const pool of this.#upstream.pools) {
      const open = pool.origins.reduce((sum, { name }) => sum + this.#ledger.held(message, name), 0);
      demand.set(pool.name, { mean: left, spread: Math.sqrt(left), open });
      left = Math.max(0, left - open);
    }
    return demand;
  }

  /** Who of the pool may take requests, and in which shares. */
  #survey(pool: Pool, view: LeasingView): SurveyedPool {
    const usable: Origin[] = [];
    const backups: Origin[] = [];
    const bound: Origin[] = [];
    const obstacles: Obstacle[] = [];
    for (const origin of pool.origins) {
      // Whether it is full is a matter of slots.
      const status = { ...view.statusOf(origin.name), taken: 0 };
      const reason = obstacle(origin, status, { tried: noObstacle });
      if (reason === undefined) (origin.backup ? backups : usable).push(origin);
      else obstacles.push(reason);
      if (
        reason !== undefined &&
        obstacle(origin, status, { tried: noObstacle, bound: true }) === undefined
      ) {
        bound.push(origin);
      }
    }
    const serving = usable.length > 0 ? usable : backups;
    const shares = this.#sharesOf(serving, view);
    return { pool, serving, shares, bound, obstacles };
  }

  #sharesOf(serving: readonly Origin[], { now }: LeasingView): readonly number[] {
    if (!goesByLoad(this.#upstream.policy)) return serving.map(({ weight }) => weight);
    const basins = serving.map(({ name, weight }) => {
      const inFlight = this.#ledger.inUse(name);
      const load = this.#balancers.signalOf(name)?.load(name, inFlight, now) ?? inFlight + 1;
      const limit = (weight * (inFlight + 1)) / Math.max(load, Number.EPSILON);
      return { limit, inFlight, completions: this.#flow.completionsOf(name) };
    });
    return Array.from(fillToLevel(basins, Math.max(1, this.#flow.arrivals)));
  }

  #leasedOrigins(
    { pool, serving, shares, bound }: SurveyedPool,
    message: ExchangeMessage,
    demand: ReadonlyMap<PoolName, Demand>,
    view: LeasingView,
  ): LeasedOrigin[] {
    const facts = ({ name }: Origin, share: number): LeasedOrigin => ({
      origin: name,
      share,
      inFlight: this.#ledger.inUse(name),
      pinEpoch: view.pinEpochOf(name),
    });
    const rooms = serving.map(({ name, maxConns = Infinity }, index) => {
      const held = this.#ledger.held(message, name);
      const idle = this.#ledger.idleOf(message.holder, name);
      return { share: shares[index]!, open: held, most: held + idle + maxConns - this.#ledger.taken(name) };
    });
    const wanted = Math.round(this.#fairSlotsOf(pool, serving, demand.get(pool.name)));
    const slots = spreadSlots(wanted, rooms);
    return [
      ...serving.map((origin, index): LeasedOrigin => {
        const leased = facts(origin, shares[index]!);
        return origin.maxConns === undefined
          ? leased
          : { ...leased, slots: slots[index]!, keep: wanted / serving.length };
      }),
      ...bound.map((origin): LeasedOrigin => {
        const leased: LeasedOrigin = { ...facts(origin, 0), boundOnly: true };
        if (origin.maxConns === undefined) return leased;
        return { ...leased, slots: this.#ledger.held(message, origin.name) };
      }),
    ];
  }

  /** What others have open who ask for each request is not theirs to share who are leased. */
  #fairSlotsOf(pool: Pool, serving: readonly Origin[], demand: Demand | undefined): number {
    if (demand === undefined) return 0;
    const all = this.#demands.on(pool.name);
    const limit = serving.reduce((sum, { maxConns = Infinity }) => sum + maxConns, 0);
    const inUse = pool.origins.reduce((sum, { name }) => sum + this.#ledger.inUse(name), 0);
    return fairSlots(limit - Math.max(0, inUse - all.open), all, demand, this.#tuning.leasedPart);
  }

  /** Whether the pool has nothing for one who asks either, and how long that may be taken for granted. */
  #closed({ pool, serving, obstacles }: SurveyedPool, now: Millis): ClosedPool[] {
    if (serving.length === 0) {
      return [{ pool: pool.name, why: spillReason(obstacles), forMs: this.#everyMs }];
    }
    const hasRoom = pool.origins.some(
      (origin) => serving.includes(origin) && this.#ledger.taken(origin.name) < (origin.maxConns ?? Infinity),
    );
    return hasRoom ? [] : [{ pool: pool.name, why: "peak", forMs: fullForMs(this.#messages.at(now)) }];
  }

  #knownOf({ holder, lease, started = [] }: ExchangeMessage, now: Millis): Known {
    let known = this.#known.get(holder);
    if (known === undefined) {
      known = {
        // One that has a lease got it before this object lost its memory, and goes on with one.
        pace: new HolderPace(lease !== undefined, now),
        started: new Map(started.map(({ origin, count }) => [origin, count])),
        heardMs: now,
      };
      this.#known.set(holder, known);
    }
    known.heardMs = now;
    return known;
  }

  #forgetSilent(now: Millis): void {
    if (now < this.#forgetAtMs) return;
    this.#forgetAtMs = now + leaseMs;
    for (const [holder, { heardMs }] of this.#known) {
      if (heardMs + leaseMs <= now) this.#known.delete(holder);
    }
  }
}

interface SurveyedPool {
  readonly pool: Pool;
  /** Those that new requests may go to. */
  readonly serving: readonly Origin[];
  /** Of these, in their order. */
  readonly shares: readonly number[];
  /** Those that only bound sessions may go to. */
  readonly bound: readonly Origin[];
  readonly obstacles: readonly Obstacle[];
}
