/**
 * How many requests a holder usually has open: a moving average over time, kept where every start and end is seen. The
 * object sees a holder only when that speaks, which is most often when it has just run out of slots.
 *
 * It is long, so that chance is averaged out; but when the count leaves its usual swing, traffic has changed, and the
 * average begins anew with what is open then, short at first and as long as the new traffic lasts.
 */
import { decay } from "../model/decay.ts";
import type { Millis } from "../model/upstream.ts";

const longestMs: Millis = 2_000;
const shortestMs: Millis = 100;

/** The most at once is of the current and the last period of this length, at least. */
const mostForMs: Millis = 1_000;

/** A count that is further off, in roots of the average (a Poisson stream's swing), is no swing. */
const swing = 3;

export class UsualOpen {
  #average = 0;
  #open = 0;
  #atMs: Millis = -Infinity;
  /** Since when traffic is what it is. */
  #sinceMs: Millis = -Infinity;
  #most = 0;
  #mostBefore = 0;
  #mostSinceMs: Millis = -Infinity;
  /** It has dropped to less than half. Whoever acts on it resets it. */
  hasFallen = false;

  /** From now on so many are open. */
  set(open: number, now: Millis): void {
    this.#average = this.at(now);
    this.#atMs = now;
    this.#turn(now);
    this.#open = open;
    this.#most = Math.max(this.#most, open);
    if (Math.abs(open - this.#average) <= swing * Math.sqrt(Math.max(1, this.#average))) return;
    if (open < this.#average / 2) this.hasFallen = true;
    this.#average = open;
    this.#sinceMs = now;
  }

  /** The average. */
  at(now: Millis): number {
    const overMs = Math.min(longestMs, Math.max(shortestMs, now - this.#sinceMs));
    return this.#open + (this.#average - this.#open) * decay(now - this.#atMs, overMs);
  }

  /** The most that were open at once of late. */
  mostAt(now: Millis): number {
    this.#turn(now);
    return Math.max(this.#most, this.#mostBefore);
  }

  #turn(now: Millis): void {
    if (now - this.#mostSinceMs < mostForMs) return;
    this.#mostBefore = now - this.#mostSinceMs < 2 * mostForMs ? this.#most : this.#open;
    this.#most = this.#open;
    this.#mostSinceMs = now;
  }
}
