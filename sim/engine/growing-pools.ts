/**
 * Pools that grow and shrink. The strategy chooses what sizes them (`Strategy.sizing`): a rule that
 * reacts to open requests, one that knows the future, or the strategy itself. How long a server takes to start is the same
 * for all of them.
 */
import { neededInstances } from "../../core/autoscale/autoscaler.ts";
import type { Millis } from "../../core/model/upstream.ts";
import { ratePerSecondAt } from "../scenario/arrivals.ts";
import type { Scaling, Scenario } from "../scenario/scenario.ts";
import { meanWorkMs } from "../scenario/work.ts";
import type { Fleet } from "../servers/fleet.ts";
import { measuredMs } from "./bill.ts";
import type { EventQueue } from "./event-queue.ts";
import { Kind } from "./events.ts";

/**
 * `open-requests`: as many as bring these down to the target. `arrivals`: as many as Weir would have for what arrives now,
 * without a forecast. `future`: those that will be needed. `ordered`: as the strategy says.
 */
export type Sizing = "open-requests" | "arrivals" | "future" | "ordered";

/** A strategy that keeps an account of servers is told when they join and leave their pool. */
export interface Crew {
  readonly sizing?: Sizing;
  joined?(server: number): void;
  left?(server: number): void;
}

/** A server that was ordered and does not serve yet. */
interface Starting {
  readonly id: number;
  /** When it boots; its cold start follows, and is paid for. */
  readonly bootsAt: Millis;
}

/** What arrives now is what arrived in so many looks. */
const recentLooks = 5;

/** The oracle looks this far from one moment to the next. */
const lookEveryMs: Millis = 1_000;

export class GrowingPools {
  /** The servers of each pool that are in use. */
  readonly inUse: number[][];
  readonly #scenario: Scenario;
  readonly #load: number;
  readonly #fleet: Fleet;
  readonly #queue: EventQueue;
  readonly #servers: readonly (readonly number[])[];
  /** When each server was last needed; for those that stop when they are idle. */
  readonly #neededAt: Millis[];
  /** When each server in use was booted. */
  readonly #bootedAt: Millis[];
  /** For how long servers that have been stopped ran in the measured time, by pool. */
  readonly #stoppedMs: Float64Array;
  /** By pool, the oldest first. */
  readonly #starting: Starting[][];
  readonly #ordered: number[];
  readonly #arrived: () => number;
  /** How many had arrived at the last looks. */
  readonly #arrivedThen: number[] = [0];
  #crew: Crew = {};
  #begun = 0;

