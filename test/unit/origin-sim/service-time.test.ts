/** The distributions are the ones their names promise; specs out of range are refused. */
import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../core/model/random.ts";
import { drawServiceMs, type ServiceTime } from "../../../origin-sim/model/service-time.ts";
import { specIssues } from "../../../origin-sim/model/spec.ts";
import { plainSpec } from "./virtual-origin.ts";

function sample(serviceTime: ServiceTime, count = 200_000): { mean: number; sd: number; min: number } {
  const random = seededRandom(7);
  const draws = Array.from({ length: count }, () => drawServiceMs(serviceTime, random));
  const mean = draws.reduce((sum, ms) => sum + ms, 0) / count;
  const variance = draws.reduce((sum, ms) => sum + (ms - mean) ** 2, 0) / count;
  return { mean, sd: Math.sqrt(variance), min: draws.reduce((least, ms) => Math.min(least, ms)) };
}

describe("a drawn service time", () => {
  it.each([
    [{ kind: "constant", ms: 80 }, 80, 0],
    [{ kind: "exponential", meanMs: 80 }, 80, 80],
    [{ kind: "normal", meanMs: 80, sdMs: 10 }, 80, 10],
    [{ kind: "lognormal", meanMs: 80, cv: 0.5 }, 80, 40],
    [{ kind: "pareto", minMs: 40, shape: 3 }, 60, Math.sqrt(1200)],
  ] as const)("of %o has mean %d ms and standard deviation %d ms", (serviceTime, mean, sd) => {
    const drawn = sample(serviceTime);
    expect(Math.abs(drawn.mean - mean)).toBeLessThanOrEqual(0.02 * mean);
    expect(Math.abs(drawn.sd - sd)).toBeLessThanOrEqual(0.05 * sd);
  });

  it("is never negative, however wide the normal distribution", () => {
    const { min, mean } = sample({ kind: "normal", meanMs: 10, sdMs: 50 }, 20_000);
    expect(min).toBeGreaterThanOrEqual(0);
    expect(mean).toBeGreaterThan(10);
  });

  it("is finite at the generator's limits", () => {
    for (const value of [0, 1 - 2 ** -32]) {
      const random = { next: () => value };
      expect(drawServiceMs({ kind: "exponential", meanMs: 80 }, random)).toBeLessThan(80 * 23);
      expect(Number.isFinite(drawServiceMs({ kind: "pareto", minMs: 40, shape: 1.5 }, random))).toBe(true);
      expect(Number.isFinite(drawServiceMs({ kind: "lognormal", meanMs: 80, cv: 2 }, random))).toBe(true);
    }
  });
});

describe("a spec", () => {
  it("is sound if its numbers are in range", () => {
    expect(specIssues({ ...plainSpec, maxRequests: 5000 })).toEqual([]);
  });

  it.each([
    [{ workers: 0 }, "workers is 0; expected an integer ≥ 1"],
    [{ threads: 1.5 }, "threads is 1.5; expected an integer ≥ 1"],
    [{ backlog: -1 }, "backlog is -1; expected an integer ≥ 0"],
    [{ maxRequests: 0 }, "maxRequests is 0; expected an integer ≥ 1"],
    [{ restartMs: Number.NaN }, "restartMs is NaN; expected milliseconds ≥ 0"],
    [{ coldStartMs: -1 }, "coldStartMs is -1; expected milliseconds ≥ 0"],
    [{ serviceTime: { kind: "constant", ms: -1 } }, "serviceTime.ms is -1; expected a number ≥ 0"],
    [{ serviceTime: { kind: "exponential", meanMs: -1 } }, "serviceTime.meanMs is -1; expected a number ≥ 0"],
    [
      { serviceTime: { kind: "normal", meanMs: 80, sdMs: Infinity } },
      "serviceTime.sdMs is Infinity; expected a number ≥ 0",
    ],
    [
      { serviceTime: { kind: "lognormal", meanMs: 80, cv: -1 } },
      "serviceTime.cv is -1; expected a number ≥ 0",
    ],
    [
      { serviceTime: { kind: "pareto", minMs: 40, shape: 1 } },
      "serviceTime.shape is 1; expected a number > 1",
    ],
  ] as const)("with %o has one issue, which names the field, the value and the range", (change, issue) => {
    expect(specIssues({ ...plainSpec, ...change })).toEqual([issue]);
  });

  it("shows all its issues at once", () => {
    expect(specIssues({ ...plainSpec, workers: 0, backlog: -1, restartMs: -1 })).toHaveLength(3);
  });
});
