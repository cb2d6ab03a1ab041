/** When probes are due, and when the watchdog should make them. */
import { describe, expect, test } from "vitest";

import { isStale, nextRoundMs, urgentProbes } from "../../../../core/probes/schedule.ts";
import { seededRandom, type Random } from "../../../../core/model/random.ts";

const now = 1_000_000;
const always = (value: number): Random => ({ next: () => value });

describe("the next round of probes", () => {
  test.each([
    { jitter: 0, chance: 0, after: 10_000 },
    { jitter: 0, chance: 0.999, after: 10_000 },
    { jitter: 0.2, chance: 0, after: 8_000 },
    { jitter: 0.2, chance: 0.5, after: 10_000 },
    { jitter: 0.2, chance: 0.75, after: 11_000 },
    { jitter: 0.5, chance: 0, after: 5_000 },
  ])("with jitter $jitter and chance $chance is $after ms away", ({ jitter, chance, after }) => {
    expect(nextRoundMs({ intervalMs: 10_000, jitter }, now, always(chance))).toBeCloseTo(now + after, 6);
  });

  test("is moved evenly both ways, and never by more than the jitter", () => {
    const random = seededRandom(1);
    const rounds = Array.from({ length: 1_000 }, () =>
      nextRoundMs({ intervalMs: 10_000, jitter: 0.1 }, 0, random),
    );
    expect(Math.min(...rounds)).toBeGreaterThanOrEqual(9_000);
    expect(Math.min(...rounds)).toBeLessThan(9_100);
    expect(Math.max(...rounds)).toBeLessThan(11_000);
    expect(Math.max(...rounds)).toBeGreaterThan(10_900);
    // The mean of 1,000 uniform draws from a range of 2,000: standard deviation 2,000/√12/√1,000 = 18.3.
    const mean = rounds.reduce((sum, round) => sum + round) / rounds.length;
    expect(Math.abs(mean - 10_000)).toBeLessThan(4 * 18.3);
  });
});

describe("a prober is overdue", () => {
  const probing = { intervalMs: 10_000, timeoutMs: 2_000, jitter: 0.1 };

  test.each([
    { lastEndedMs: undefined, overdue: true },
    { lastEndedMs: now, overdue: false },
    { lastEndedMs: now - 11_000, overdue: false },
    { lastEndedMs: now - 24_000, overdue: false },
    { lastEndedMs: now - 24_001, overdue: true },
  ])("if its last round ended at $lastEndedMs: $overdue", ({ lastEndedMs, overdue }) => {
    expect(isStale(probing, lastEndedMs, now)).toBe(overdue);
  });

  test("never while it keeps its schedule, by chance and slowness as bad as they can be", () => {
    const longest = nextRoundMs(probing, 0, always(1)) + probing.timeoutMs;
    expect(isStale(probing, now - longest, now)).toBe(false);
  });
});

describe("origins that have lost connections", () => {
  test.each([
    [0, 250],
    [9_999, 250],
    [10_000, 1_000],
    [59_999, 1_000],
  ])("are probed, %i ms after that, every %i ms", (forMs, everyMs) => {
    expect(urgentProbes(["a"], forMs)).toEqual({ origins: ["a"], everyMs });
  });

  test("are left to the regular rounds after a minute, and where there are none the prober is not hurried", () => {
    expect(urgentProbes(["a"], 60_000)).toBeUndefined();
    expect(urgentProbes([], 0)).toBeUndefined();
  });
});
