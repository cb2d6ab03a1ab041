/** The fewest requests in flight, of those that the dispatcher has sent itself: of all servers, or of two at random. */
import type { AttemptEnd, Ground } from "../strategy.ts";
import { LocalStrategy, OwnInFlight } from "./local.ts";
import { twoOf } from "./two-choices.ts";

export class LocalLeastLoaded extends LocalStrategy {
  protected readonly inFlight: OwnInFlight;
  readonly #turns: Int32Array;

  constructor(ground: Ground) {
    super(ground);
    this.inFlight = new OwnInFlight(ground);
    this.#turns = new Int32Array(ground.scenario.dispatchers.count).map(() =>
      Math.floor(ground.random.next() * ground.scenario.servers.length),
    );
  }

  /** Ties take turns. */
  protected choose(dispatcher: number, servers: readonly number[]): number {
    const turn = this.#turns[dispatcher]!;
    let best = 0;
    let fewest = Infinity;
    for (let step = 0; step < servers.length; step++) {
      const place = (turn + step) % servers.length;
      const count = this.inFlight.of(dispatcher, servers[place]!);
      if (count < fewest) [best, fewest] = [place, count];
    }
    this.#turns[dispatcher] = best + 1;
    return servers[best]!;
  }

  protected override sent(dispatcher: number, server: number): void {
    this.inFlight.add(dispatcher, server, 1);
  }

  override recordEnd(end: AttemptEnd): void {
    super.recordEnd(end);
    this.inFlight.add(end.dispatcher, end.server, -1);
  }
}

export class LocalTwoChoices extends LocalLeastLoaded {
  protected override choose(dispatcher: number, servers: readonly number[]): number {
    const [one, other] = twoOf(servers, this.ground.random);
    return this.inFlight.of(dispatcher, other) < this.inFlight.of(dispatcher, one) ? other : one;
  }
}
