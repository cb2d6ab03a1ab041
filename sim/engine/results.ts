/** What is measured of a run: one row of its results. */
import { build, type Histogram } from "hdr-histogram-js";
import type { Millis } from "../../core/model/upstream.ts";
import type { BurstFigures } from "./burst-figures.ts";
import type { SlotFigures } from "./slots.ts";

/**
 * The row that `--json` prints: these keys, in this order. Shares are 0–1. Where no request was answered there are no
 * percentiles: NaN, in JSON null.
 */
export interface Row {
  readonly policy: string;
  readonly load: number;
  readonly seed: number;
  /** Requests that were measured: those that arrived after the warm-up. */
  readonly requests: number;
  readonly p50Ms: Millis;
  readonly p90Ms: Millis;
  readonly p99Ms: Millis;
  readonly p999Ms: Millis;
  /** Requests that failed or timed out. */
  readonly errorRate: number;
  /** The 99th percentile of the service times alone, each on the fastest server when it is idle. */
  readonly floorP99Ms: Millis;
  /** Served requests that were not served at home. */
  readonly spillShare: number;
  /** The money that was spent; absent where no pool has a price. */
  readonly cost?: number;
  /** Only where home has limits. */
  readonly slots?: SlotFigures;
  /** Only where the scenario has a burst. */
  readonly burst?: BurstFigures;
}

/** Latencies are kept in microseconds, to 3 digits. */
const perMs = 1000;

export class Results {
  readonly #latencies = newHistogram();
  readonly #floors = newHistogram();
  served = 0;
  failed = 0;
  timedOut = 0;
  spilled = 0;

  /** Answered well. */
  serve(latencyMs: Millis, floorMs: Millis, spilled: boolean): void {
    this.served++;
    if (spilled) this.spilled++;
    this.#recordLatency(latencyMs, floorMs);
  }

  /** Given up by its client after `afterMs`, which counts as its latency. */
  timeOut(afterMs: Millis, floorMs: Millis): void {
    this.timedOut++;
    this.#recordLatency(afterMs, floorMs);
  }

  /** Answered with an error, however quickly: that is no latency. */
  fail(floorMs: Millis): void {
    this.failed++;
    record(this.#floors, floorMs);
  }

  row(run: { readonly policy: string; readonly load: number; readonly seed: number }): Row {
    const requests = this.served + this.failed + this.timedOut;
    return {
      policy: run.policy,
      load: run.load,
      seed: run.seed,
      requests,
      p50Ms: percentileMs(this.#latencies, 50),
      p90Ms: percentileMs(this.#latencies, 90),
      p99Ms: percentileMs(this.#latencies, 99),
      p999Ms: percentileMs(this.#latencies, 99.9),
      errorRate: requests === 0 ? 0 : (this.failed + this.timedOut) / requests,
      floorP99Ms: percentileMs(this.#floors, 99),
      spillShare: this.served === 0 ? 0 : this.spilled / this.served,
    };
  }

  /** The mean latency, of what the percentiles are of. */
  get meanMs(): Millis {
    return this.#latencies.mean / perMs;
  }

  #recordLatency(latencyMs: Millis, floorMs: Millis): void {
    record(this.#latencies, latencyMs);
    record(this.#floors, floorMs);
  }
}

/** An hour is the most that is told apart. */
const highestMs = 3_600_000;

function newHistogram(): Histogram {
  return build({
    bitBucketSize: 32,
    lowestDiscernibleValue: 1,
    highestTrackableValue: highestMs * perMs,
    numberOfSignificantValueDigits: 3,
    useWebAssembly: false,
  });
}

function record(histogram: Histogram, ms: Millis): void {
  histogram.recordValue(Math.round(Math.min(ms, highestMs) * perMs));
}

function percentileMs(histogram: Histogram, percentile: number): Millis {
  return histogram.totalCount === 0 ? NaN : histogram.getValueAtPercentile(percentile) / perMs;
}
