/** What origins have answered since the object woke up, for people and metrics; no rule goes by it. */
import { PerOrigin } from "../model/per-origin.ts";
import type { Origin, OriginName } from "../model/upstream.ts";
import type { TrafficView } from "../protocol/origin-view.ts";
import type { OutcomeRun } from "../protocol/outcome.ts";
import { LatencySketch } from "../telemetry/latency-sketch.ts";

interface Traffic {
  answered: number;
  failed: number;
  readonly headerMs: LatencySketch;
}

export class OriginTraffic {
  readonly #traffic = new PerOrigin((): Traffic => ({
    answered: 0,
    failed: 0,
    headerMs: new LatencySketch(),
  }));

  /** The origins there are. What is counted of those that stay, stays. */
  keep(origins: readonly Pick<Origin, "name">[]): void {
    this.#traffic.keep(origins);
  }

  add({ origin, ok, count = 1, headerMs = [] }: OutcomeRun): void {
    const traffic = this.#traffic.of(origin);
    if (!ok) {
      traffic.failed += count;
      return;
    }
    traffic.answered += count;
    // Of a long run only some times travel: each stands for several.
    for (const time of headerMs) traffic.headerMs.add(time, count / headerMs.length);
  }

  viewOf(origin: OriginName): TrafficView {
    const { answered, failed, headerMs } = this.#traffic.of(origin);
    const [p50, p95, p99] = [0.5, 0.95, 0.99].map((q) => headerMs.quantile(q));
    const times =
      p50 === undefined || p95 === undefined || p99 === undefined
        ? null
        : { p50: Math.round(p50), p95: Math.round(p95), p99: Math.round(p99) };
    return { answered, failed, headerMs: times };
  }
}
