/** What happens to a fleet by itself, and when: neighbours come and go, faults begin and end, probes look, pools grow. */
import type { Random } from "../../core/random.ts";
import type { Millis } from "../../core/upstream.ts";
import type { Scaling, Scenario } from "../scenario/scenario.ts";
import { startsBusy, stayMs } from "../servers/antagonist.ts";
import type { Fleet } from "../servers/fleet.ts";
import { SharingServer } from "../servers/sharing-server.ts";
import type { EventQueue } from "./event-queue.ts";
import { measuredMs } from "./bill.ts";
import { Kind } from "./events.ts";
import { Faults } from "./faults.ts";
import type { Health } from "./health.ts";
import { serverStream } from "./streams.ts";

export class Surroundings {
  readonly #scenario: Scenario;
  readonly #fleet: Fleet;
  readonly #health: Health;
  readonly #queue: EventQueue;
  readonly #antagonists: readonly Random[];
  /** The servers of each pool that are in use. */
  readonly pools: number[][];
  readonly #faults: Faults;
  /** When each server was last needed; for pools that shrink. */
  readonly #neededAt: Millis[];
  /** When each server in use was booted. */
  readonly #bootedAt: Millis[];
  /** For how long servers that have been stopped ran in the measured time, by pool. */
  readonly #stoppedMs: Float64Array;
  /** Servers of each pool that have been ordered and do not serve yet. */
  readonly #booting: number[];

  constructor(
    scenario: Scenario,
    seed: number,
    {
      fleet,
      health,
      queue,
      killDispatcher,
    }: {
      readonly fleet: Fleet;
      readonly health: Health;
      readonly queue: EventQueue;
      readonly killDispatcher: (dispatcher: number, now: Millis) => void;
    },
  ) {
    this.#scenario = scenario;
    this.#fleet = fleet;
    this.#health = health;
    this.#queue = queue;
    this.#faults = new Faults(scenario, fleet, killDispatcher);
    this.#antagonists = scenario.servers.map((_, index) => serverStream(seed, index, "antagonist"));
    this.#neededAt = scenario.servers.map(() => 0);
    this.#bootedAt = scenario.servers.map(() => 0);
    this.#stoppedMs = new Float64Array(scenario.pools.length);
    this.#booting = scenario.pools.map(() => 0);
    this.pools = scenario.pools.map((pool, index) => {
      const servers = serversOf(scenario, index);
      return servers.slice(0, pool.scaling?.min ?? servers.length);
    });
  }

  get coordinatorIsUp(): boolean {
    return this.#faults.coordinatorIsUp;
  }

  /** How often it came back. */
  get coordinatorRestarts(): number {
    return this.#faults.coordinatorRestarts;
  }

  /** The share of messages that are lost at the moment. */
  get lostShare(): number {
    return this.#faults.lostShare;
  }

  begin(): void {
    for (const index of this.#scenario.servers.keys()) this.#beginServer(index);
    for (const [index, { atMs, untilMs }] of this.#scenario.faults.entries()) {
      this.#queue.push(atMs, Kind.fault, index, 1);
      if (untilMs < Infinity) this.#queue.push(untilMs, Kind.fault, index, 0);
    }
    if (this.#scenario.health.active !== undefined) this.#queue.push(0, Kind.probes);
    for (const [index, { scaling }] of this.#scenario.pools.entries()) {
      if (scaling !== undefined) this.#queue.push(scaling.everyMs, Kind.scaling, index);
    }
  }

  /** One of the events that are scheduled here. */
  happen(kind: number, first: number, second: number, now: Millis): void {
    switch (kind) {
      case Kind.antagonist:
        this.#neighbours(first, second === 1, now);
        break;
      case Kind.fault:
        this.#faults.change(this.#scenario.faults[first]!, second === 1, now);
        break;
      case Kind.probes:
        this.#probe(now);
        break;
      case Kind.scaling:
        this.#scale(first, now);
        break;
      case Kind.boot:
        this.#join(first, now);
        break;
    }
  }

  #beginServer(index: number): void {
    const { model } = this.#scenario.servers[index]!;
    if (model.kind !== "sharing") return;
    const random = this.#antagonists[index]!;
    this.#neighbours(index, startsBusy(model.antagonist, random), 0);
  }

  #neighbours(index: number, busy: boolean, now: Millis): void {
    const { spec, model } = this.#fleet.machines[index]!;
    if (spec.model.kind !== "sharing" || !(model instanceof SharingServer)) return;
    model.setCap(busy ? spec.model.cores : spec.model.cores * spec.model.spare, now);
    this.#fleet.replan(index, now);
    const forMs = stayMs(spec.model.antagonist, busy, this.#antagonists[index]!);
    if (forMs < Infinity) this.#queue.push(now + forMs, Kind.antagonist, index, Number(!busy));
  }

  #probe(now: Millis): void {
    for (const [index, { model, failsAfterMs }] of this.#fleet.machines.entries()) {
      this.#health.probed(index, model.up && failsAfterMs === undefined, now);
    }
    this.#queue.push(now + (this.#scenario.health.active?.intervalMs ?? Infinity), Kind.probes);
  }