  /** @param arrived how many requests have arrived so far. */
  constructor(
    scenario: Scenario,
    load: number,
    {
      fleet,
      queue,
      arrived,
    }: {
      readonly fleet: Fleet;
      readonly queue: EventQueue;
      readonly arrived: () => number;
    },
  ) {
    this.#scenario = scenario;
    this.#arrived = arrived;
    this.#load = load;
    this.#fleet = fleet;
    this.#queue = queue;
    this.#servers = scenario.pools.map((_, pool) =>
      scenario.servers.flatMap((spec, index) => (spec.pool === pool ? [index] : [])),
    );
    this.#neededAt = scenario.servers.map(() => 0);
    this.#bootedAt = scenario.servers.map(() => 0);
    this.#stoppedMs = new Float64Array(scenario.pools.length);
    this.#starting = scenario.pools.map(() => []);
    this.#ordered = scenario.pools.map(({ scaling }) => scaling?.min ?? 0);
    this.inUse = this.#servers.map((all, pool) => all.slice(0, scenario.pools[pool]!.scaling?.min));
  }

  /** The run begins, with this strategy. */
  begin(crew: Crew): void {
    this.#crew = crew;
    for (const [pool, { scaling }] of this.#scenario.pools.entries()) {
      if (scaling === undefined) continue;
      for (const server of this.#servers[pool]!.slice(scaling.min)) crew.left?.(server);
      if (crew.sizing !== "ordered") this.#queue.push(scaling.everyMs, Kind.scaling, pool);
    }
  }

  /** The strategy wants the pool to have so many servers, as far as there are as many. */
  order(pool: number, servers: number, now: Millis): void {
    this.#ordered[pool] = servers;
    const { scaling } = this.#scenario.pools[pool]!;
    if (scaling !== undefined) this.#resize(pool, scaling, now);
  }

  /** It is time to look whether the pool should grow or shrink. */
  look(pool: number, now: Millis): void {
    const { scaling } = this.#scenario.pools[pool]!;
    if (scaling === undefined) return;
    this.#queue.push(now + scaling.everyMs, Kind.scaling, pool);
    this.#resize(pool, scaling, now);
  }

  /** A server that was ordered has started, unless its order was taken back: it takes requests from now on. */
  join(pool: number, id: number, now: Millis): void {
    const starting = this.#starting[pool]!;
    const index = starting.findIndex((one) => one.id === id);
    if (index < 0) return;
    const [{ bootsAt } = { bootsAt: now }] = starting.splice(index, 1);
    const next = this.#servers[pool]![this.inUse[pool]!.length]!;
    this.#neededAt[next] = now;
    this.#bootedAt[next] = bootsAt;
    this.inUse[pool]!.push(next);
    this.#crew.joined?.(next);
  }

  /** For how long servers have run in the measured time, by pool; of new ones their cold start counts. */
  serverMs(): Float64Array {
    return this.#stoppedMs.map((stoppedMs, pool) => {
      const since = [
        ...this.inUse[pool]!.map((index) => this.#bootedAt[index]!),
        ...this.#starting[pool]!.map(({ bootsAt }) => bootsAt),
      ];
      return since.reduce((sum, bootedAt) => sum + measuredMs(this.#scenario, bootedAt, Infinity), stoppedMs);
    });
  }

  #resize(pool: number, scaling: Scaling, now: Millis): void {
    const { sizing = "open-requests" } = this.#crew;
    const wanted = Math.min(
      this.#servers[pool]!.length,
      Math.max(scaling.min, this.#wanted(pool, scaling, now)),
    );
    const inUse = this.inUse[pool]!;
    for (const index of inUse.slice(0, wanted)) this.#neededAt[index] = now;
    while (inUse.length + this.#starting[pool]!.length < wanted) this.#start(pool, scaling, now);
    if (sizing === "open-requests" || sizing === "arrivals") {
      while (inUse.length > wanted && now - this.#neededAt[inUse.at(-1)!]! >= scaling.idleMs) {
        this.#stop(pool, now);
      }
      return;
    }
    while (inUse.length + this.#starting[pool]!.length > wanted) this.#stop(pool, now);
  }

  #start(pool: number, { delayMs }: Scaling, now: Millis): void {
    const id = this.#begun++;
    this.#starting[pool]!.push({ id, bootsAt: now + delayMs });
    this.#queue.push(now + delayMs + this.#scenario.pools[pool]!.coldStartMs, Kind.boot, pool, id);
  }

  /** A server that has not started yet goes first. One that serves goes on with what it has, and gets nothing more. */
  #stop(pool: number, now: Millis): void {
    const starting = this.#starting[pool]!.pop();
    const server = starting === undefined ? this.inUse[pool]!.pop()! : undefined;
    const bootedAt = server === undefined ? starting!.bootsAt : this.#bootedAt[server]!;
    this.#stoppedMs[pool]! += measuredMs(this.#scenario, bootedAt, Math.max(bootedAt, now));
    if (server !== undefined) this.#crew.left?.(server);
  }

  #wanted(pool: number, scaling: Scaling, now: Millis): number {
    switch (this.#crew.sizing ?? "open-requests") {
      case "open-requests":
        return this.#forOpenRequests(pool, scaling);
      case "arrivals":
        return this.#forArrivals(pool, scaling);
      case "future":
        return this.#forFuture(pool, scaling, now);
      case "ordered":
        return this.#ordered[pool]!;
    }
  }

  /** As many as bring open requests per core down to the target; one if none runs and those before are full. */
  #forOpenRequests(pool: number, scaling: Scaling): number {
    let open = 0;
    for (const index of this.inUse[pool]!) open += this.#fleet.machines[index]!.model.open;
    const first = this.inUse[pool]!.length === 0 && this.#nobodyHasRoom(pool) ? 1 : 0;
    return Math.max(first, Math.ceil(open / (this.#coresOf(pool) * scaling.target)));
  }

  #forArrivals(pool: number, { everyMs }: Scaling): number {
    this.#arrivedThen.push(this.#arrived());
    if (this.#arrivedThen.length > recentLooks + 1) this.#arrivedThen.shift();
    const arrived = this.#arrivedThen.at(-1)! - this.#arrivedThen[0]!;
    return this.#neededFor((arrived * 1_000) / ((this.#arrivedThen.length - 1) * everyMs), pool);
  }

  /** By Weir's own rule. */
  #neededFor(perSecond: number, pool: number): number {
    const serviceMs = meanWorkMs(this.#scenario.work);
    const homeSlots = this.#servers[0]!.reduce((sum, index) => sum + this.#fleet.machines[index]!.cores, 0);
    const demand = perSecond + 2 * Math.sqrt(perSecond);
    return neededInstances({ demand, homeSlots, serviceMs }, this.#coresOf(pool));
  }

  /**
   * What will be needed at any moment until one that is ordered now would serve: so each is there in time and stops when
   * it is not needed any more, but for gaps too short to start anew. Sized as Weir sizes, by the true rate.
   */
  #forFuture(pool: number, { delayMs, everyMs }: Scaling, now: Millis): number {
    const { arrivals, ratePerSecond, pools } = this.#scenario;
    const untilMs = now + delayMs + pools[pool]!.coldStartMs + everyMs;
    let most = 0;
    for (let at = now; at <= untilMs; at += lookEveryMs) {
      const rate = ratePerSecondAt(arrivals, ratePerSecond * this.#load, at);
      most = Math.max(most, this.#neededFor(rate, pool));
    }
    return most;
  }

  /** Of one of its servers: guaranteed cores, or slots. */
  #coresOf(pool: number): number {
    return this.#fleet.machines[this.#servers[pool]![0]!]!.cores;
  }

  /** Whether all servers in use of the pools before this one are full or dead. */
  #nobodyHasRoom(pool: number): boolean {
    return this.inUse
      .slice(0, pool)
      .flat()
      .map((index) => this.#fleet.machines[index]!)
      .every(({ model, spec }) => !model.up || model.open >= (spec.maxConns ?? Infinity));
  }
}
