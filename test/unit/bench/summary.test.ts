import { describe, expect, test } from "vitest";
import type { Turn } from "../../bench/measure.ts";
import { toRatios, toRows } from "../../bench/summary.ts";

const rule = { name: "upperToLower", of: "upper", to: "lower", target: 0.85 };

const turn = (target: string, round: number, rps: number, more: Partial<Turn> = {}): Turn => ({
  target,
  body: "small",
  round,
  requests: rps * 2,
  rps,
  p50Ms: 1,
  p99Ms: 2,
  cpuMsPerRequest: 1000 / rps,
  rssMb: 100,
  errors: [],
  ...more,
});

describe("rows", () => {
  test("are medians over the rounds, with what was least and most beside them", () => {
    const [row] = toRows([turn("upper", 1, 100), turn("upper", 2, 900), turn("upper", 3, 300)]);
    expect(row).toMatchObject({ rps: 300, requests: 2600, spread: { rps: { min: 100, max: 900 } } });
  });

  test("of an even number of rounds take the mean of the middle two", () => {
    const [row] = toRows([10, 20, 40, 1000].map((rps, index) => turn("upper", index + 1, rps)));
    expect(row?.rps).toBe(30);
  });

  test("keep the two bodies apart", () => {
    const rows = toRows([turn("upper", 1, 100), turn("upper", 1, 10, { body: "chunked64k" })]);
    expect(rows.map(({ body, rps }) => [body, rps])).toEqual([
      ["small", 100],
      ["chunked64k", 10],
    ]);
  });

  test("name the round of every error", () => {
    const [row] = toRows([turn("upper", 1, 100), turn("upper", 2, 100, { errors: ["3 × status"] })]);
    expect(row?.errors).toEqual(["round 2: 3 × status"]);
  });
});

describe("ratios", () => {
  test("compare turns of the same round, so that a slow minute cancels out", () => {
    const turns = [
      turn("lower", 1, 1000),
      turn("upper", 1, 900),
      turn("upper", 2, 90),
      turn("lower", 2, 100),
    ];
    expect(toRatios(turns, [rule])).toMatchObject([{ rps: { min: 0.9, median: 0.9, max: 0.9 }, met: true }]);
  });

  test.each([
    [85, true],
    [84, false],
  ])("of %i to 100 against a target of 0.85: met is %s", (rps, met) => {
    expect(toRatios([turn("upper", 1, rps), turn("lower", 1, 100)], [rule])).toMatchObject([{ met }]);
  });

  test("have no verdict where there is no target", () => {
    const [ratio] = toRatios(
      [turn("upper", 1, 1), turn("lower", 1, 1)],
      [{ name: "told", of: "upper", to: "lower" }],
    );
    expect(ratio).not.toHaveProperty("met");
  });

  test("are not taken from a rung that answered with errors, in whichever round", () => {
    const turns = [turn("upper", 1, 100), turn("lower", 1, 100), turn("upper", 2, 100)];
    expect(toRatios([...turns, turn("lower", 2, 100, { errors: ["1 × read"] })], [rule])).toEqual([]);
  });

  test("are not taken where one of the rungs was left out", () => {
    expect(toRatios([turn("upper", 1, 100)], [rule])).toEqual([]);
  });
});
