/**
 * How much one origin can have open without being slow, found from the times of its real answers. What it had open, times
 * the time of an unhurried answer, over that of its answers, is what it does at once (Little's law); the limit goes half of the
 * way there with each sample, and a little further up while all of it is in use:
 *
 *     limit ← ½ limit + ½ (gradient · limit + growth · √limit)
 *
 * The rule is Netflix's Gradient2 and Envoy's adaptive concurrency filter, which `adaptive` uses, too, to compare origins
 * (`core/load/gradient-limit.ts`). A limit that is kept must be right by itself and not only in relation: so samples are larger
 * here, and the time of an unhurried answer is the origin's own. It is measured (`measurement.ts`), and seen whenever the
 * origin has little to do. Only times count: failures are the business of health.
 */
import { Sample } from "../load/sample.ts";
import type { Millis } from "../model/upstream.ts";
import { Measurement } from "./measurement.ts";

/** Without `maxConns` nothing but the search ends here: the most that a config could say. */
export const mostSlots = 1_000_000;

/** A sample has `enough` answers, covers the time of one, and is as precise as this or has lasted for long. */
const enough = 20;
const shortestMs: Millis = 500;
const precision = 0.05;
const longMs: Millis = 2_000;
/** Of an origin that answers seldom a `fewest` must do. */
const fewest = 5;
const longestMs: Millis = 5_000;

/** What is older says nothing of now. */
const staleMs: Millis = 30_000;

/** So many times that of an unhurried answer is not yet slow. */
const tolerance = 1.05;

/** Of √limit by which a limit in use grows, and twice as much with each sample in a row that is not slow. */
const growth = 0.3;

/** A limit is in use from this part on, and up to that part its answers are unhurried. */
const busyFrom = 0.75;
const quietTo = 0.5;

/** The share of a quiet sample in what is known of unhurried answers. */
const quietWeight = 0.2;

/** From measurement to measurement; sooner after one that failed, or that the one before it does not confirm so far … */
const measureEveryMs: Millis = 300_000;
const measureAgainMs: Millis = 30_000;
const confirmed = 0.2;
/** … and where the limit has fallen to this part since. */
const fallen = 0.5;

/** What outlives an eviction. */
export interface OriginCapacityRecord {
  readonly limit: number;
  /** Absent: it was not yet found out. */
  readonly unhurriedMs?: Millis;
  /** Absent: never. */
  readonly measuredMs?: Millis;
}

export class OriginCapacity {
  #most: number;
  #limit: number;
  /** What an unhurried answer takes; `undefined`: it is not known. */
  #unhurriedMs: Millis | undefined;
  #measuredMs: Millis | undefined;
  #measureAtMs: Millis = -Infinity;
  /** The limit when it was measured last. */
  #limitThen = 0;
  #measurement: Measurement | undefined;
  /** Samples in a row in which it was in use and not slow. */
  #ease = 0;
  readonly #sample = new Sample();
  #sampleSinceMs: Millis = 0;
  #inFlight = 0;
  #peak = 0;
  /** What the last sample says, if the limit was in use all the same. */
  #busyMeanMs: Millis | undefined;

  /** `most`: its `maxConns`. `record`: what is known of it already; its limit is where the search begins. */
  constructor(most: number, record: OriginCapacityRecord) {
    this.#most = most;
    this.#limit = within(record.limit, most);
    this.#limitThen = this.#limit;
    this.#unhurriedMs = record.unhurriedMs;
    this.#measuredMs = record.measuredMs;
    if (record.measuredMs !== undefined) this.#measureAtMs = record.measuredMs + measureEveryMs;
  }

  /** Another `maxConns`. */
  bound(most: number): void {
    this.#most = most;
    this.#limit = within(this.#limit, most);
  }

