/** What happens to a fleet by itself: neighbours come and go, faults begin and end, probes look, pools grow. */
import type { Random } from "../../core/random.ts";
import type { Millis } from "../../core/upstream.ts";
import type { Fault, Scaling, Scenario } from "../scenario/scenario.ts";
import { startsBusy, stayMs } from "../servers/antagonist.ts";
import type { Fleet } from "../servers/fleet.ts";
import { SharingServer } from "../servers/sharing-server.ts";
import type { EventQueue } from "./event-queue.ts";
import { Kind } from "./events.ts";
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
  coordinatorIsUp = true;
  coordinatorRestarts = 0;
  /** The share of messages that are lost at the moment. */
  lostShare = 0;
  /** When each server was last needed; for pools that shrink. */
  readonly #neededAt: Millis[];
  /** Servers of each pool that have been ordered and do not serve yet. */
  readonly #booting: number[];
  readonly #killDispatcher: (dispatcher: number, now: Millis) => void;

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
    this.#killDispatcher = killDispatcher;
    this.#fleet = fleet;
    this.#health = health;
    this.#queue = queue;
    this.#antagonists = scenario.servers.map((_, index) => serverStream(seed, index, "antagonist"));
    this.#neededAt = scenario.servers.map(() => 0);
    this.#booting = scenario.pools.map(() => 0);
    this.pools = scenario.pools.map((pool, index) => {
      const servers = serversOf(scenario, index);
      return servers.slice(0, pool.scaling?.min ?? servers.length);
    });
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
        this.#fault(this.#scenario.faults[first]!, second === 1, now);
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

  #fault(fault: Fault, begins: boolean, now: Millis): void {
    switch (fault.kind) {
      case "dead-coordinator":
        this.coordinatorIsUp = !begins;
        if (!begins) this.coordinatorRestarts++;
        break;
      case "dead-dispatchers":
        for (const dispatcher of evenly(fault.share, this.#scenario.dispatchers.count)) {
          this.#killDispatcher(dispatcher, now);
        }
        break;
      case "lost-reports":
        this.lostShare = begins ? fault.share : 0;
        break;
      case "slow":
        this.#each(fault.servers, now, ({ model }) => model.slowDown(begins ? fault.factor : 1, now));
        break;
      case "fast-failing":
        this.#each(fault.servers, now, (machine) => {
          machine.failsAfterMs = begins ? fault.afterMs : undefined;
        });
        break;
      case "dead":
        this.#each(fault.servers, now, ({ model, spec }) => {
          if (begins) model.kill(now);
          else model.boot(now, this.#scenario.pools[spec.pool]!.coldStartMs);
        });
        break;
    }
  }

  #each(servers: readonly number[], now: Millis, change: (machine: Fleet["machines"][number]) => void): void {
    for (const index of servers) {
      change(this.#fleet.machines[index]!);
      this.#fleet.replan(index, now);
    }
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
    while (inUse.length > wanted && now - this.#neededAt[inUse.at(-1)!]! >= scaling.idleMs) inUse.pop();
  }

  /** A server that was ordered has started: it takes requests from now on. */
  #join(pool: number, now: Millis): void {
    this.#booting[pool]!--;
    const inUse = this.pools[pool]!;
    const next = serversOf(this.#scenario, pool)[inUse.length]!;
    this.#neededAt[next] = now;
    inUse.push(next);
  }

  /** As many servers as bring open requests per core down to the target. */
  #wanted(pool: number, scaling: Scaling, most: number): number {
    let open = 0;
    for (const index of this.pools[pool]!) open += this.#fleet.machines[index]!.model.open;
    const cores = this.#fleet.machines[serversOf(this.#scenario, pool)[0]!]!.cores;
    return Math.min(most, Math.max(scaling.min, Math.ceil(open / (cores * scaling.target))));
  }
}

/** A share of the numbers below `count`, as evenly spread as can be. */
function evenly(share: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => index).filter(
    (index) => Math.floor((index + 1) * share) > Math.floor(index * share),
  );
}

function serversOf(scenario: Scenario, pool: number): number[] {
  return scenario.servers.flatMap((spec, index) => (spec.pool === pool ? [index] : []));
}