  #scale(pool: number, now: Millis): void {
    const { scaling } = this.#scenario.pools[pool]!;
    if (scaling === undefined) return;
    this.#queue.push(now + scaling.everyMs, Kind.scaling, pool);
    const all = serversOf(this.#scenario, pool);
    const wanted = this.#wanted(pool, scaling, all.length);
    const inUse = this.pools[pool]!;
    for (const index of inUse.slice(0, wanted)) this.#neededAt[index] = now;
    const { coldStartMs } = this.#scenario.pools[pool]!;
    for (; inUse.length + this.#booting[pool]! < wanted; this.#booting[pool]!++) {
      this.#queue.push(now + scaling.delayMs + coldStartMs, Kind.boot, pool);
    }
    while (inUse.length > wanted && now - this.#neededAt[inUse.at(-1)!]! >= scaling.idleMs) {
      const bootedAt = this.#bootedAt[inUse.pop()!]!;
      this.#stoppedMs[pool]! += measuredMs(this.#scenario, bootedAt, now);
    }
  }

  /** For how long servers have run in the measured time, by pool; of a new one its cold start counts. */
  serverMs(): Float64Array {
    return this.#stoppedMs.map((stoppedMs, pool) =>
      this.pools[pool]!.reduce(
        (sum, index) => sum + measuredMs(this.#scenario, this.#bootedAt[index]!, Infinity),
        stoppedMs,
      ),
    );
  }

  /** A server that was ordered has started: it takes requests from now on. */
  #join(pool: number, now: Millis): void {
    this.#booting[pool]!--;
    const inUse = this.pools[pool]!;
    const next = serversOf(this.#scenario, pool)[inUse.length]!;
    this.#neededAt[next] = now;
    this.#bootedAt[next] = now - this.#scenario.pools[pool]!.coldStartMs;
    inUse.push(next);
  }

  /** As many servers as bring open requests per core down to the target; one if none runs and those before are full. */
  #wanted(pool: number, scaling: Scaling, most: number): number {
    let open = 0;
    for (const index of this.pools[pool]!) open += this.#fleet.machines[index]!.model.open;
    const cores = this.#fleet.machines[serversOf(this.#scenario, pool)[0]!]!.cores;
    const first = this.pools[pool]!.length === 0 && this.#nobodyHasRoom(pool) ? 1 : 0;
    return Math.min(most, Math.max(scaling.min, first, Math.ceil(open / (cores * scaling.target))));
  }

  /** Whether all servers in use of the pools before this one are full or dead. */
  #nobodyHasRoom(pool: number): boolean {
    return this.pools
      .slice(0, pool)
      .flat()
      .map((index) => this.#fleet.machines[index]!)
      .every(({ model, spec }) => !model.up || model.open >= (spec.maxConns ?? Infinity));
  }
}

function serversOf(scenario: Scenario, pool: number): number[] {
  return scenario.servers.flatMap((spec, index) => (spec.pool === pool ? [index] : []));
}
