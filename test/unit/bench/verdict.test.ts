import { describe, expect, test } from "vitest";
import { medianInterval, toComparisons } from "../../bench/against/verdict.ts";

const pair = (old: number, now: number, errors: string[] = []) => ({
  rung: "weirStrict",
  body: "small" as const,
  cpuMs: { old, new: now },
  errors,
});

describe("the comparison with another commit", () => {
  test.each([
    // Of the binomial distribution with p = 1/2: so many may be left out at either end at 2.5 %.
    [5, 0],
    [8, 0],
    [9, 1],
    [12, 2],
    [20, 5],
    [100, 39],
  ])(
    "leaves out so many of %d pairs that the median is in the interval with 95 %%: %d at either end",
    (count, out) => {
      const values = Array.from({ length: count }, (_, index) => index);
      expect(medianInterval(values)).toMatchObject({
        low: out,
        high: count - 1 - out,
        median: (count - 1) / 2,
      });
    },
  );

  test("fails when the lower end is below the least ratio, though the median is not", () => {
    const pairs = [pair(96, 100), ...Array.from({ length: 7 }, () => pair(100, 100))];
    expect(toComparisons(pairs)).toMatchObject([{ ratio: { low: 0.96, median: 1 }, isMet: false, pairs: 8 }]);
  });

  test("is met by equal costs", () => {
    expect(toComparisons(Array.from({ length: 8 }, () => pair(2, 2)))).toMatchObject([{ isMet: true }]);
  });

  test("is not met, and has no ratio, when an answer failed", () => {
    const [comparison] = toComparisons([pair(2, 1), pair(2, 1, ["start 2, new: 3 × status"])]);
    expect(comparison).toMatchObject({ isMet: false, errors: ["start 2, new: 3 × status"] });
    expect(comparison).not.toHaveProperty("ratio");
  });
});
