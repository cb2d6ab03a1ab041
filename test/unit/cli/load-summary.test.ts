/** What a load amounts to. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LoadRecord } from "../../../cli/load/closed-loop.ts";
import { percentile, summarise } from "../../../cli/load/summary.ts";

const answered = (status: number, origin?: string, latencyMs = 10): LoadRecord => ({
  startedAtMs: 0,
  latencyMs,
  outcome: { kind: "answered", status, ...(origin !== undefined && { origin }) },
});

const failed: LoadRecord = {
  startedAtMs: 0,
  latencyMs: 10,
  outcome: { kind: "failed", error: "other side closed" },
};

describe("a percentile", () => {
  it("is a value that at least that share does not exceed, and no smaller one is", () => {
    const values = fc.array(fc.double({ noNaN: true }), { minLength: 1 });
    fc.assert(
      fc.property(values, fc.double({ min: 0, max: 1, noNaN: true }), (unsorted, q) => {
        const sorted = Float64Array.from(unsorted).toSorted();
        const value = percentile(sorted, q);
        const covered = (limit: number): number =>
          sorted.filter((other) => other <= limit).length / sorted.length;
        expect(covered(value)).toBeGreaterThanOrEqual(q);
        const smaller = sorted.findLast((other) => other < value);
        if (smaller !== undefined) expect(covered(smaller)).toBeLessThan(q);
      }),
    );
  });

  it("of nothing is 0", () => {
    expect(percentile([], 0.99)).toBe(0);
  });
});

describe("a summary", () => {
  it("counts everything but a 2xx answer as an error, by its kind", () => {
    const { requests, errorCount, errors } = summarise([
      answered(200),
      answered(204),
      answered(503),
      answered(302),
      failed,
      failed,
    ]);
    expect({ requests, errorCount }).toEqual({ requests: 6, errorCount: 4 });
    expect([...errors]).toEqual([
      ["status 503", 1],
      ["status 302", 1],
      ["other side closed", 2],
    ]);
  });

  it("counts answers by origin, and none where Weir answered by itself", () => {
    expect([
      ...summarise([answered(200, "a"), answered(200, "b"), answered(500, "a"), answered(503)]).origins,
    ]).toEqual([
      ["a", 2],
      ["b", 1],
    ]);
  });

  it("takes latencies in any order", () => {
    const { p50Ms, p99Ms, maxMs } = summarise([30, 1000, 20, 10].map((ms) => answered(200, "a", ms)));
    expect({ p50Ms, p99Ms, maxMs }).toEqual({ p50Ms: 20, p99Ms: 1000, maxMs: 1000 });
  });
});
