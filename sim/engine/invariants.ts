/**
 * What must hold after every event, whatever happens. A simulator that loses requests, or work, would make any rule
 * look good; so a run that breaks one of these ends at once, and says how it can be replayed.
 */
import type { Millis } from "../../core/model/upstream.ts";
import type { Fleet } from "../servers/fleet.ts";
import type { Strategy } from "../strategies/strategy.ts";
import type { Traffic } from "./traffic.ts";

export interface RunId {
  readonly scenario: string;
  readonly policy: string;
  readonly load: number;
  readonly seed: number;
}

/** A run broke an invariant: a fault of the simulator, or of a strategy in it. */
export class BrokenInvariant extends Error {
  constructor({ scenario, policy, load, seed }: RunId, at: Millis, what: string, options?: ErrorOptions) {
    super(
      `${what} (seed ${seed}, scenario ${scenario}, policy ${policy}, load ${load}, at ${at} ms). ` +
        `To replay it: --policy ${policy} --load ${load} --seed ${seed}`,
      options,
    );
    this.name = "BrokenInvariant";
  }
}

export class Invariants {
  readonly #traffic: Traffic;
  readonly #fleet: Fleet;
  readonly #strategy: Strategy;
  #before: Millis = 0;

  constructor(traffic: Traffic, fleet: Fleet, strategy: Strategy) {
    this.#traffic = traffic;
    this.#fleet = fleet;
    this.#strategy = strategy;
  }

  /** What does not hold after the event at `now`, in words. All of it costs the same however large the fleet is. */
  broken(now: Millis): string | undefined {
    if (!(now >= this.#before)) return `the clock went back from ${this.#before} ms`;
    this.#before = now;
    const { arrived, open, served, failed, timedOut, measuring, serving } = this.#traffic;
    const accounted = open + served + failed + timedOut;
    if (arrived !== accounted) return `${arrived} requests have arrived, and ${accounted} are accounted for`;
    if (open < 0 || measuring < 0 || measuring > open)
      return `${open} requests are open, ${measuring} measured`;
    const { owed } = this.#fleet;
    if (serving !== owed) return `${serving} attempts are in service, and servers have ${owed}`;
    return this.#touched() ?? this.#strategy.check?.();
  }

  /** Only what the event has changed: servers that were touched since the last. */
  #touched(): string | undefined {
    for (const index of this.#fleet.touched) {
      const { model, spec } = this.#fleet.machines[index]!;
      const what = model.check();
      if (what !== undefined) return `server ${spec.name}: ${what}`;
    }
    this.#fleet.touched.length = 0;
    return undefined;
  }
}
