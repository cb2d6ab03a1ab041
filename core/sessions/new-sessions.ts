/**
 * Sessions that were bound to each origin lately. Each of them is a login of a moment now and some minutes of requests to come, so a
 * wave of logins that are each over at once must not all go to the origin that happens to be idle: policies that go by load count what
 * is coming as if it were open. A session counts less with time, and with each one that is bound after it, so that there are never
 * more than some sixty of them, and clients that keep no cookie do not hide what is really open.
 */
import { decay } from "../model/decay.ts";
import type { Millis, OriginName } from "../model/upstream.ts";

/** After so long a session counts 1/e. */
const forgetMs: Millis = 30_000;

/** And so it does after so many others were bound, on all origins together. */
const forgetAfter = 64;

/** Below this it is not worth a fraction. */
const leastCount = 1 / 64;

interface FadingCount {
  readonly count: number;
  /** How much had been forgotten by then, in powers of e. */
  readonly at: number;
}

export class NewSessions {
  readonly #counts = new Map<OriginName, FadingCount>();
  #bound = 0;

  /** A request without a session, or whose session had to move, was sent to the origin. */
  bound(origin: OriginName, now: Millis): void {
    this.#bound++;
    const at = this.#forgotten(now);
    this.#counts.set(origin, { count: this.#countAt(origin, at) + 1, at });
  }

  /** What they count together on the origin; `undefined`: nothing. */
  comingOn(origin: OriginName, now: Millis): number | undefined {
    if (this.#counts.size === 0) return undefined;
    const count = this.#countAt(origin, this.#forgotten(now));
    return count < leastCount ? undefined : count;
  }

  /** Forgets all origins but these. */
  keep(origins: readonly { readonly name: OriginName }[]): void {
    const names = new Set(origins.map(({ name }) => name));
    for (const name of this.#counts.keys()) if (!names.has(name)) this.#counts.delete(name);
  }

  #countAt(origin: OriginName, at: number): number {
    const known = this.#counts.get(origin);
    return known === undefined ? 0 : known.count * decay(at - known.at, 1);
  }

  #forgotten(now: Millis): number {
    return now / forgetMs + this.#bound / forgetAfter;
  }
}
