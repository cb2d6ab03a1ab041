/**
 * Quantiles of many times in little memory: counts in buckets whose bounds grow by a fixed ratio, so that every quantile
 * is right to within 5 %, whatever the times. After Masson, Rim and Lee, "DDSketch" (VLDB 2019), without its collapsing:
 * from a tenth of a millisecond to an hour there are fewer than two hundred buckets.
 */
import type { Millis } from "../model/upstream.ts";

const ratio = 1.1;
const logRatio = Math.log(ratio);

/** Shorter ones count as this. */
const shortestMs: Millis = 0.1;

export class LatencySketch {
  readonly #counts = new Map<number, number>();
  #total = 0;

  /** Counts a time, or as many as `weight` says. */
  add(ms: Millis, weight = 1): void {
    const bucket = Math.ceil(Math.log(Math.max(ms, shortestMs)) / logRatio);
    this.#counts.set(bucket, (this.#counts.get(bucket) ?? 0) + weight);
    this.#total += weight;
  }

  /** The time that a share `q`, 0–1, of all counted do not exceed; `undefined` while there are none. */
  quantile(q: number): Millis | undefined {
    if (this.#total === 0) return undefined;
    const buckets = [...this.#counts].sort(([a], [b]) => a - b);
    let below = 0;
    let last = 0;
    for (const [bucket, count] of buckets) {
      last = bucket;
      below += count;
      if (below >= q * this.#total) break;
    }
    // The middle of the bucket, in ratio.
    return (2 * ratio ** last) / (1 + ratio);
  }
}
