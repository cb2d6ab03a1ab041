/** How much heavier failures make an origin, and for how long. */
import { describe, expect, test } from "vitest";

import { FailureAversion } from "../../../../core/load/failure-aversion.ts";
import { InFlight } from "../../../../core/load/in-flight.ts";

function signal(): FailureAversion {
  const made = new FailureAversion(new InFlight());
  made.reconfigure([{ name: "a" }]);
  return made;
}

function outcomes(averse: FailureAversion, pattern: string, now: number): void {
  for (const outcome of pattern) averse.recordCompletion("a", { ok: outcome === "+", headerMs: 1 }, now);
}

describe("an origin's load", () => {
  test("is the signal's while its requests succeed", () => {
    const averse = signal();
    outcomes(averse, "+".repeat(100), 0);
    expect(averse.load("a", 6, 0)).toBe(7);
  });

  test("is the signal's while at most every fifth fails", () => {
    const averse = signal();
    for (let turn = 0; turn < 100; turn++) {
      outcomes(averse, "++++++++++-", 0);
      expect(averse.load("a", 6, 0)).toBe(7);
    }
  });

  test("is multiplied by (0.8 / share of successes)² once more fail: after 16 failures in a row by 5.05", () => {
    const averse = signal();
    outcomes(averse, "-".repeat(16), 0);
    expect(averse.load("a", 0, 0)).toBeCloseTo((0.8 / (15 / 16) ** 16) ** 2, 9);
    expect(averse.load("a", 0, 0)).toBeCloseTo(5.05, 2);
  });

  test("never becomes infinite, however long it fails, and returns to the signal's when nothing is heard for long", () => {
    const averse = signal();
    outcomes(averse, "-".repeat(100_000), 0);
    expect(averse.load("a", 0, 0)).toBeLessThan(1_000_000);
    // 1 − 0.999 · e^(−t/20 s) ≥ 0.8 from 32.2 s on.
    expect(averse.load("a", 0, 32_000)).toBeGreaterThan(1);
    expect(averse.load("a", 0, 32_500)).toBe(1);
  });

  test("counts a success whose time is not known", () => {
    const averse = signal();
    outcomes(averse, "-".repeat(16), 0);
    for (let turn = 0; turn < 100; turn++) averse.recordCompletion("a", { ok: true }, 0);
    expect(averse.load("a", 0, 0)).toBe(1);
  });
});
