/** GCRA: however requests come, no more pass in any time than the burst and what the rate brings. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { conformingNow, judgeOne, type RequestRate } from "../../../../core/limits/gcra.ts";
import { mostIn, rates } from "./admissions.ts";

const arrivals = fc.array(fc.double({ min: 0, max: 5_000, noNaN: true }), { maxLength: 300 });

/** When requests pass that come at these times, each no later than it may be delayed. */
function passed(rate: RequestRate, comeMs: readonly number[], delayMs: number): number[] {
  let fullAtMs = -Infinity;
  return comeMs
    .toSorted((a, b) => a - b)
    .flatMap((now) => {
      const verdict = judgeOne(fullAtMs, now, rate, delayMs);
      if (verdict.kind === "exceeds") return [];
      fullAtMs = verdict.fullAtMs;
      return [now + verdict.waitMs];
    });
}

describe("one key", () => {
  test("in any time T at most burst + T / interval requests pass, delayed or not", () => {
    fc.assert(
      fc.property(rates, arrivals, fc.constantFrom(0, 700), (rate, comeMs, delayMs) => {
        const times = passed(rate, comeMs, delayMs);
        expect(mostIn(times, rate)).toBeLessThanOrEqual(rate.burst + 1e-3);
      }),
    );
  });

  test("a request that exceeds the limit conforms at the moment that is told, and not a moment before", () => {
    const rate = { intervalMs: 100, burst: 2 };
    let fullAtMs = -Infinity;
    for (const now of [1_000, 1_000]) {
      const verdict = judgeOne(fullAtMs, now, rate);
      if (verdict.kind === "conforms") ({ fullAtMs } = verdict);
    }
    expect(judgeOne(fullAtMs, 1_010, rate)).toEqual({ kind: "exceeds", againInMs: expect.closeTo(90, 4) });
    expect(judgeOne(fullAtMs, 1_099.9, rate).kind).toBe("exceeds");
    expect(judgeOne(fullAtMs, 1_100, rate)).toEqual({ kind: "conforms", waitMs: 0, fullAtMs: 1_300 });
  });

  test("with a delay requests pass one interval after the other, and no request waits longer than it may", () => {
    const rate = { intervalMs: 100, burst: 1 };
    expect(passed(rate, [0, 0, 0, 0, 0], 250)).toEqual([0, 100, 200].map((ms) => expect.closeTo(ms, 4)));
  });

  test("as many conform at once as then pass", () => {
    fc.assert(
      fc.property(rates, fc.double({ min: 0, max: 5_000, noNaN: true }), (rate, usedMs) => {
        const now = 10_000;
        let fullAtMs = now + usedMs;
        const many = conformingNow(fullAtMs, now, rate);
        for (let nth = 0; nth < many; nth++) {
          const verdict = judgeOne(fullAtMs, now, rate);
          if (verdict.kind === "exceeds") return expect.unreachable(`${nth} of ${many} pass`);
          fullAtMs = verdict.fullAtMs;
        }
        expect(judgeOne(fullAtMs, now, rate).kind).toBe("exceeds");
        return undefined;
      }),
    );
  });
});
