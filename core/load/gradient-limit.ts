/**
 * The signal of `adaptive`: open requests in relation to what an origin can have open without being slow. That limit
 * is not configured but found, from the times of real answers: it grows while the origin uses it and answers as quickly
 * as its peers, and shrinks in proportion to how much slower it answers. So a fast origin is filled before a slow one
 * gets its share, and one that something else slows down is relieved within a second. It limits nothing: only the
 * relation between origins counts.
 *
 * The rule is that of adaptive concurrency limits (Netflix's Gradient2; Envoy's adaptive concurrency filter), with the
 * pool's own baseline instead of each origin's: limit ← ½ limit + ½ (gradient · limit + 0.3 √limit if busy), with
 * gradient = tolerance · baseline ÷ time, within ½ and 1 (`sample.ts`). Samples are short: how soon a slowdown is noticed is
 * worth more than how well it is measured, since the next sample corrects it (docs/evidence.md). And a limit may be below 1.
 */
import { PerOrigin } from "../model/per-origin.ts";
import type { Millis, Origin, OriginName } from "../model/upstream.ts";
import { Baseline } from "./baseline.ts";
import { Sample } from "./sample.ts";
import type { Completion, LoadSignal } from "./signal.ts";

/** A pool begins here. Any number would do: origins are compared. */
const firstLimit = 16;

/** An origin that joins a pool begins at this share of the median limit: it may have cold caches. */
const newcomerShare = 0.25;

/**
 * A limit is at least 1, or this share of what its origin has open, if that is less. Where little is open, quick origins
 * have limits of 1 or 2, and a slow one must be able to have much less; where much is, that would only be chance.
 */
const leastShare = 1 / 3;

/** A sample is complete with `enough` answers after `shortestMs`, or with a `fewest` after `longestMs`. */
const enough = 4;
const shortestMs: Millis = 250;
const fewest = 3;
const longestMs: Millis = 1_000;

/** What is older says nothing of now. */
const staleMs: Millis = 10_000;

/** An origin whose last sample is older is tried again, the sooner the longer ago that was. */
const idleAfterMs: Millis = 5_000;

/** So many times the baseline is not yet slow. */
const tolerance = 1.2;

/** Of √limit by which a limit in use grows: less than the 1 of Envoy, as samples here are taken more often. */
const growth = 0.3;

/** By this share an ordinary limit may differ from the median. */
const ordinary = 0.3;

interface Gauge {
  limit: number;
  maxConns: number;
  readonly sample: Sample;
  /** When the sample was begun. */
  sinceMs: Millis;
  /** Open requests when last seen, and the most during the sample. */
  inFlight: number;
  peak: number;
  /** The last sample's mean, and when it was complete. */
  meanMs: Millis;
  updatedMs: Millis;
}

export class GradientLimit implements LoadSignal {
  readonly #gauges = new PerOrigin(() => newGauge(this.#newcomerLimit));
  readonly #baseline = new Baseline();
  #medianLimit = firstLimit;
  #newcomerLimit = firstLimit;
  /** The mean time that a quarter of the origins do not exceed. */
  #quickMs: Millis = 0;

  reconfigure(origins: readonly Pick<Origin, "name" | "maxConns">[]): void {
    this.#gauges.keep(origins);
    for (const { name, maxConns = Infinity } of origins) {
      const gauge = this.#gauges.of(name);
      gauge.maxConns = maxConns;
      gauge.limit = Math.min(gauge.limit, maxConns);
    }
  }

  recordStart(origin: OriginName): void {
    const gauge = this.#gauges.of(origin);
    gauge.inFlight++;
    gauge.peak = Math.max(gauge.peak, gauge.inFlight);
  }

