/** Each dispatcher takes the servers in turn, from a start of its own. */
import type { Ground } from "../strategy.ts";
import { LocalStrategy } from "./local.ts";

export class LocalRoundRobin extends LocalStrategy {
  readonly #turns: number[];

  constructor(ground: Ground) {
    super(ground);
    const { dispatchers, servers } = ground.scenario;
    this.#turns = Array.from({ length: dispatchers.count }, () =>
      Math.floor(ground.random.next() * servers.length),
    );
  }

  protected choose(dispatcher: number, servers: readonly number[]): number {
    const turn = this.#turns[dispatcher]!;
    this.#turns[dispatcher] = turn + 1;
    return servers[turn % servers.length]!;
  }
}
