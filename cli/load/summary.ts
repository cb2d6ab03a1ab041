/** What a load amounted to: counts and exact percentiles. Pure. */
import type { LoadRecord } from "./closed-loop.ts";

export interface LoadSummary {
  readonly requests: number;
  /** Requests that were not answered with 2xx, by what came instead: `"status 503"` or the failure's message. */
  readonly errors: ReadonlyMap<string, number>;
  readonly errorCount: number;
  /** Answers by origin. */
  readonly origins: ReadonlyMap<string, number>;
  /** Of all requests, in ms; 0 if there were none. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** What went wrong with a request, in a few words; `undefined`: nothing, it was answered with 2xx. */
export function errorOf({ outcome }: LoadRecord): string | undefined {
  if (outcome.kind === "failed") return outcome.error;
  return outcome.status >= 200 && outcome.status < 300 ? undefined : `status ${outcome.status}`;
}

/** Whether its answer set a cookie. */
export function setsCookie({ outcome }: LoadRecord): boolean {
  return outcome.kind === "answered" && outcome.cookie !== undefined;
}

/** Sums up records, in any order. */
export function summarise(records: readonly LoadRecord[]): LoadSummary {
  const errors = new Map<string, number>();
  const origins = new Map<string, number>();
  for (const record of records) {
    const error = errorOf(record);
    if (error !== undefined) increment(errors, error);
    if (record.outcome.kind === "answered" && record.outcome.origin !== undefined) {
      increment(origins, record.outcome.origin);
    }
  }
  const latencies = Float64Array.from(records, ({ latencyMs }) => latencyMs).toSorted();
  return {
    requests: records.length,
    errors,
    errorCount: [...errors.values()].reduce((sum, count) => sum + count, 0),
    origins,
    p50Ms: percentile(latencies, 0.5),
    p99Ms: percentile(latencies, 0.99),
    maxMs: percentile(latencies, 1),
  };
}

/**
 * The nearest-rank percentile: the smallest value that at least a share `q` of all values do not exceed.
 * @param sorted ascending; empty gives 0.
 * @param q 0–1.
 */
export function percentile(sorted: ArrayLike<number>, q: number): number {
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? 0;
}

function increment(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
