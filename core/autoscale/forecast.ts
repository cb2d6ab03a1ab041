/**
 * How many requests a second are to be expected in a little while: Holt's linear trend on buckets of a second (Holt 1957;
 * gains as in `docs/bursting.md`). An instance in the cloud takes its time to start, so what counts is the demand then
 * and not now.
 */
import type { Millis } from "../upstream.ts";

const bucketMs: Millis = 1_000;
const [levelGain, trendGain] = [0.5, 0.3];

/** After so long without a word, what was known is worth nothing. */
const forgottenAfterMs: Millis = 60_000;

export class Forecast {
  #level: number | undefined;
  #trend = 0;
  #arrived = 0;
  #bucketEndsMs: Millis = -Infinity;

  /** So many requests have come just now. */
  arrived(count: number, now: Millis): void {
    this.#closeBuckets(now);
    this.#arrived += count;
  }

  /**
   * Requests a second that are expected in `aheadMs`: the level, a rising trend until then, and two swings of a Poisson
   * stream on top. A falling trend is not believed: who shrinks too early pays with errors.
   */
  demandIn(aheadMs: Millis, now: Millis): number {
    this.#closeBuckets(now);
    const level = this.#level ?? 0;
    const rise = Math.max(0, this.#trend) * (aheadMs / bucketMs);
    return level + rise + 2 * Math.sqrt(level);
  }

  #closeBuckets(now: Millis): void {
    if (now - this.#bucketEndsMs >= forgottenAfterMs) {
      this.#level = undefined;
      this.#trend = 0;
      this.#arrived = 0;
      this.#bucketEndsMs = now + bucketMs;
      return;
    }
    for (; now >= this.#bucketEndsMs; this.#bucketEndsMs += bucketMs) {
      this.#learn(this.#arrived);
      this.#arrived = 0;
    }
  }

  #learn(perSecond: number): void {
    if (this.#level === undefined) {
      this.#level = perSecond;
      return;
    }
    const before = this.#level;
    this.#level = Math.max(0, levelGain * perSecond + (1 - levelGain) * (before + this.#trend));
    this.#trend = trendGain * (this.#level - before) + (1 - trendGain) * this.#trend;
  }
}
