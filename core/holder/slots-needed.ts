/**
 * How many slots a holder needs: what it usually has open, and what it would have open besides, had the requests that were turned
 * away found a slot. Both are kept where every start and end is seen: the object sees a holder only when that sends a message, which is
 * most often when it has just run out of slots.
 *
 * What is usually open is a moving average over time. It is long, so that chance is averaged out; but when the count leaves its
 * usual swing, traffic has changed, and the average begins anew with what is open then, short at first and as long as the new
 * traffic lasts.
 *
 * What is refused is open nowhere. So a holder that came late to a full pool would need next to nothing by what it has open, and
 * those that were there first would keep all slots. By Little's law it is the rate of the refused requests times how long one is
 * open; that is known from those that found a slot.
 */
import { decay } from "../model/decay.ts";
import type { Millis } from "../model/upstream.ts";

/** The average is over this time at the most and at the least. */
const longestMs: Millis = 2_000;
const shortestMs: Millis = 100;

/** The most at once is of the current and the last period of this length, at least. */
const mostForMs: Millis = 1_000;

/** A count that is further off, in roots of the average (a Poisson stream's swing), is no swing. */
const swing = 3;

/** Over which requests are counted that were started and turned away: what is older counts less and less. */
const windowMs: Millis = 2_000;

/** A request is taken to be open for so long by a holder that has had hardly any. */
const firstGuessMs: Millis = 100;

export class SlotsNeeded {
  #average = 0;
  #open = 0;
  #atMs: Millis = -Infinity;
  /** Since when traffic is what it is. */
  #sinceMs: Millis = -Infinity;
  #most = 0;
  #mostBefore = 0;
  #mostSinceMs: Millis = -Infinity;
  #started = 0;
  #refused = 0;
  #countedMs: Millis = -Infinity;
  /** What is open has dropped to less than half. The caller that acts on it resets it. */
  hasFallen = false;

  /** From now on so many are open. */
  set(open: number, now: Millis): void {
    this.#average = this.usualAt(now);
    this.#atMs = now;
    this.#turn(now);
    this.#open = open;
    this.#most = Math.max(this.#most, open);
    if (Math.abs(open - this.#average) <= swing * Math.sqrt(Math.max(1, this.#average))) return;
    if (open < this.#average / 2) this.hasFallen = true;
    this.#average = open;
    this.#sinceMs = now;
  }

  /** A request has found a slot. */
  recordStart(now: Millis): void {
    this.#age(now);
    this.#started++;
  }

  /** A request was refused since every pool is full. */
  refused(now: Millis): void {
    this.#age(now);
    this.#refused++;
  }

  /** What is open on average. */
  usualAt(now: Millis): number {
    const overMs = Math.min(longestMs, Math.max(shortestMs, now - this.#sinceMs));
    return this.#open + (this.#average - this.#open) * decay(now - this.#atMs, overMs);
  }

  /** What would be open on average, had all requests found a slot. */
  neededAt(now: Millis): number {
    this.#age(now);
    const usual = this.usualAt(now);
    const eachMs = (usual * windowMs + firstGuessMs) / (this.#started + 1);
    return usual + (this.#refused * eachMs) / windowMs;
  }

  /** The most that were open at once in the last seconds. */
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

  #age(now: Millis): void {
    if (now <= this.#countedMs) return;
    const part = decay(now - this.#countedMs, windowMs);
    this.#refused *= part;
    this.#started *= part;
    this.#countedMs = now;
  }
}
