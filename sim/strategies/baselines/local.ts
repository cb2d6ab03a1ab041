/**
 * What all baselines have in common that decide at the dispatcher, by what it has seen itself: the servers that it
 * does not hold to be broken, a retry budget of its own, and burst pools for when no server at home is left (what
 * proxies call backups).
 */
import { RetryBudget } from "../../../core/resilience/retry-budget.ts";
import type { AttemptEnd, Ground, Strategy } from "../strategy.ts";

export abstract class LocalStrategy implements Strategy {
  protected readonly ground: Ground;
  readonly #budgets: readonly RetryBudget[];
  readonly #usable: number[] = [];

  constructor(ground: Ground) {
    this.ground = ground;
    const { dispatchers, requests } = ground.scenario;
    this.#budgets = Array.from({ length: dispatchers.count }, () => new RetryBudget(requests.retries.budget));
  }

  /** Chooses one of `servers`, of which there is at least one. */
  protected abstract choose(dispatcher: number, servers: readonly number[], request: number): number;

  /** The attempt has been sent. */
  protected sent(_dispatcher: number, _server: number): void {}

  route(request: number): void {
    const dispatcher = this.ground.dispatcherOf(request);
    if (this.ground.scenario.requests.retries.attempts > 0 && !this.ground.isRetry(request)) {
      this.#budgets[dispatcher]!.deposit(this.ground.now);
    }
    const servers = this.#usableServers(dispatcher, request);
    if (servers.length === 0) return this.ground.refuse(request);
    const server = this.choose(dispatcher, servers, request);
    this.sent(dispatcher, server);
    this.ground.send(request, server);
  }

  mayRetry(request: number): boolean {
    const budget = this.#budgets[this.ground.dispatcherOf(request)]!;
    if (!budget.allows(this.ground.now)) return false;
    budget.withdraw(this.ground.now);
    return true;
  }

  recordEnd({ dispatcher, server, ending }: AttemptEnd): void {
    this.ground.health.recordEnding(dispatcher, server, ending, this.ground.now);
  }

  #usableServers(dispatcher: number, request: number): readonly number[] {
    const { health, pools, now } = this.ground;
    const retry = this.ground.isRetry(request);
    for (const pool of pools) {
      if (health.allGood && !retry) return pool;
      const usable = this.#usable;
      usable.length = 0;
      for (const server of pool) {
        if (health.isHealthy(dispatcher, server, now) && !this.ground.hasTried(request, server)) {
          usable.push(server);
        }
      }
      if (usable.length > 0) return usable;
    }
    // No server is healthy: then the belief about them is probably wrong.
    return retry ? [] : (pools[0] ?? []);
  }
}

/** The tables of a strategy that counts its own requests in flight, by dispatcher and server. */
export class OwnInFlight {
  readonly #counts: Int32Array;
  readonly #servers: number;

  constructor({ scenario }: Ground) {
    this.#servers = scenario.servers.length;
    this.#counts = new Int32Array(scenario.dispatchers.count * this.#servers);
  }

  of(dispatcher: number, server: number): number {
    return this.#counts[dispatcher * this.#servers + server]!;
  }

  add(dispatcher: number, server: number, change: 1 | -1): void {
    const index = dispatcher * this.#servers + server;
    this.#counts[index] = this.#counts[index]! + change;
  }
}
