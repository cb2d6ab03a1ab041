/** What clients get of a common budget that want all they can get. */
import * as fc from "fast-check";
import { expect, test } from "vitest";

import { isWithinPart } from "../../../../core/clients/fair-part.ts";

/** Each in turn takes one if it may, until none may. */
function shareOut(budget: number, clients: number): number[] {
  const had = Array.from({ length: clients }, () => 0);
  let left = budget;
  for (let took = true; took;) {
    took = false;
    for (const [client, before] of had.entries()) {
      if (!isWithinPart(before, left)) continue;
      had[client] = before + 1;
      left--;
      took = true;
    }
  }
  return had;
}

test.each([
  [1, [50]],
  [2, [34, 33]],
  [4, [20, 20, 20, 20]],
])("%i greedy clients get equal parts of 100, and one part is left", (clients, parts) => {
  expect(shareOut(100, clients)).toEqual(parts);
});

test("while less than half is used, any client may take", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1_000 }), fc.integer({ min: 0, max: 499 }), (budget, percent) => {
      const used = Math.floor((budget * percent) / 1_000);
      expect(isWithinPart(used, budget - used)).toBe(true);
    }),
  );
});

test("whatever others have taken, a client that has had nothing gets something as long as there is something", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20), { maxLength: 200 }), (order) => {
      const had = new Map<number, number>();
      let left = 50;
      for (const client of order) {
        const before = had.get(client) ?? 0;
        if (before === 0 && left > 0) expect(isWithinPart(before, left)).toBe(true);
        if (!isWithinPart(before, left)) continue;
        had.set(client, before + 1);
        left--;
        expect(left).toBeGreaterThanOrEqual(0);
        expect(before + 1).toBeLessThanOrEqual(25);
      }
    }),
  );
});

test("a client that is alone gets nine tenths, and the next one still gets something", () => {
  let [had, left] = [0, 100];
  while (isWithinPart(had, left, true)) [had, left] = [had + 1, left - 1];
  expect([had, left]).toEqual([90, 10]);
  expect(isWithinPart(0, left)).toBe(true);
});
