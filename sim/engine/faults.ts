/**
 * What is broken at the moment. Several faults may hold at once, also of one kind and of one server: the slowest, the
 * most lost, the one that began last counts, and what is dead lives again when the last of its deaths is over.
 */
import type { Millis } from "../../core/model/upstream.ts";
import type { Fault, Scenario } from "../scenario/scenario.ts";
import type { Fleet, Machine } from "../servers/fleet.ts";

type FaultOf<Kind extends Fault["kind"]> = Extract<Fault, { readonly kind: Kind }>;

export class Faults {
  readonly #scenario: Scenario;
  readonly #fleet: Fleet;
  /** In the order in which they began. */
  readonly #active = new Set<Fault>();
  readonly #killDispatcher: (dispatcher: number, now: Millis) => void;
  coordinatorIsUp = true;
  coordinatorRestarts = 0;
  /** Of the messages to a coordinator, and between coordinators, 0–1. */
  lostShare = 0;

  constructor(scenario: Scenario, fleet: Fleet, killDispatcher: (dispatcher: number, now: Millis) => void) {
    this.#scenario = scenario;
    this.#fleet = fleet;
    this.#killDispatcher = killDispatcher;
  }

  /** A fault begins or ends. */
  change(fault: Fault, begins: boolean, now: Millis): void {
    if (begins) this.#active.add(fault);
    else this.#active.delete(fault);
    switch (fault.kind) {
      case "dead-coordinator":
        this.coordinatorIsUp = this.#all("dead-coordinator").length === 0;
        if (this.coordinatorIsUp) this.coordinatorRestarts++;
        break;
      case "dead-dispatchers":
        for (const dispatcher of evenly(fault.share, this.#scenario.dispatchers.count)) {
          this.#killDispatcher(dispatcher, now);
        }
        break;
      case "lost-reports":
        this.lostShare = Math.max(0, ...this.#all("lost-reports").map(({ share }) => share));
        break;
      case "slow":
        this.#each(fault.servers, now, ({ model }, server) => {
          const slow = this.#all("slow").filter(({ servers }) => servers.includes(server));
          model.slowDown(Math.max(1, ...slow.map(({ factor }) => factor)), now);
        });
        break;
      case "fast-failing":
        this.#each(fault.servers, now, (machine, server) => {
          const failing = this.#all("fast-failing").findLast(({ servers }) => servers.includes(server));
          machine.failsAfterMs = failing?.afterMs;
        });
        break;
      case "dead":
        this.#each(fault.servers, now, ({ model, spec }, server) => {
          if (begins) model.kill(now);
          else if (this.#all("dead").some(({ servers }) => servers.includes(server))) return;
          else model.boot(now, this.#scenario.pools[spec.pool]!.coldStartMs);
        });
        break;
    }
  }

  #all<Kind extends Fault["kind"]>(kind: Kind): FaultOf<Kind>[] {
    return [...this.#active].filter((fault): fault is FaultOf<Kind> => fault.kind === kind);
  }

  #each(servers: readonly number[], now: Millis, change: (machine: Machine, server: number) => void): void {
    for (const server of servers) {
      change(this.#fleet.machines[server]!, server);
      this.#fleet.replan(server, now);
    }
  }
}

/** A share of the numbers below `count`, as evenly spread as can be. */
function evenly(share: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => index).filter(
    (index) => Math.floor((index + 1) * share) > Math.floor(index * share),
  );
}
