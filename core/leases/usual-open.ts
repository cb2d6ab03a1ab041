/**
 * How many requests a holder usually has open: a moving average over time, kept where every start and end is seen. The
 * object sees a holder only when that speaks, which is most often when it has just run out of slots.
 *
 * It is long, so that chance is averaged out; but when the count leaves its usual swing, traffic has changed, and the
 * average begins anew with what is open then, short at first and as long as the new traffic lasts.
 */
import type { Millis } from "../upstream.ts";

const longestMs: Millis = 2_000;
const shortestMs: Millis = 100;

/** A count that is further off, in roots of the average (a Poisson stream's swing), is no swing. */
const swing = 3;

export class UsualOpen {
  #average = 0;
  #open = 0;
  #atMs: Millis = -Infinity;
  /** Since when traffic is what it is. */
  #sinceMs: Millis = -Infinity;
  /** It has dropped to less than half. Whoever acts on it resets it. */
  hasFallen = false;

  /** From now on so many are open. */
  set(open: number, now: Millis): void {
    this.#average = this.at(now);
    this.#atMs = now;
    this.#open = open;
    if (Math.abs(open - this.#average) <= swing * Math.sqrt(Math.max(1, this.#average))) return;
    if (open < this.#average / 2) this.hasFallen = true;
    this.#average = open;
    this.#sinceMs = now;
  }

  at(now: Millis): number {
    const overMs = Math.min(longestMs, Math.max(shortestMs, now - this.#sinceMs));
    return this.#open + (this.#average - this.#open) * Math.exp((this.#atMs - now) / overMs);
  }
}
