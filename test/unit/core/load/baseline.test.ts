/** What an unhurried answer takes, over origins and over time. */
import { describe, expect, test } from "vitest";

import { Baseline } from "../../../../core/load/baseline.ts";

describe("the baseline", () => {
  test.each([
    { means: [40], ms: 40 },
    { means: [90, 40], ms: 40 },
    { means: [70, 90, 40, 80], ms: 40 },
    { means: [70, 90, 40, 80, 60], ms: 60 },
    { means: [9, 8, 7, 6, 5, 4, 3, 2, 1], ms: 3 },
  ])("of $means is $ms: what a quarter of the origins do not exceed", ({ means, ms }) => {
    const baseline = new Baseline();
    baseline.update([...means], 0);
    expect(baseline.ms).toBe(ms);
  });

  test("is the least of ten seconds", () => {
    const baseline = new Baseline();
    baseline.update([40], 0);
    baseline.update([90], 5_000);
    expect(baseline.ms).toBe(40);
    baseline.update([95], 9_999);
    expect(baseline.ms).toBe(40);
    baseline.update([95], 10_000);
    expect(baseline.ms).toBe(90);
    baseline.update([200], 60_000);
    expect(baseline.ms).toBe(200);
  });

  test("is unknown, and never too low, while nothing is known", () => {
    const baseline = new Baseline();
    expect(baseline.ms).toBe(Infinity);
    baseline.update([], 0);
    expect(baseline.ms).toBe(Infinity);
  });

  test("is due four times a second", () => {
    const baseline = new Baseline();
    expect(baseline.isDue(1_000)).toBe(true);
    baseline.update([40], 1_000);
    expect(baseline.isDue(1_249)).toBe(false);
    expect(baseline.isDue(1_250)).toBe(true);
  });
});
