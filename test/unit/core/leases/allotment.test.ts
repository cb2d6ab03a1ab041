/** How many slots a holder is leased: the limit holds whoever asks in whatever order. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { allot, wishFor } from "../../../../core/leases/allotment.ts";

interface Claim {
  open: number;
  idle: number;
  wish: number;
}

const claims = fc.array(fc.record({ open: fc.nat(20), idle: fc.nat(20), wish: fc.nat(40) }), {
  minLength: 1,
  maxLength: 12,
});

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

const takenBy = (holders: readonly Claim[]): number => sum(holders.map(({ open, idle }) => open + idle));

const terms = ({ open, idle, wish }: Claim) => ({ open, claim: open + idle, wish, least: 0 });

function allotTo(holder: Claim, holders: readonly Claim[], limit: number): number {
  const inUse = sum(holders.map(({ open }) => open));
  const wishes = sum(holders.map(({ wish }) => wish));
  return allot({ limit, inUse, taken: takenBy(holders), wishes }, terms(holder));
}

describe("allot", () => {
  test("lets all claims together never exceed the limit, and never grow while they do", () => {
    fc.assert(
      fc.property(claims, fc.nat(100), fc.array(fc.nat(11)), (holders, limit, turns) => {
        for (const turn of turns) {
          const holder = holders[turn % holders.length]!;
          const before = takenBy(holders);
          const slots = allotTo(holder, holders, limit);
          expect(slots).toBeGreaterThanOrEqual(0);
          expect(Number.isInteger(slots)).toBe(true);
          // Until it is heard again, the holder may be using this lease, or the one before.
          holder.idle = Math.max(holder.idle, slots - holder.open);
          expect(takenBy(holders)).toBeLessThanOrEqual(Math.max(limit, before));
        }
      }),
    );
  });

  test("leaves a holder what it has open, while the limit is kept", () => {
    fc.assert(
      fc.property(claims, fc.nat(50), (holders, spare) => {
        const limit = takenBy(holders) + spare;
        for (const holder of holders) {
          expect(allotTo(holder, holders, limit)).toBeGreaterThanOrEqual(holder.open);
        }
      }),
    );
  });

  test("leases nothing beyond what is open to one that wishes for nothing, or where nothing is free", () => {
    const holder = { open: 3, idle: 0 };
    expect(allot({ limit: 100, inUse: 3, taken: 3, wishes: 7 }, terms({ ...holder, wish: 0 }))).toBe(3);
    expect(allot({ limit: 10, inUse: 10, taken: 10, wishes: 7 }, terms({ ...holder, wish: 7 }))).toBe(3);
  });

  test("takes back from holders of streams, when the limit was lowered below them", () => {
    const slots = allot({ limit: 6, inUse: 8, taken: 8, wishes: 0 }, terms({ open: 5, idle: 0, wish: 0 }));
    expect(slots).toBeLessThanOrEqual(3);
  });

  test("keeps something for those who ask, however many wish", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 500 }),
        fc.array(fc.nat(50), { minLength: 1 }),
        (limit, wishes) => {
          const holders = wishes.map((wish) => ({ open: 0, idle: 0, wish }));
          for (const holder of holders) holder.idle = allotTo(holder, holders, limit);
          expect(takenBy(holders)).toBeLessThan(limit);
        },
      ),
    );
  });
});

test("a holder wishes for more the more it has, and for something when it has nothing", () => {
  expect(wishFor(0)).toBeGreaterThan(0);
  for (let open = 0; open < 200; open++) expect(wishFor(open + 1)).toBeGreaterThan(wishFor(open));
});
