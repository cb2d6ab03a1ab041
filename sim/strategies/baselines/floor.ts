/** Nothing but the service times, each on the fastest server while it is idle: no rule can do better. */
import type { Ground, Strategy } from "../strategy.ts";

export class Floor implements Strategy {
  readonly #ground: Ground;

  constructor(ground: Ground) {
    this.#ground = ground;
  }

  route(request: number): void {
    this.#ground.serveAtOnce(request);
  }

  mayRetry(): boolean {
    return false;
  }

  recordEnd(): void {}
}
