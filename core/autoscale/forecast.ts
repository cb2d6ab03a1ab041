/**
 * How many requests a second are to be expected in a little while: Holt's linear trend on buckets of a second (Holt 1957;
 * gains as in `docs/bursting.md`). An instance in the cloud takes its time to start, so what counts is the demand then
 * and not now.
 *
 * A minute ahead a trend is multiplied by sixty, and with it what chance makes of it. So it is believed only when it is larger than
 * chance would make it: a Poisson stream's swings are known.
 */
import type { Millis } from "../model/upstream.ts";
import { Season, type SavedSeason, type SeasonKey, type SeasonRecord } from "./season.ts";

const bucketMs: Millis = 1_000;
const [levelGain, trendGain] = [0.3, 0.1];

/** The standard deviation of the trend of an even stream, in roots of its rate, with these gains; and so many of them are no chance. */
const [trendSwing, believedFrom] = [0.043, 3];

/** So many swings of a Poisson stream are to be reckoned with. */
const swings = 2;

/** After so long without a word, what was known is worth nothing. */
const forgottenAfterMs: Millis = 60_000;

export class Forecast {
  #level: number | undefined;
  #trend = 0;
  #arrived = 0;
  #bucketEndsMs: Millis = -Infinity;
  readonly #season: Season;

  /** `season`: what was usual before a restart. */
  constructor(season?: SavedSeason) {
    this.#season = new Season(season);
  }

  /** So many requests have come just now. */
  arrived(count: number, now: Millis): void {
    this.#closeBuckets(now);
    this.#arrived += count;
  }

  /**
   * Requests a second that are expected in `aheadMs`: the level, and a rising trend until then; or what is usual until then
   * (`season.ts`), if that is more. A falling trend is not believed: shrinking too early costs errors. `swing`: how
   * much more a moment may bring.
   */
  in(aheadMs: Millis, now: Millis): { readonly expected: number; readonly swing: number } {
    this.#closeBuckets(now);
    const level = this.#level ?? 0;
    const chance = Math.sqrt(Math.max(1, level));
    const isRising = this.#trend > believedFrom * trendSwing * chance;
    const rise = isRising ? this.#trend * (aheadMs / bucketMs) : 0;
    const usual = this.#season.floor(now, now + aheadMs);
    const expected = Math.max(level + rise, usual);
    return { expected, swing: swings * Math.sqrt(Math.max(level, usual)) };
  }

  /** What of the season has changed since it was asked last, and is to be persisted. */
  takeSeason(now: Millis): [SeasonKey, SeasonRecord][] {
    this.#closeBuckets(now);
    return this.#season.takeRecords();
  }

  #closeBuckets(now: Millis): void {
    if (now - this.#bucketEndsMs >= forgottenAfterMs) {
      this.#level = undefined;
      this.#trend = 0;
      this.#arrived = 0;
      this.#bucketEndsMs = now + bucketMs;
      this.#season.recordRate(0, now);
      return;
    }
    for (; now >= this.#bucketEndsMs; this.#bucketEndsMs += bucketMs) {
      this.#learn(this.#arrived);
      this.#season.recordRate(this.#level ?? 0, this.#bucketEndsMs - bucketMs);
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
