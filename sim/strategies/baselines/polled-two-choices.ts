/**
 * Two at random, and of these the one that had fewer requests in flight when it was asked last: each dispatcher polls
 * all servers twice a second. YARP's PowerOfTwoChoices with polled load, as in figure 7 of Prequal's paper.
 */
import type { Ground } from "../strategy.ts";
import { LocalStrategy } from "./local.ts";
import { twoOf } from "./two-choices.ts";

const pollEveryMs = 500;

export class PolledTwoChoices extends LocalStrategy {
  readonly #polled: Int32Array;

  constructor(ground: Ground) {
    super(ground);
    const { dispatchers, servers } = ground.scenario;
    this.#polled = new Int32Array(dispatchers.count * servers.length);
  }

  begin(): void {
    for (let dispatcher = 0; dispatcher < this.ground.scenario.dispatchers.count; dispatcher++) {
      this.ground.after(this.ground.random.next() * pollEveryMs, 0, dispatcher);
    }
  }

  timer(_code: number, dispatcher: number): void {
    const { machines } = this.ground;
    for (let server = 0; server < machines.length; server++) {
      this.#polled[dispatcher * machines.length + server] = machines[server]!.model.open;
    }
    this.ground.after(pollEveryMs, 0, dispatcher);
  }

  protected choose(dispatcher: number, servers: readonly number[]): number {
    const row = dispatcher * this.ground.machines.length;
    const [one, other] = twoOf(servers, this.ground.random);
    return this.#polled[row + other]! < this.#polled[row + one]! ? other : one;
  }
}
