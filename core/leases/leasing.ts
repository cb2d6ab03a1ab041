/**
 * The object's side of the leases: who is leased what, in which shares, and who has to ask. It decides from what the
 * coordinator knows, and the slot ledger keeps what it gives away.
 */
import { spillReason } from "../burst/spill.ts";
import { obstacle, type Obstacle, type OriginStatus } from "../selection/eligible.ts";
import type { Balancers } from "../selection/balancers.ts";
import { goesByLoad } from "../selection/registry.ts";
import type { Millis, Origin, OriginName, Pool, PoolName, Upstream } from "../upstream.ts";
import { allot, wishFor } from "./allotment.ts";
import type { HolderCeiling } from "./ceiling.ts";
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
import { regionOf } from "./region.ts";
import { exchangeEveryMs, fullForMs, HolderPace, MessageRate } from "./pace.ts";
import { fillToLevel } from "./shares.ts";
import type { SlotLedger } from "./slot-ledger.ts";
import { Wishes } from "./wishes.ts";

/** A holder that is not heard of for so long starts nothing under its lease any more. */
export const leaseMs: Millis = 10_000;

/** What leases are made from, at one moment. */
export interface LeasingView {
  readonly now: Millis;
  readonly statusOf: (origin: OriginName) => OriginStatus;
  readonly pinEpochOf: (origin: OriginName) => number;
  /** How many slots of the origin there are to be leased. */
  readonly limitOf: (origin: Origin) => number;
  /** For how long they are. */
  readonly leaseMs: Millis;
  /** A region's root has said that the pool takes no more. */
  readonly closedPool: (pool: PoolName) => ClosedPool | undefined;
}

export interface Offer {
  readonly reply: Pick<ExchangeReply, "mode" | "everyMs" | "lease">;
  /** To be persisted before the reply leaves. */
  readonly ceiling?: HolderCeiling | undefined;
}

interface Known {
  readonly pace: HolderPace;
  readonly isRegion: boolean;
  /** Its counts of what it started by itself, as heard last. */
  readonly started: Map<OriginName, number>;
  /** Asks since its last lease. */
  asks: number;
  heardMs: Millis;
}

const noObstacle: ReadonlySet<OriginName> = new Set();

export class Leasing {
  readonly #upstream: Upstream;
  readonly #ledger: SlotLedger;
  readonly #balancers: Balancers;
  readonly #known: Map<HolderId, Known>;
  readonly #wishes = new Wishes();
  readonly #flow = new Flow();
  readonly #rate: MessageRate;
  #forgetAtMs: Millis = 0;

  /** `before`: what another configuration of the upstream knew of its holders. */
  constructor(upstream: Upstream, ledger: SlotLedger, balancers: Balancers, now: Millis, before?: Leasing) {
    this.#upstream = upstream;
    this.#ledger = ledger;
    this.#balancers = balancers;
    this.#known = before === undefined ? new Map<HolderId, Known>() : before.#known;
    this.#rate = new MessageRate(now);
  }

  /** Takes note of a message. Returns what its holder has started by itself since the last one, by origin. */
  heard(message: ExchangeMessage, runs: readonly OutcomeRun[], now: Millis): ReadonlyMap<OriginName, number> {
    this.#rate.heard(now);
    this.#forgetSilent(now);
    this.#flow.turn(this.#everyMs, now);
    const known = this.#knownOf(message, now);
    const started = new Map<OriginName, number>();
    let requests = message.want === undefined ? 0 : 1;
    known.asks += requests;
    for (const { origin, count } of message.started ?? []) {
      const fresh = count - (known.started.get(origin) ?? 0);
      if (fresh <= 0) continue;
      known.started.set(origin, count);
      started.set(origin, fresh);
      requests += fresh;
    }
    known.pace.heard(requests, now);
    this.#flow.arrived(requests);
    for (const { origin, count = 1 } of runs) this.#flow.completed(origin, count);
    return started;
  }

  /** How the holder is to go on, and its new lease if it has one. To be called for its latest message only. */
  offer(message: ExchangeMessage, view: LeasingView): Offer {
    const known = this.#knownOf(message, view.now);
    if (message.quiet === true || !this.#isLeased(known)) {
      this.#wishes.forget(message.holder);
      return { reply: { mode: "strict" } };
    }
    this.#wishes.prune(2 * this.#everyMs, view.now);
    return this.#lease(message, known, view);
  }

  get #everyMs(): Millis {
    return exchangeEveryMs(this.#wishes.holders);
  }

