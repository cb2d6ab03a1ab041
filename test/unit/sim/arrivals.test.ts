/** When requests arrive, and how much work they are. */
import { describe, expect, test } from "vitest";
import { seededRandom } from "../../../core/model/random.ts";
import { dispatcherDraw } from "../../../sim/engine/dispatchers.ts";
import { arrivalProcess, rateFactor } from "../../../sim/scenario/arrivals.ts";
import type { Arrivals, Work } from "../../../sim/scenario/scenario.ts";
import { drawWorkMs, meanWorkMs } from "../../../sim/scenario/work.ts";

/** How many arrive in each of these intervals. */
function counts(arrivals: Arrivals, perMs: number, bounds: readonly number[]): number[] {
  const next = arrivalProcess(arrivals, perMs, seededRandom(1));
  const counts = bounds.map(() => 0);
  for (let at = next(0); at < (bounds.at(-1) ?? 0); at = next(at)) {
    const interval = bounds.findIndex((bound) => at < bound);
    counts[interval] = (counts[interval] ?? 0) + 1;
  }
  return counts;
}

describe("arrivals", () => {
  test("of a Poisson process come at its rate", () => {
    const [count = 0] = counts({ kind: "poisson" }, 2, [20_000]);
    expect(count / 40_000).toBeCloseTo(1, 1);
  });

  test("of a flash crowd come at the peak while it lasts", () => {
    const crowd = {
      kind: "flash-crowd",
      atMs: 10_000,
      rampMs: 0,
      holdMs: 10_000,
      fallMs: 0,
      peak: 3,
    } as const;
    const [before = 0, within = 0, after = 0] = counts(crowd, 1, [10_000, 20_000, 30_000]);
    expect(
      [before / 10_000, within / 30_000, after / 10_000].map((ratio) => Math.round(ratio * 20) / 20),
    ).toEqual([1, 1, 1]);
    expect(rateFactor({ ...crowd, rampMs: 100, fallMs: 50 }, 10_050)).toBe(2);
    expect(rateFactor({ ...crowd, rampMs: 100, fallMs: 50 }, 20_125)).toBe(2);
  });

  test("swing around their mean in the course of a day", () => {
    const day = { kind: "diurnal", amplitude: 0.5, periodMs: 20_000 } as const;
    const [high = 0, low = 0] = counts(day, 2, [10_000, 20_000]);
    expect((high + low) / 40_000).toBeCloseTo(1, 1);
    expect(high / low).toBeCloseTo((1 + 1 / Math.PI) / (1 - 1 / Math.PI), 0);
  });

  test("of a trace come as recorded, over and over, at the rate that is asked for", () => {
    const next = arrivalProcess({ kind: "trace", timesMs: [100, 110, 160] }, 2 / 60, seededRandom(1));
    const times = Array.from({ length: 5 }, () => next(0));
    expect(times.map((time) => Math.round(time))).toEqual([0, 10, 60, 90, 100]);
  });
});

describe("dispatchers", () => {
  test("get requests alike, or by Zipf's law", () => {
    const shares = (zipf: number) => {
      const draw = dispatcherDraw({ count: 3, zipf, reshuffleMs: Infinity }, seededRandom(1));
      const counts = [0, 0, 0];
      for (let request = 0; request < 11_000; request++) {
        const dispatcher = draw(0);
        counts[dispatcher] = (counts[dispatcher] ?? 0) + 1;
      }
      return counts.map((count) => Math.round(count / 500) / 2);
    };
    expect(shares(0)).toEqual([3.5, 3.5, 3.5]);
    expect(shares(1)).toEqual([6, 3, 2]);
  });
});

describe("work", () => {
  const works: readonly Work[] = [
    { kind: "constant", ms: 5 },
    { kind: "exponential", meanMs: 10 },
    { kind: "normal", meanMs: 62.5, sdMs: 62.5 },
    { kind: "normal", meanMs: 10, sdMs: 30 },
    { kind: "normal", meanMs: 10, sdMs: 0 },
    { kind: "lognormal", meanMs: 10, cv: 1 },
    { kind: "pareto", minMs: 4, shape: 3 },
    { kind: "trace", samplesMs: [1, 2, 9] },
  ];

  test.each(works)("is on average what its formula says: %j", (work) => {
    const random = seededRandom(3);
    let sum = 0;
    for (let draw = 0; draw < 60_000; draw++) sum += drawWorkMs(work, random);
    expect(sum / 60_000 / meanWorkMs(work)).toBeCloseTo(1, 1);
  });
});