  recordCompletion(origin: OriginName, { ok, headerMs }: Completion, now: Millis): void {
    if (!ok || headerMs === undefined) return;
    const gauge = this.#gauges.of(origin);
    gauge.inFlight = Math.max(0, gauge.inFlight - 1);
    // What is known to be slow and tried again needs one slow answer to be left alone, not a sample of them.
    const wasIdle = now - gauge.updatedMs > idleAfterMs;
    if (wasIdle && headerMs > tolerance * this.#baseline.ms) gauge.updatedMs = now;
    const { sample } = gauge;
    const agedMs = now - gauge.sinceMs;
    if (sample.count === 0 || agedMs > staleMs) {
      sample.clear();
      gauge.sinceMs = now;
    }
    sample.add(headerMs);
    const complete =
      sample.count >= enough ? agedMs >= shortestMs : sample.count >= fewest && agedMs >= longestMs;
    if (complete) this.#adjust(gauge, now);
  }

  load(origin: OriginName, inFlight: number, now: Millis, coming = 0): number {
    const gauge = this.#gauges.of(origin);
    gauge.inFlight = inFlight;
    // The time of an origin that was never used begins to run when it could have been.
    if (Number.isNaN(gauge.updatedMs)) gauge.updatedMs = now;
    const limit = this.#currentLimit(gauge, now);
    return (inFlight + coming + 1) / (this.#isOrdinary(limit) ? this.#medianLimit : limit);
  }

  /** The origin's limit as it is now: what shares are made of. */
  limitOf(origin: OriginName, now: Millis): number {
    return this.#currentLimit(this.#gauges.of(origin), now);
  }

  /** What is known of an origin that has not been used for a while counts less and less: it is tried again. */
  #currentLimit({ limit, maxConns, updatedMs }: Gauge, now: Millis): number {
    const idleMs = now - updatedMs;
    if (Number.isNaN(idleMs) || idleMs <= idleAfterMs) return limit;
    const kept = idleAfterMs / idleMs;
    return Math.min(maxConns, this.#medianLimit * (1 - kept) + limit * kept);
  }

  /** Limits that differ by no more than chance brings about are one: then the fewest open requests decide. */
  #isOrdinary(limit: number): boolean {
    return limit > this.#medianLimit * (1 - ordinary) && limit < this.#medianLimit / (1 - ordinary);
  }

  /** Draws the conclusion from a complete sample, and begins the next. */
  #adjust(gauge: Gauge, now: Millis): void {
    const { sample, peak } = gauge;
    const drifted = this.#currentLimit(gauge, now);
    gauge.meanMs = sample.meanMs;
    gauge.updatedMs = now;
    if (this.#baseline.isDue(now)) this.#survey(now);
    const gradient = sample.gradient(tolerance * this.#baseline.ms);
    // A first sample after a while that says what was known before confirms it.
    const limit = gradient < 1 ? Math.min(gauge.limit, drifted) : drifted;
    const busy = peak >= limit / 2;
    // One that was slow and now is among the quick returns fast: few requests reach it, and never all at once.
    const recovers = limit < this.#medianLimit / 4 && sample.meanMs <= this.#quickMs;
    const aim = recovers ? 2 * limit : gradient * limit + (busy ? growth * Math.sqrt(limit) : 0);
    const least = Math.min(1, leastShare * Math.max(1, peak));
    gauge.limit = Math.min(gauge.maxConns, Math.max(least, (limit + aim) / 2));
    sample.clear();
    gauge.sinceMs = now;
    gauge.peak = gauge.inFlight;
  }

  #survey(now: Millis): void {
    const meansMs: Millis[] = [];
    const limits: number[] = [];
    for (const { meanMs, updatedMs, limit } of this.#gauges.all()) {
      if (Number.isNaN(meanMs) || now - updatedMs > staleMs) continue;
      meansMs.push(meanMs);
      limits.push(limit);
    }
    this.#baseline.update(meansMs, now);
    this.#quickMs = meansMs[meansMs.length >> 2] ?? 0;
    limits.sort((a, b) => a - b);
    this.#medianLimit = limits[limits.length >> 1] ?? firstLimit;
    this.#newcomerLimit = newcomerShare * this.#medianLimit;
  }
}

function newGauge(limit: number): Gauge {
  const sample = new Sample();
  const unseen = { inFlight: 0, peak: 0, sinceMs: 0, meanMs: NaN, updatedMs: NaN };
  return { limit, maxConns: Infinity, sample, ...unseen };
}
