/**
 * Join the shortest queue, with the true number of requests in flight of every server at the moment of the decision: what a
 * counter without any delay would do. Ties at random. `jsq-rtt` pays for it with a round trip to the coordinator.
 */
import type { Millis } from "../../../core/model/upstream.ts";
import type { Ground } from "../strategy.ts";
import { LocalStrategy } from "./local.ts";

export class ShortestQueue extends LocalStrategy {
  readonly #delayMs: Millis;

  constructor(ground: Ground, delayMs: Millis) {
    super(ground);
    this.#delayMs = delayMs;
  }

  override route(request: number): void {
    if (this.#delayMs === 0) super.route(request);
    else this.ground.after(this.#delayMs, 0, request, this.ground.stampOf(request));
  }

  timer(_code: number, request: number, stamp: number): void {
    if (this.ground.isWaiting(request, stamp)) super.route(request);
  }

  protected choose(_dispatcher: number, servers: readonly number[]): number {
    let best = servers[0]!;
    let fewest = Infinity;
    let ties = 0;
    for (const server of servers) {
      const { open } = this.ground.machines[server]!.model;
      if (open > fewest) continue;
      ties = open < fewest ? 1 : ties + 1;
      // The n-th of n equals takes the place with probability 1/n: each of them in the end alike.
      if (open < fewest || this.ground.random.next() * ties < 1) best = server;
      fewest = open;
    }
    return best;
  }
}
