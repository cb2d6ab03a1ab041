/**
 * Spills by a threshold, as autoscalers and load balancers do that watch utilisation: while home has so large a part of its slots
 * open, requests go to the next pool whose servers have room, else home; in each pool to the server with the fewest open
 * requests for its size. It knows all counts at every moment, for nothing, which flatters it.
 */
import type { AttemptEnd, Ground, Strategy } from "../strategy.ts";

export class Threshold implements Strategy {
  readonly sizing = "arrivals";
  readonly #ground: Ground;
  readonly #share: number;
  /** By server: requests that were sent there and have not ended. */
  readonly #open: Int32Array;

  /** @param share of home's slots, 0–1. */
  constructor(ground: Ground, share: number) {
    this.#ground = ground;
    this.#share = share;
    this.#open = new Int32Array(ground.scenario.servers.length);
  }

  route(request: number): void {
    const [home = [], ...later] = this.#ground.pools;
    const pools = this.#openShare(home) < this.#share ? [home] : [...later, home];
    for (const pool of pools) {
      const server = this.#emptiest(pool);
      if (server !== undefined) return this.#send(request, server);
    }
    this.#ground.refuse(request);
  }

  mayRetry(): boolean {
    return false;
  }

  recordEnd({ server }: AttemptEnd): void {
    this.#open[server]!--;
  }

  #send(request: number, server: number): void {
    this.#open[server]!++;
    this.#ground.send(request, server);
  }

  #openShare(servers: readonly number[]): number {
    let [open, cores] = [0, 0];
    for (const server of servers) {
      open += this.#open[server]!;
      cores += this.#ground.machines[server]!.cores;
    }
    return open / cores;
  }

  /** At home requests queue before servers that are full; elsewhere no request is sent to a full server. */
  #emptiest(servers: readonly number[]): number | undefined {
    let best: number | undefined;
    let least = Infinity;
    for (const server of servers) {
      const { model, spec, cores } = this.#ground.machines[server]!;
      const open = this.#open[server]!;
      if (!model.up || (spec.pool > 0 && open >= (spec.maxConns ?? Infinity))) continue;
      const share = open / cores;
      if (share < least) [best, least] = [server, share];
    }
    return best;
  }
}
