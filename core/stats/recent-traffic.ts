/**
 * How the requests of the last seconds ended, and how long their answers took: two counts that overlap by half, of which
 * the older is read, so that what is read always covers between one and two spans, and nothing has to be merged.
 */
import type { Millis } from "../model/upstream.ts";
import type { OutcomeRun } from "../protocol/outcome.ts";
import { LatencySketch } from "../telemetry/latency-sketch.ts";

const spanMs: Millis = 5_000;

/** Fewer outcomes than this are no statistics: one failure of two is not an error rate of a half. */
const fewest = 20;

class TrafficCount {
  total = 0;
  failed = 0;
  readonly headerMs = new LatencySketch();

  add({ ok, count = 1, headerMs = [] }: OutcomeRun): void {
    this.total += count;
    if (!ok) this.failed += count;
    // Of a long run only some times travel: each stands for several.
    for (const time of headerMs) this.headerMs.add(time, count / headerMs.length);
  }
}

export class RecentTraffic {
  #older = new TrafficCount();
  #newer = new TrafficCount();
  #turnAtMs: Millis;

  constructor(now: Millis) {
    this.#turnAtMs = now + spanMs;
  }

  add(run: OutcomeRun, now: Millis): void {
    this.#turn(now);
    this.#older.add(run);
    this.#newer.add(run);
  }

  /** The time that 95 % of the good answers' headers took at most; 0 where there is too little to say so. */
  p95Ms(now: Millis): Millis {
    this.#turn(now);
    const { total, headerMs } = this.#older;
    return total < fewest ? 0 : (headerMs.quantile(0.95) ?? 0);
  }

  /** The share of attempts that failed, 0–1; 0 where there is too little to say so. */
  errorRate(now: Millis): number {
    this.#turn(now);
    const { total, failed } = this.#older;
    return total < fewest ? 0 : failed / total;
  }

  #turn(now: Millis): void {
    // Also when the clock was set back.
    if (Math.abs(this.#turnAtMs - now) > spanMs) {
      this.#older = new TrafficCount();
      this.#newer = new TrafficCount();
      this.#turnAtMs = now + spanMs;
    } else if (now >= this.#turnAtMs) {
      this.#older = this.#newer;
      this.#newer = new TrafficCount();
      this.#turnAtMs += spanMs;
    }
  }
}
