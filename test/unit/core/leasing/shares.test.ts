/** Shares that fill all origins to one level, and draws that follow them more closely than chance. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { fillToLevel, ShareDraws, type Basin } from "../../../../core/leasing/shares.ts";
import { seededRandom } from "../../../../core/model/random.ts";

const basin = (limit: number, inFlight: number, completions = 0): Basin => ({ limit, inFlight, completions });

const someBasins = fc.array(
  fc.record({
    limit: fc.double({ min: 1, max: 500, noNaN: true }),
    inFlight: fc.nat(1_000),
    completions: fc.nat(1_000),
  }),
  { minLength: 1, maxLength: 50 },
);
const someArrivals = fc.double({ min: 0.01, max: 10_000, noNaN: true });

describe("shares", () => {
  test.each([
    {
      what: "equal origins get equal shares",
      basins: [basin(10, 0), basin(10, 0)],
      arrivals: 8,
      shares: [4, 4],
    },
    // Level (8 + 1 + 1) / 40 = 0.25: 7.5 − 1 and 2.5 − 1. An origin that could take little is not filled as the first.
    {
      what: "in proportion to the limits, less the request that each is to have room for",
      basins: [basin(30, 0), basin(10, 0)],
      arrivals: 8,
      shares: [6.5, 1.5],
    },
    {
      what: "none for one that is fuller with one",
      basins: [basin(30, 0), basin(1, 0)],
      arrivals: 20,
      shares: [20, 0],
    },
    // Level 1.1: 11 − 1 − 2 and 11 − 1 − 6.
    { what: "the emptier one gets more", basins: [basin(10, 2), basin(10, 6)], arrivals: 12, shares: [8, 4] },
    { what: "the fuller one gets none", basins: [basin(10, 0), basin(10, 9)], arrivals: 8, shares: [8, 0] },
    { what: "completions make room", basins: [basin(10, 8, 8), basin(10, 8)], arrivals: 4, shares: [4, 0] },
    // Level (12 + 21 + 9) / (20 + 10) = 1.4: 28 − 21 and 14 − 9.
    { what: "above their limits too", basins: [basin(20, 20), basin(10, 8)], arrivals: 12, shares: [7, 5] },
  ])("$what", ({ basins, arrivals, shares }) => {
    const filled = [...fillToLevel(basins, arrivals)];
    for (const [index, share] of shares.entries()) expect(filled[index]).toBeCloseTo(share, 9);
  });

  test("add up to the arrivals, are never negative, and bring every origin that gets some to one level", () => {
    fc.assert(
      fc.property(someBasins, someArrivals, (basins, arrivals) => {
        const shares = fillToLevel(basins, arrivals);
        const sum = shares.reduce((total, share) => total + share, 0);
        expect(sum).toBeCloseTo(arrivals, 6);
        const levels = basins.map(
          ({ limit, inFlight, completions }, index) =>
            (inFlight + 1 - completions + (shares[index] ?? NaN)) / limit,
        );
        const level = Math.min(...levels);
        for (const [index, share] of shares.entries()) {
          expect(share).toBeGreaterThanOrEqual(0);
          if (share > 1e-6) expect(levels[index]).toBeCloseTo(level, 6);
          expect(levels[index]).toBeGreaterThanOrEqual(level);
        }
      }),
    );
  });

  test("of no origins are none", () => {
    expect([...fillToLevel([], 5)]).toEqual([]);
  });
});

describe("draws", () => {
  test("are none while nothing is published, or all shares are 0", () => {
    const draws = new ShareDraws(seededRandom(1));
    expect(draws.draw()).toBeUndefined();
    draws.publish([0, 0]);
    expect(draws.draw()).toBeUndefined();
  });

  test("step by the golden ratio from a random start", () => {
    const draws = new ShareDraws({ next: () => 0 });
    draws.publish([1, 1]);
    // 0.618, 0.236, 0.854, 0.472, 0.090, 0.708
    expect(Array.from({ length: 6 }, () => draws.draw())).toEqual([1, 0, 1, 0, 0, 1]);
  });

  test("begin where they are told to", () => {
    const draws = new ShareDraws({ next: () => 0.5 });
    draws.publish([1, 1], 0);
    expect(Array.from({ length: 6 }, () => draws.draw())).toEqual([1, 0, 1, 0, 0, 1]);
  });

  test("of isolates whose starts are evenly spread match the shares together, however few each makes", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 200 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (isolates, first) => {
          const counts = [0, 0, 0];
          for (let rank = 0; rank < isolates; rank++) {
            const draws = new ShareDraws({ next: () => 0 });
            draws.publish([1, 2, 5], (first + rank / isolates) % 1);
            for (let drawn = 0; drawn < 2; drawn++) counts[draws.draw() ?? NaN]!++;
          }
          for (const [index, share] of [1, 2, 5].entries()) {
            // One off for each of the two sets of evenly spread points.
            expect(Math.abs(counts[index]! - (2 * isolates * share) / 8)).toBeLessThanOrEqual(2 + 1e-9);
          }
        },
      ),
    );
  });

  test("never take a share of 0, and stay within 3 of every share, from any start, after any number", () => {
    const someShares = fc
      .array(fc.nat(9), { minLength: 1, maxLength: 8 })
      .filter((shares) => shares.some(Boolean));
    fc.assert(
      fc.property(someShares, fc.integer({ min: 0, max: 1_000_000 }), (shares, seed) => {
        const draws = new ShareDraws(seededRandom(seed));
        draws.publish(shares);
        const total = shares.reduce((sum, share) => sum + share);
        const counts = shares.map(() => 0);
        let off = 0;
        for (let drawn = 1; drawn <= 200; drawn++) {
          const index = draws.draw() ?? expect.fail("drew nothing");
          counts[index] = (counts[index] ?? 0) + 1;
          for (const [place, share] of shares.entries())
            off = Math.max(off, Math.abs((counts[place] ?? NaN) - (drawn * share) / total));
        }
        expect(counts.filter((_, place) => shares[place] === 0).every((count) => count === 0)).toBe(true);
        expect(off).toBeLessThan(3);
      }),
    );
  });

  test("of isolates with starts of their own differ", () => {
    const first = Array.from({ length: 100 }, (_, seed) => {
      const draws = new ShareDraws(seededRandom(seed));
      draws.publish([1, 1, 1, 1]);
      return draws.draw();
    });
    for (const index of [0, 1, 2, 3]) {
      expect(first.filter((drawn) => drawn === index).length).toBeGreaterThan(10);
    }
  });
});
