/** Peak-EWMA, step by step: up at once, down with time, and never down by a failure. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { PeakEwma } from "../../../../core/load/peak-ewma.ts";

function signal(): PeakEwma {
  const made = new PeakEwma();
  made.reconfigure([{ name: "a" }]);
  return made;
}

const answered = (headerMs: number) => ({ ok: true, headerMs });

describe("peak-EWMA", () => {
  test("takes an unknown origin for one of 30 ms", () => {
    expect(signal().load("a", 0, 5_000)).toBe(30);
    expect(signal().load("a", 4, 5_000)).toBe(150);
  });

  test("jumps to a peak", () => {
    const ewma = signal();
    ewma.recordCompletion("a", answered(400), 0);
    expect(ewma.load("a", 1, 0)).toBe(800);
  });

  test("comes down by 1/e in 10 s, and a lower time counts by what has decayed", () => {
    const ewma = signal();
    ewma.recordCompletion("a", answered(400), 0);
    expect(ewma.load("a", 0, 10_000)).toBeCloseTo(400 / Math.E, 9);
    ewma.recordCompletion("a", answered(100), 20_000);
    // 400/e at 10 s; at 20 s 400/e² + 100 · (1 − 1/e).
    expect(ewma.load("a", 0, 20_000)).toBeCloseTo(400 / Math.E ** 2 + 100 * (1 - 1 / Math.E), 9);
  });

  test("is not lowered by failures: one that fails at once looks no better than an unknown one", () => {
    const ewma = signal();
    ewma.recordCompletion("a", answered(400), 0);
    ewma.recordCompletion("a", { ok: false, headerMs: 1 }, 0);
    expect(ewma.load("a", 0, 0)).toBe(400);
    for (let ms = 0; ms <= 60_000; ms += 10) ewma.recordCompletion("a", { ok: false, headerMs: 1 }, ms);
    expect(ewma.load("a", 0, 60_000)).toBeGreaterThanOrEqual(30);
  });

  test("stays between 0 and the greatest time seen, whatever happens when", () => {
    const events = fc.array(
      fc.record({
        afterMs: fc.nat(100_000),
        ok: fc.boolean(),
        headerMs: fc.double({ min: 0, max: 60_000, noNaN: true }),
      }),
    );
    fc.assert(
      fc.property(events, (list) => {
        const ewma = signal();
        let now = 0;
        let greatest = 30;
        for (const { afterMs, ok, headerMs } of list) {
          now += afterMs;
          if (ok) greatest = Math.max(greatest, headerMs);
          ewma.recordCompletion("a", { ok, headerMs }, now);
          const load = ewma.load("a", 0, now);
          expect(load).toBeGreaterThanOrEqual(0);
          expect(load).toBeLessThanOrEqual(greatest);
        }
      }),
    );
  });
});
