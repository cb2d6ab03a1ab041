/** How many passwords are hashed: a few for each client, so many for all, and something is left for one that has had nothing. */
import fc from "fast-check";
import { expect, test } from "vitest";

import { halfMs, HashBudget, mostOfAll, mostOfOne } from "../../../../core/access/hash-budget.ts";
import { runs } from "../../../support/runs.ts";

function taken(budget: HashBudget, client: number, times: number, now: number): number {
  return Array.from({ length: times }, () => budget.take(client, now)).filter((again) => again === undefined)
    .length;
}

test("a client alone gets its few, and again when the window is over", () => {
  const budget = new HashBudget();
  expect(taken(budget, 1, 1_000, 0)).toBe(mostOfOne);
  expect(budget.take(1, halfMs - 1)).toBe(1);
  expect(taken(budget, 1, 1_000, 2 * halfMs)).toBe(mostOfOne);
});

test("another client has its part beside one that floods", () => {
  const budget = new HashBudget();
  taken(budget, 1, 1_000, 0);
  expect(taken(budget, 2, 3, 0)).toBe(3);
});

test("in no window more is hashed than there is for all, whoever asks and whenever", () => {
  const asking = fc.array(fc.tuple(fc.nat(200), fc.nat(500)), { maxLength: 400 });
  fc.assert(
    fc.property(asking, (asked) => {
      const budget = new HashBudget();
      const takenAt: number[] = [];
      let now = 0;
      for (const [client, laterMs] of asked) {
        now += laterMs;
        const again = budget.take(client, now);
        if (again === undefined) takenAt.push(now);
        else expect(again).toBeGreaterThan(0);
        expect(takenAt.filter((at) => at > now - halfMs).length).toBeLessThanOrEqual(mostOfAll);
      }
    }),
    { numRuns: runs(100, 5_000) },
  );
});
