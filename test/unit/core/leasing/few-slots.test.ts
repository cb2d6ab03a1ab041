/** Where slots are few for the holders that there are: who asks, and what the others are lent, so that none lacks an origin for good. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import {
  areTooFew,
  spreadFor,
  type LimitedRoom,
  type SpreadFor,
} from "../../../../core/leasing/few-slots.ts";
import { origin } from "../../../support/upstream.ts";

const leasedPart = 0.75;
const sum = (counts: readonly number[]): number => counts.reduce((all, count) => all + count, 0);

function forOne(parts: Partial<SpreadFor> & { readonly holders: number }): SpreadFor {
  const { holders, ...rest } = parts;
  const sharing = { holders, leasedPart };
  return { holder: "isolate-1", usual: 0.1, isAsked: true, sharing, now: 1_000_000, ...rest };
}

function room(limit: number, share = 1, parts: Partial<LimitedRoom> = {}): LimitedRoom {
  return { limit, share, open: 0, most: limit, promised: 0, inUse: 0, ...parts };
}

describe("holders ask for each request", () => {
  const limited = (maxConns: number) => [origin("a", { maxConns: 100 }), origin("b", { maxConns })];

  test("where one of the origins has not a slot for each of them that may be lent", () => {
    const are = (maxConns: number, holders: number): boolean =>
      areTooFew(limited(maxConns), ({ maxConns: limit = Infinity }) => limit, { holders, leasedPart });
    expect([are(4, 3), are(4, 4), are(5, 4), are(6, 4)]).toEqual([false, true, true, false]);
    expect([are(1, 1), are(1, 2)]).toEqual([false, true]);
  });

  test("but not for the sake of one that serves no request, or of which no slot can be lent", () => {
    const sharing = { holders: 8, leasedPart };
    expect(areTooFew([origin("a", { weight: 0 })], () => 1, sharing)).toBe(false);
    expect(areTooFew([origin("a")], () => 0, sharing)).toBe(false);
    expect(areTooFew([origin("a")], () => Infinity, sharing)).toBe(false);
  });
});

describe("a holder that is lent slots where there are enough for each", () => {
  test("has one of each origin, whatever its share and however few slots it is to have", () => {
    expect(spreadFor(1, [room(4, 5), room(4), room(4)], {}, forOne({ holders: 3 })).slots).toEqual([1, 1, 1]);
    expect(spreadFor(1, [room(4, 5), room(4, 0), room(4)], {}, forOne({ holders: 3 })).slots).toEqual([
      1, 0, 1,
    ]);
  });

  test("leaves as many for each of the others while they can be asked for, and not when they cannot", () => {
    const rooms = [room(8, 5), room(8), room(8)];
    expect(spreadFor(8, rooms, {}, forOne({ holders: 3 })).slots).toEqual([2, 2, 2]);
    expect(spreadFor(8, rooms, {}, forOne({ holders: 3, isAsked: false })).slots).toEqual([6, 1, 1]);
    expect(spreadFor(8, rooms, {}, forOne({ holders: 1 })).slots).toEqual([6, 1, 1]);
  });

  test("has no more than it is to have where the pool is nearly full: a slot that it does not use is missing elsewhere", () => {
    const full = [
      room(4, 5, { inUse: 4, most: 0 }),
      room(4, 1, { inUse: 4, most: 0 }),
      room(4, 1, { inUse: 1 }),
    ];
    expect(spreadFor(0, full, {}, forOne({ holders: 3 }))).toEqual({ slots: [0, 0, 0], kept: 0 });
    expect(spreadFor(0, [room(4)], {}, forOne({ holders: 3 }))).toEqual({ slots: [1], kept: 1 });
  });

  test("takes none of an origin that has none left, and keeps what it has open", () => {
    const rooms = [room(4, 1, { most: 0 }), room(4, 1, { open: 3, most: 4 }), room(4)];
    expect(spreadFor(2, rooms, {}, forOne({ holders: 3 })).slots).toEqual([0, 3, 1]);
  });

  test("never gets all of it wrong: all of them together have no more than there is", () => {
    const limits = fc.array(fc.integer({ min: 4, max: 40 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(limits, fc.integer({ min: 1, max: 3 }), fc.nat(60), (each, holders, slots) => {
        const left = [...each];
        for (let holder = 0; holder < holders; holder++) {
          const rooms = each.map((limit, index) => room(limit, 1 + index, { most: left[index]! }));
          const spread = spreadFor(slots, rooms, {}, forOne({ holders, holder: `isolate-${holder}` })).slots;
          for (const [index, count] of spread.entries()) {
            expect(count).toBeGreaterThanOrEqual(1);
            left[index]! -= count;
          }
        }
        expect(Math.min(...left)).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

describe("a holder that has fewer slots than there are origins, as there are not enough", () => {
  const minutes = 10;
  /** What it was lent of each origin, look by look, for some minutes. */
  function lentBy(
    holder: string,
    rooms: readonly LimitedRoom[],
    parts: Partial<SpreadFor> = {},
  ): (readonly number[])[] {
    const looks = Array.from({ length: minutes * 240 }, (_, nth) => 1_000_000 + nth * 250);
    return looks.map((now) => spreadFor(1, rooms, {}, forOne({ holders: 8, holder, now, ...parts })).slots);
  }

  test("has a slot of each origin in turn, as often as its share says", () => {
    const rooms = [room(4, 5), room(4), room(4)];
    for (const holder of ["isolate-1", "isolate-2", "isolate-3"]) {
      const lent = lentBy(holder, rooms);
      for (const counts of lent) expect(sum(counts)).toBe(1);
      for (const [index, share] of [5 / 7, 1 / 7, 1 / 7].entries()) {
        const part = sum(lent.map((counts) => counts[index]!)) / lent.length;
        expect(Math.abs(part - share)).toBeLessThan(0.01);
      }
    }
  });

  test("has the next one in its turn where an origin has none left", () => {
    const lent = lentBy("isolate-1", [room(4, 1, { most: 0 }), room(4), room(4)]);
    expect(lent.every(([a, b = 0, c = 0]) => a === 0 && b + c === 1)).toBe(true);
    expect(new Set(lent.map((counts) => counts.indexOf(1)))).toEqual(new Set([1, 2]));
  });

  test("changes seldom, since it is counted as having both for a while", () => {
    const lent = lentBy("isolate-1", [room(4), room(4), room(4)]);
    const changes = lent.filter((counts, nth) => nth > 0 && String(counts) !== String(lent[nth - 1])).length;
    expect(changes).toBeLessThanOrEqual((minutes * 60) / 2);
  });

  test("keeps its slot while it is in use all the time, or where there are none to spare", () => {
    const used = [room(4, 1, { open: 1 }), room(4), room(4)];
    for (const counts of lentBy("isolate-1", used, { usual: 1.2 })) expect(counts).toEqual([1, 0, 0]);
    const scarce = [room(2, 1, { open: 1 }), room(2), room(2)];
    for (const counts of lentBy("isolate-1", scarce)) expect(counts).toEqual([1, 0, 0]);
  });
});
