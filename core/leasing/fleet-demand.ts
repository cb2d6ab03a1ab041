/**
 * What the object knows of its holders' demand, and decides on their leases by: how busy each holder is, how many slots of each pool each
 * leased holder needs, and how many requests came and ended in the last period, fleet-wide.
 */
import type { Millis, OriginName, Pool, PoolName } from "../model/upstream.ts";
import { leaseMs } from "../protocol/clocks.ts";
import type { ExchangeMessage, HolderId } from "../protocol/exchange.ts";
import type { OutcomeRun } from "../protocol/outcome.ts";
import { usualSpreads, type SlotDemand } from "./allotment.ts";
import { HolderPace } from "./pace.ts";

interface KnownHolder {
  readonly pace: HolderPace;
  /** Its counts of what it started by itself, as heard last. */
  readonly started: Map<OriginName, number>;
  heardMs: Millis;
}

interface Needs {
  readonly byPool: ReadonlyMap<PoolName, SlotDemand>;
  readonly heardMs: Millis;
}

/** Of one period. */
interface Flow {
  arrivals: number;
  readonly completions: Map<OriginName, number>;
}

export interface CountedRequests {
  /** What the holder has started by itself since its last message, by origin. */
  readonly started: ReadonlyMap<OriginName, number>;
  /** That, and what it asks for, each request once. */
  readonly requests: number;
}

/**
 * What a holder needs of each pool, by its message. What it has open in a later one it would have open at home, had there been
 * room; so home is to hold all that it has open anywhere. `heldOn`: what it has open on an origin.
 */
export function demandOf(
  { usual = 0, most = 0 }: Pick<ExchangeMessage, "usual" | "most">,
  pools: readonly Pool[],
  heldOn: (origin: OriginName) => number,
): Map<PoolName, SlotDemand> {
  const demand = new Map<PoolName, SlotDemand>();
  let left = Math.max(1, usual);
  let mostLeft = most;
  for (const { name, origins } of pools) {
    const open = origins.reduce((sum, origin) => sum + heldOn(origin.name), 0);
    // What it has had open at once it is to be able to start again.
    const spread = Math.max(Math.sqrt(left), (mostLeft - left) / usualSpreads);
    demand.set(name, { mean: left, spread, open });
    left = Math.max(0, left - open);
    mostLeft -= open;
  }
  return demand;
}

const noDemand: SlotDemand = { mean: 0, spread: 0, open: 0 };

export class FleetDemand {
  readonly #known: Map<HolderId, KnownHolder>;
  #forgetAtMs: Millis = 0;
  readonly #needs = new Map<HolderId, Needs>();
  readonly #totals = new Map<PoolName, SlotDemand>();
  #pruneAtMs: Millis = 0;
  #flow = noFlow();
  #lastFlow = noFlow();
  #flowSinceMs: Millis = 0;

  /** `before`: of another configuration, whose holders are known here, too. What they need of its pools is not. */
  constructor(before?: FleetDemand) {
    this.#known = before === undefined ? new Map() : before.#known;
  }

  /** Takes note of a message, and of how requests have ended by it. Periods are `everyMs` long. */
  recordMessage(
    message: ExchangeMessage,
    runs: readonly OutcomeRun[],
    everyMs: Millis,
    now: Millis,
  ): CountedRequests {
    const heard = this.#countRequests(message, now);
    this.#turn(everyMs, now);
    this.#flow.arrivals += heard.requests;
    const { completions } = this.#flow;
    for (const { origin, count = 1 } of runs) completions.set(origin, (completions.get(origin) ?? 0) + count);
    return heard;
  }

  #countRequests(message: ExchangeMessage, now: Millis): CountedRequests {
    this.#forgetSilent(now);
    const known = this.#knownOf(message, now);
    known.heardMs = now;
    const started = new Map<OriginName, number>();
    let requests = message.want === undefined || message.want.again === true ? 0 : 1;
    for (const { origin, count } of message.started ?? []) {
      const fresh = count - (known.started.get(origin) ?? 0);
      if (fresh <= 0) continue;
      known.started.set(origin, count);
      started.set(origin, fresh);
      requests += fresh;
    }
    known.pace.recordRequests(requests, now);
    return { started, requests };
  }

  #knownOf({ holder, lease, started = [] }: ExchangeMessage, now: Millis): KnownHolder {
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
    return known;
  }

  #forgetSilent(now: Millis): void {
    if (now < this.#forgetAtMs) return;
    this.#forgetAtMs = now + leaseMs;
    for (const [holder, { heardMs }] of this.#known) {
      if (heardMs + leaseMs <= now) this.#known.delete(holder);
    }
  }

  #turn(periodMs: Millis, now: Millis): void {
    if (now - this.#flowSinceMs < periodMs) return;
    const isRecent = now - this.#flowSinceMs < 2 * periodMs;
    this.#lastFlow = isRecent ? this.#flow : noFlow();
    this.#flow = noFlow();
    this.#flowSinceMs = now;
  }

  /** Holders that have sent a message recently. */
  get holders(): number {
    return this.#known.size;
  }

  /** Whether the holder, which has been heard, has so many requests that it is better leased slots than asking for each. */
  isBusy(holder: HolderId): boolean {
    return this.#known.get(holder)?.pace.isLeased ?? false;
  }

  /** The holder is leased slots, and needs so many. Replaces what it needed before. */
  need(holder: HolderId, byPool: ReadonlyMap<PoolName, SlotDemand>, now: Millis): void {
    this.needNothing(holder);
    this.#needs.set(holder, { byPool, heardMs: now });
    for (const [pool, demand] of byPool) this.#add(pool, demand, 1);
  }

  needNothing(holder: HolderId): void {
    for (const [pool, demand] of this.#needs.get(holder)?.byPool ?? []) this.#add(pool, demand, -1);
    this.#needs.delete(holder);
    // Sums of fractions that come and go do not come out at 0.
    if (this.#needs.size === 0) this.#totals.clear();
  }

  /** Holders that have been silent for so long need nothing. Cheap to call often. */
  prune(silentMs: Millis, now: Millis): void {
    if (now < this.#pruneAtMs) return;
    this.#pruneAtMs = now + silentMs / 2;
    for (const [holder, { heardMs }] of this.#needs) if (heardMs + silentMs <= now) this.needNothing(holder);
  }

  /** Holders that are leased slots. */
  get leased(): number {
    return this.#needs.size;
  }

  /** What they need of the pool together. */
  on(pool: PoolName): SlotDemand {
    return this.#totals.get(pool) ?? noDemand;
  }

  #add(pool: PoolName, { mean, spread, open }: SlotDemand, sign: 1 | -1): void {
    const before = this.on(pool);
    this.#totals.set(pool, {
      mean: before.mean + sign * mean,
      spread: before.spread + sign * spread,
      open: before.open + sign * open,
    });
  }

  /** Requests that came in the last complete period. */
  get arrivals(): number {
    return this.#lastFlow.arrivals;
  }

  /** Requests on the origin that ended in it. */
  completionsOf(origin: OriginName): number {
    return this.#lastFlow.completions.get(origin) ?? 0;
  }
}

function noFlow(): Flow {
  return { arrivals: 0, completions: new Map() };
}
