/** The sums over all holders are exact, whatever came and went before. */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { OriginTotals } from "../../../../core/ledger/origin-totals.ts";

const bornMs = 1_790_000_000_000;
const slots = (open: number, sinceMs: number) => ({ origin: "a", open, sinceMs, untilMs: sinceMs + 60_000 });

test("what came and went leaves no age behind, with thousands of open requests either", () => {
  const anyHeld = fc.record({
    open: fc.integer({ min: 1, max: 100_000 }),
    atMs: fc.integer({ min: 0, max: 1e9 }),
  });
  fc.assert(
    fc.property(fc.array(anyHeld, { maxLength: 50 }), (held) => {
      const totals = new OriginTotals(bornMs);
      for (const { open, atMs } of held) totals.count([slots(open, bornMs + atMs)], 1);
      for (const { open, atMs } of held) totals.count([slots(open, bornMs + atMs)], -1);
      expect([totals.inUse("a"), totals.taken("a"), totals.ageOf("a", bornMs + 1e9)]).toEqual([0, 0, 0]);
      totals.count([slots(1, bornMs + 1e9)], 1);
      expect(totals.ageOf("a", bornMs + 1e9 + 250)).toBe(250);
    }),
  );
});

test("what may be open without a word is taken, and not in use", () => {
  const totals = new OriginTotals(bornMs);
  totals.count([slots(2, bornMs)], 1);
  totals.countIdle(new Map([["a", 3]]), 1);
  expect([totals.inUse("a"), totals.taken("a")]).toEqual([2, 5]);
  totals.countIdle(new Map([["a", 3]]), -1);
  expect(totals.taken("a")).toBe(2);
});
