/**
 * Some isolates, their upstream's object and their requests on one clock, that of the simulator but without its scenarios: a
 * test says when each request comes and how long it takes, and gets where each of them went.
 */
import { seededRandom } from "../../core/model/random.ts";
import type { Millis, OriginName, Upstream } from "../../core/model/upstream.ts";
import type { Outcome } from "../../core/protocol/outcome.ts";
import type { GrantedPick, PickMode, Want } from "../../core/protocol/pick.ts";
import { Isolate, type World } from "../../sim/strategies/weir/exchanges/isolate.ts";
import { Line } from "../../sim/strategies/weir/exchanges/line.ts";
import { UpstreamObject } from "../../sim/strategies/weir/exchanges/object.ts";

export interface SmallRequest {
  /** Which isolate it comes to. */
  readonly isolate: number;
  readonly atMs: Millis;
  readonly tookMs: Millis;
  readonly want?: Partial<Want>;
}

export interface Went {
  readonly pick: GrantedPick;
  readonly mode: PickMode;
}

export class SmallFleet {
  messages = 0;
  readonly went: Went[] = [];
  refused = 0;
  readonly #world: World & { now: Millis };
  readonly #events: { readonly atMs: Millis; readonly act: () => void }[] = [];
  readonly #isolates: readonly Isolate[];

  constructor(upstream: Upstream, size: number, { rttMs = 10, seed = 1 } = {}) {
    const random = seededRandom(seed);
    this.#world = { now: 1_000_000, random, after: (delayMs, act) => this.#after(delayMs, act) };
    const after = (delayMs: Millis, act: () => void): void => this.#after(delayMs, act);
    const surroundings = { after, ordered: () => {}, burst: () => {} };
    const object = new UpstreamObject(upstream, random, { surroundings });
    const line = new Line({ after, isLost: () => false }, rttMs, {
      receive: (message, { onReply }) => {
        this.messages++;
        onReply(object.exchange(message, this.#world.now).reply);
      },
    });
    this.#isolates = Array.from(
      { length: size },
      (_, nth) => new Isolate(upstream, `isolate-${seed}-${nth}`, { world: this.#world, line }),
    );
  }

  /** Lets the requests come, and all be over. */
  run(requests: readonly SmallRequest[]): this {
    const untilDone = this.went.length + this.refused + requests.length;
    for (const request of requests) this.#after(request.atMs, () => this.#start(request));
    while (this.went.length + this.refused < untilDone) this.#step();
    return this;
  }

  /** How many requests each origin got; of those picked in this mode, if it is given. */
  counts(mode?: PickMode): Record<OriginName, number> {
    const counts: Record<OriginName, number> = {};
    for (const { pick, mode: way } of this.went) {
      if (mode === undefined || mode === way) counts[pick.origin] = (counts[pick.origin] ?? 0) + 1;
    }
    return counts;
  }

  #start({ isolate: at, tookMs, want }: SmallRequest): void {
    const isolate = this.#isolates[at]!;
    isolate.pick({ tried: [], ...want }, (answer) => {
      if (answer.kind !== "granted") {
        this.refused++;
        return;
      }
      const { pick, mode, slot } = answer;
      this.went.push({ pick, mode });
      const outcome: Outcome = { origin: pick.origin, ok: true, headerMs: tookMs };
      this.#after(tookMs, () => isolate.close(slot, outcome));
    });
  }

  #after(delayMs: Millis, act: () => void): void {
    const atMs = this.#world.now + Math.max(0, delayMs);
    // Behind all that are due no later, found by halves: there may be thousands.
    let [from, to] = [0, this.#events.length];
    while (from < to) {
      const middle = Math.floor((from + to) / 2);
      if (this.#events[middle]!.atMs <= atMs) from = middle + 1;
      else to = middle;
    }
    this.#events.splice(from, 0, { atMs, act });
  }

  #step(): void {
    const event = this.#events.shift();
    if (event === undefined) throw new TypeError("requests are left, and nothing happens any more");
    this.#world.now = event.atMs;
    event.act();
  }
}