  #isLeased({ pace, isRegion }: Known): boolean {
    const { coordination } = this.#upstream;
    // A region asks for nothing single.
    if (isRegion) return true;
    return coordination === "auto" ? pace.isLeased : coordination === "leased";
  }

  #lease(message: ExchangeMessage, known: Known, view: LeasingView): Offer {
    const { holder } = message;
    const pools = this.#upstream.pools.map((pool) => this.#survey(pool, holder, known, view));
    known.asks = 0;
    this.#wishes.set(holder, new Map(pools.flatMap(({ wishes }) => [...wishes])), view.now);
    const origins = pools.flatMap((pool) => this.#leasedOrigins(pool, message, view));
    if (origins.length === 0) return { reply: { mode: "strict" } };
    const slots = new Map(
      origins.flatMap(({ origin, slots }) => (slots === undefined ? [] : [[origin, slots] as const])),
    );
    const { leaseMs: forMs } = view;
    const times = { forMs, requestMs: this.#upstream.timeouts.totalMs };
    const ceiling = this.#ledger.lease(message, slots, times, view.now);
    const closed = pools.flatMap((pool) => this.#closed(pool, view));
    const lease: Lease = { forMs, origins, closed };
    return { reply: { mode: "leased", everyMs: this.#everyMs, lease }, ceiling };
  }

  /** Who of the pool may take requests, in which shares, and how much more of each the holder would like. */
  #survey(pool: Pool, holder: HolderId, known: Known, view: LeasingView): SurveyedPool {
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
    const isHome = pool === this.#upstream.pools[0];
    const open = pool.origins.reduce((sum, { name }) => sum + this.#ledger.declared(holder, name), 0);
    const wish = isHome || open > 0 ? wishFor(open) + known.asks : 0;
    const sum = shares.reduce((total, share) => total + share, 0);
    const wishes = new Map(
      serving.map(({ name }, index) => [name, sum > 0 ? Math.ceil((wish * shares[index]!) / sum) : 0]),
    );
    return { pool, serving, shares, bound, obstacles, wishes };
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
    { serving, shares, bound, wishes }: SurveyedPool,
    { holder, short }: ExchangeMessage,
    view: LeasingView,
  ): LeasedOrigin[] {
    const leased = (origin: Origin, share: number, wish: number): LeasedOrigin => {
      const { name } = origin;
      const limit = view.limitOf(origin);
      const inFlight = this.#ledger.inUse(name);
      const facts = { origin: name, share, inFlight, pinEpoch: view.pinEpochOf(name) };
      if (limit === Infinity) return facts;
      const taken = this.#ledger.taken(name);
      const slots = allot(
        { limit, inUse: inFlight, taken, wishes: this.#wishes.on(name) },
        {
          open: this.#ledger.declared(holder, name),
          claim: this.#ledger.claimOf(holder, name),
          wish,
          least: short === true ? 1 : 0,
        },
      );
      return { ...facts, slots };
    };
    return [
      ...serving.map((origin, index) => leased(origin, shares[index]!, wishes.get(origin.name) ?? 0)),
      ...bound.map((origin): LeasedOrigin => ({ ...leased(origin, 0, 0), boundOnly: true })),
    ];
  }

  /** Whether the pool has nothing for one who asks either, and how long that may be taken for granted. */
  #closed({ pool, serving, obstacles }: SurveyedPool, view: LeasingView): ClosedPool[] {
    const above = view.closedPool(pool.name);
    if (serving.length === 0) {
      if (above !== undefined) return [above];
      return [{ pool: pool.name, why: spillReason(obstacles), forMs: this.#everyMs }];
    }
    if (serving.some((origin) => this.#ledger.taken(origin.name) < view.limitOf(origin))) return [];
    const forMs = fullForMs(this.#rate.at(view.now));
    const assumed = this.isAssumedFull(serving, view) || above?.assumed === true;
    return [{ pool: pool.name, why: "peak", forMs, ...(assumed && { assumed }) }];
  }

  /** Whether one of them might have room, if it were not for what an earlier incarnation may have given away. */
  isAssumedFull(origins: readonly Origin[], view: Pick<LeasingView, "limitOf">): boolean {
    return origins.some((origin) => {
      const [taken, limit] = [this.#ledger.taken(origin.name), view.limitOf(origin)];
      return taken >= limit && taken - this.#ledger.assumed(origin.name) < limit;
    });
  }

  #knownOf({ holder, lease, started = [] }: ExchangeMessage, now: Millis): Known {
    let known = this.#known.get(holder);
    if (known === undefined) {
      known = {
        // One that has a lease got it before this object lost its memory, and goes on with one.
        pace: new HolderPace(lease !== undefined, now),
        isRegion: regionOf(holder) !== undefined,
        started: new Map(started.map(({ origin, count }) => [origin, count])),
        asks: 0,
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
  readonly wishes: ReadonlyMap<OriginName, number>;
}