  get record(): OriginCapacityRecord {
    const [unhurriedMs, measuredMs] = [this.#unhurriedMs, this.#measuredMs];
    return {
      limit: this.#limit,
      ...(unhurriedMs !== undefined && { unhurriedMs }),
      ...(measuredMs !== undefined && { measuredMs }),
    };
  }

  /** What it can have open: a whole number, from 1 to `maxConns`. */
  get found(): number {
    return Math.floor(this.#limit);
  }

  /** What it may have open now: what it can, or less while it is measured. From 1 to `maxConns`. */
  slots(now: Millis): number {
    return this.isMeasuring(now) ? Math.min(this.found, this.#measurement?.heldTo ?? 1) : this.found;
  }

  isMeasuring(now: Millis): boolean {
    return this.#measurement !== undefined && !this.#measurement.isOver(now);
  }

  /** Open requests on it, as seen now. */
  recordInFlight(inFlight: number): void {
    this.#inFlight = inFlight;
    this.#peak = Math.max(this.#peak, inFlight);
  }

  /** Takes in how long answers took. */
  recordTimes(timesMs: readonly Millis[], now: Millis): void {
    if (timesMs.length === 0) return;
    if (this.#measurement !== undefined) return this.#measure(this.#measurement, timesMs, now);
    const agedMs = now - this.#sampleSinceMs;
    if (agedMs > staleMs || agedMs < 0) this.#busyMeanMs = undefined;
    if (this.#sample.count === 0 || agedMs > staleMs || agedMs < 0) this.#newSample(now);
    for (const timeMs of timesMs) this.#sample.add(timeMs);
    if (this.#isComplete(now - this.#sampleSinceMs)) this.#conclude(now);
  }

  /** Whether it is time to measure: its limit is in use, and that it is right was not seen for long. */
  isDue(now: Millis): boolean {
    if (this.#busyMeanMs === undefined || this.#measurement !== undefined) return false;
    const soon = this.#limit < fallen * this.#limitThen && now >= (this.#measuredMs ?? 0) + measureAgainMs;
    return soon || now >= this.#measureAtMs;
  }

  /** Begins to measure; what it may have open beyond `slots` is to be served elsewhere until it is done. */
  measure(now: Millis): void {
    this.#measurement = new Measurement(this.found, this.#busyMeanMs ?? 0, now);
  }

  /** There is no room elsewhere any more. */
  giveUp(now: Millis): void {
    this.#measurement = undefined;
    this.#measureAtMs = now + measureAgainMs;
    this.#newSample(now);
  }

  #measure(measurement: Measurement, timesMs: readonly Millis[], now: Millis): void {
    const progress = measurement.recordTimes(timesMs, this.#inFlight, now);
    switch (progress.kind) {
      case "measuring":
        return;
      case "given-up":
        return this.giveUp(now);
      case "done": {
        const { unhurriedMs } = progress;
        const before = this.#unhurriedMs ?? 0;
        const isConfirmed = Math.abs(unhurriedMs - before) <= confirmed * before;
        // Each is off by chance, and two together by less.
        this.#unhurriedMs = isConfirmed ? (before + unhurriedMs) / 2 : unhurriedMs;
        // At twice as many it was half as slow again at most.
        this.#limit = within(Math.min(this.#limit, 2 * progress.inFlight + 1), this.#most);
        this.#limitThen = this.#limit;
        this.#measuredMs = now;
        this.#measureAtMs = now + (isConfirmed ? measureEveryMs : measureAgainMs);
        this.#measurement = undefined;
        this.#newSample(now);
      }
    }
  }

  #isComplete(agedMs: Millis): boolean {
    const { count, meanMs, errorMs } = this.#sample;
    if (count >= fewest && agedMs >= longestMs) return true;
    if (count < enough || agedMs < Math.max(shortestMs, meanMs)) return false;
    return errorMs <= precision * meanMs || agedMs >= longMs;
  }

  #conclude(now: Millis): void {
    const { meanMs } = this.#sample;
    const isBusy = this.#peak >= busyFrom * this.found;
    this.#busyMeanMs = isBusy ? meanMs : undefined;
    if (this.#peak <= quietTo * this.found) this.#seenQuiet(meanMs);
    else this.#adjust(isBusy);
    this.#newSample(now);
  }

  #seenQuiet(meanMs: Millis): void {
    this.#unhurriedMs ??= meanMs;
    this.#unhurriedMs += quietWeight * (meanMs - this.#unhurriedMs);
  }

  #adjust(isBusy: boolean): void {
    if (this.#unhurriedMs === undefined) return;
    const gradient = this.#sample.gradient(tolerance * this.#unhurriedMs);
    this.#ease = gradient === 1 && isBusy ? this.#ease + 1 : 0;
    const step = growth * Math.sqrt(this.#limit) * 2 ** Math.max(0, this.#ease - 1);
    const aim = gradient * this.#limit + (isBusy ? Math.min(this.#limit, step) : 0);
    this.#limit = within((this.#limit + aim) / 2, this.#most);
  }

  #newSample(now: Millis): void {
    this.#sample.clear();
    this.#sampleSinceMs = now;
    this.#peak = this.#inFlight;
  }
}

function within(limit: number, most: number): number {
  return Math.min(most, Math.max(1, limit));
}
