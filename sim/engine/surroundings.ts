/** What happens to a fleet by itself, and when: neighbours come and go, faults begin and end, probes look, pools grow. */
import type { Random } from "../../core/model/random.ts";
import type { Millis } from "../../core/model/upstream.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { startsBusy, stayMs } from "../servers/antagonist.ts";
import type { Fleet } from "../servers/fleet.ts";
import { SharingServer } from "../servers/sharing-server.ts";
import type { EventQueue } from "./event-queue.ts";
import { Kind } from "./events.ts";
import { Faults } from "./faults.ts";
import { GrowingPools, type Crew } from "./growing-pools.ts";
import type { Health } from "./health.ts";
import { serverStream } from "./streams.ts";

export class Surroundings {
  readonly #scenario: Scenario;
  readonly #fleet: Fleet;
  readonly #health: Health;
  readonly #queue: EventQueue;
  readonly #antagonists: readonly Random[];
  readonly #pools: GrowingPools;
  readonly #faults: Faults;

  constructor(
    scenario: Scenario,
    { load, seed }: { readonly load: number; readonly seed: number },
    {
      fleet,
      health,
      queue,
      arrived,
      killDispatcher,
    }: {
      readonly fleet: Fleet;
      readonly health: Health;
      readonly queue: EventQueue;
      /** How many requests have arrived so far. */
      readonly arrived: () => number;
      readonly killDispatcher: (dispatcher: number, now: Millis) => void;
    },
  ) {
    this.#scenario = scenario;
    this.#fleet = fleet;
    this.#health = health;
    this.#queue = queue;
    this.#faults = new Faults(scenario, fleet, killDispatcher);
    this.#antagonists = scenario.servers.map((_, index) => serverStream(seed, index, "antagonist"));
    this.#pools = new GrowingPools(scenario, load, { fleet, queue, arrived });
  }

  /** The servers of each pool that are in use. */
  get pools(): readonly (readonly number[])[] {
    return this.#pools.inUse;
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

  begin(crew: Crew): void {
    for (const index of this.#scenario.servers.keys()) this.#beginServer(index);
    for (const [index, { atMs, untilMs }] of this.#scenario.faults.entries()) {
      this.#queue.push(atMs, Kind.fault, index, 1);
      if (untilMs < Infinity) this.#queue.push(untilMs, Kind.fault, index, 0);
    }
    if (this.#scenario.health.active !== undefined) this.#queue.push(0, Kind.probes);
    this.#pools.begin(crew);
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
        this.#pools.look(first, now);
        break;
      case Kind.boot:
        this.#pools.join(first, second, now);
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
      this.#health.recordProbe(index, model.up && failsAfterMs === undefined, now);
    }
    this.#queue.push(now + (this.#scenario.health.active?.intervalMs ?? Infinity), Kind.probes);
  }

  /** The strategy wants a pool to have so many servers. */
  order(pool: number, servers: number, now: Millis): void {
    this.#pools.order(pool, servers, now);
  }

  /** For how long servers have run in the measured time, by pool; of a new one its cold start counts. */
  serverMs(): Float64Array {
    return this.#pools.serverMs();
  }
}
