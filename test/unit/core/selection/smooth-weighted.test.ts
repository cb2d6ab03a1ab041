/** The turns of round robin, one by one: exact over a cycle, and spread out in it. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { SmoothWeighted } from "../../../../core/selection/smooth-weighted.ts";
import type { Candidate } from "../../../../core/selection/policy.ts";
import { weighted } from "../../../support/upstream.ts";
import { count, describeContract } from "./contract.ts";

describeContract({ name: "round_robin" }, { shares: "exact", keys: "ignored" });

const weights = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 6 });

function sequence(policy: SmoothWeighted, candidates: readonly Candidate[], picks: number): string {
  return Array.from({ length: picks }, () => policy.select(candidates)?.name).join("");
}

function longestRun(picks: string): number {
  return Math.max(...(picks.match(/(.)\1*/g) ?? []).map((run) => run.length));
}

describe("smooth weighted round robin", () => {
  test("takes turns at 5:1:1 as nginx does, cycle after cycle", () => {
    expect(sequence(new SmoothWeighted(), weighted(5, 1, 1), 21)).toBe("aabacaa".repeat(3));
  });

  test("gives 5:1:1 exactly 5000, 1000, 1000 of 7000 picks, and never more than 4 in a row", () => {
    const candidates = weighted(5, 1, 1);
    expect([...count(new SmoothWeighted(), candidates, 7_000).values()]).toEqual([5_000, 1_000, 1_000]);
    expect(longestRun(sequence(new SmoothWeighted(), candidates, 7_000))).toBe(4);
  });

  test("gives 3:2:1 without the middle one exactly 3000 and 1000 of 4000 picks", () => {
    const left = weighted(3, 2, 1).filter(({ name }) => name !== "b");
    expect([...count(new SmoothWeighted(), left, 4_000).values()]).toEqual([3_000, 1_000]);
  });

  test("of equal candidates each has its turn, in the order in which they are listed", () => {
    expect(sequence(new SmoothWeighted(), weighted(2, 2, 2), 9)).toBe("abcabcabc");
  });

  test("every cycle is exact, and inside it no origin is ever a whole turn ahead of its share", () => {
    fc.assert(
      fc.property(weights, (list) => {
        const policy = new SmoothWeighted();
        const candidates = weighted(...list);
        const total = list.reduce((sum, weight) => sum + weight);
        const picks = new Map(candidates.map(({ name }) => [name, 0]));
        for (let turn = 1; turn <= 2 * total; turn++) {
          const name = policy.select(candidates)?.name ?? "";
          const had = (picks.get(name) ?? 0) + 1;
          picks.set(name, had);
          const share = (turn * (candidates.find((one) => one.name === name)?.weight ?? 0)) / total;
          expect(had - share).toBeLessThan(1);
          if (turn % total === 0) {
            expect([...picks.values()]).toEqual(list.map((weight) => (weight * turn) / total));
          }
        }
      }),
    );
  });

  test("a candidate that was away for long is owed nothing: it comes back to its share and no more", () => {
    const policy = new SmoothWeighted();
    const all = weighted(1, 1);
    sequence(policy, all, 1);
    sequence(policy, all.slice(1), 1_000);
    expect(count(policy, all, 100).get("a")).toBeGreaterThanOrEqual(49);
    expect(count(policy, all, 100).get("a")).toBeLessThanOrEqual(51);
  });

  test("however candidates came and went before, shares are right from now on, but for a few turns", () => {
    const presence = fc.array(fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }), { maxLength: 200 });
    const fiveWeights = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 5, maxLength: 5 });
    fc.assert(
      fc.property(fiveWeights, presence, (list, history) => {
        const policy = new SmoothWeighted();
        const all = weighted(...list);
        for (const present of history) policy.select(all.filter((_, index) => present[index]));
        const cycles = 20;
        const total = list.reduce((sum, weight) => sum + weight);
        const counts = count(policy, all, cycles * total);
        for (const { name, weight } of all) {
          expect(Math.abs((counts.get(name) ?? 0) - cycles * weight)).toBeLessThanOrEqual(all.length);
        }
      }),
    );
  });
});
