/**
 * What Weir's ways of coordination have in common: one retry budget for the fleet, and what a dispatcher does when its
 * coordinator does not answer in time. It then goes on without: round robin over what is healthy.
 */
import { RetryBudget } from "../../../core/resilience/retry-budget.ts";
import type { AttemptEnd, Ground, Strategy } from "../strategy.ts";
import { fleetScope } from "../../engine/health.ts";

export abstract class WeirStrategy implements Strategy {
  protected readonly ground: Ground;
  readonly #budget: RetryBudget;
  readonly #retries: boolean;
  #turn = 0;

  constructor(ground: Ground) {
    this.ground = ground;
    const { attempts, budget } = ground.scenario.requests.retries;
    this.#budget = new RetryBudget(budget);
    this.#retries = attempts > 0;
  }

  abstract route(request: number): void;
  abstract recordEnd(end: AttemptEnd): void;

  mayRetry(): boolean {
    if (!this.#budget.allows(this.ground.now)) return false;
    this.#budget.withdraw(this.ground.now);
    return true;
  }

  /** A request asks for its first server. */
  protected deposit(request: number): void {
    if (this.#retries && !this.ground.isRetry(request)) this.#budget.deposit(this.ground.now);
  }

  /** What traffic shows of a server's health. Each request that is open is another client's. */
  protected judge({ request, server, ending }: Pick<AttemptEnd, "request" | "server" | "ending">): void {
    this.ground.health.recordFleetEnding(server, ending, request, this.ground.now);
  }

  /** A server without any coordination; `undefined` if none is left to try. */
  protected pickAlone(request: number): number | undefined {
    const { health, now } = this.ground;
    for (const pool of this.ground.pools) {
      for (let step = 0; step < pool.length; step++) {
        const server = pool[(this.#turn + step) % pool.length]!;
        if (!health.isHealthy(fleetScope, server, now) || this.ground.hasTried(request, server)) continue;
        this.#turn += step + 1;
        return server;
      }
    }
    return undefined;
  }
}
