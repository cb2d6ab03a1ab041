/** How many slots a holder is leased, and where. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fairSlots, spreadSlots, type OriginRoom } from "../../../../core/leasing/allotment.ts";
import { runs } from "../../../support/runs.ts";

const demand = (mean: number) => ({ mean, spread: Math.sqrt(mean), open: 0 });
const sum = (counts: readonly number[]): number => counts.reduce((all, count) => all + count, 0);

describe("a holder's fair slots of a pool", () => {
  test("leave room for four swings, and no more, while there is enough", () => {
    const all = { mean: 450, spread: 30, open: 0 };
    expect(fairSlots(1000, 500, all, demand(25), 0.5)).toBe(25 + 4 * 5);
  });

  test("leave room for bursts, up to sixteen swings, where half of the pool stays free all the same", () => {
    const all = { mean: 200, spread: 50, open: 0 };
    expect(fairSlots(1000, 500, all, demand(25), 0.5)).toBe(25 + 6 * 5);
    expect(fairSlots(10_000, 5_000, all, demand(25), 0.5)).toBe(25 + 16 * 5);
  });

  test("are a part of what is spare by the swing, where there is less", () => {
    const all = { mean: 80, spread: 20, open: 0 };
    expect(fairSlots(100, 20, all, demand(16), 0.5)).toBe(16 + (0.5 * 20 * 4) / 20);
  });

  test("are the same part of each need where the needs exceed the pool", () => {
    const all = { mean: 200, spread: 30, open: 0 };
    expect(fairSlots(100, 20, all, demand(40), 0.5)).toBe(20);
  });

  test("are none where others have the whole pool, and none needs it", () => {
    const nothing = { mean: 0, spread: 0, open: 0 };
    expect([0, -3].map((slots) => fairSlots(slots, 0, nothing, nothing, 0.75))).toEqual([0, 0]);
  });

  test("are all together never more than the pool has", () => {
    const means = fc.array(fc.double({ min: 1, max: 500, noNaN: true }), { minLength: 1, maxLength: 50 });
    fc.assert(
      fc.property(
        means,
        fc.integer({ min: 1, max: 5000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (each, slots, part) => {
          const all = { mean: sum(each), spread: sum(each.map(Math.sqrt)), open: 0 };
          const given = each.map((mean) => fairSlots(slots, slots, all, demand(mean), part));
          expect(sum(given)).toBeLessThanOrEqual(slots * (1 + 1e-9));
        },
      ),
    );
  });
});

describe("slots spread over origins", () => {
  test("follow the shares", () => {
    const rooms = [2, 1, 1].map((share) => ({ share, open: 0, most: 100, promised: 0 }));
    expect(spreadSlots(8, rooms)).toEqual([4, 2, 2]);
  });

  test("leave one for an origin with a small share, as long as there is one for each", () => {
    const rooms = [5, 1, 1].map((share) => ({ share, open: 0, most: 4, promised: 0 }));
    expect(spreadSlots(4, rooms, { mean: 1 })).toEqual([2, 1, 1]);
    expect(
      spreadSlots(
        14,
        rooms.map((room) => ({ ...room, most: 100 })),
        { mean: 14 },
      ),
    ).toEqual([10, 2, 2]);
  });

  test("begin with another origin for each holder where there are fewer slots than origins", () => {
    const rooms = [1, 1, 1].map((share) => ({ share, open: 0, most: 4, promised: 0 }));
    const spreads = [0, 1, 2, 3].map((first) => spreadSlots(1, rooms, { first }));
    expect(spreads).toEqual([
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
      [1, 0, 0],
    ]);
  });

  test("leave what is open where it is", () => {
    const rooms = [5, 0].map((open) => ({ share: 1, open, most: 100, promised: 0 }));
    expect(spreadSlots(6, rooms)).toEqual([5, 1]);
    expect(spreadSlots(2, rooms)).toEqual([5, 0]);
  });

  test("use what is promised first, and what lacks then goes by share", () => {
    const rooms = [9, 3].map((promised) => ({ share: 1, open: 0, most: 100, promised }));
    expect(spreadSlots(10, rooms)).toEqual([7, 3]);
    expect(spreadSlots(16, rooms)).toEqual([9, 7]);
  });

  test("never exceed the room of an origin, nor what was to be spread where less is open", () => {
    const room = fc.record({
      share: fc.double({ min: 0, max: 10, noNaN: true }),
      open: fc.nat(10),
      most: fc.nat(20),
      promised: fc.nat(20),
    });
    fc.assert(
      fc.property(fc.array(room, { maxLength: 10 }), fc.nat(100), (rooms, slots) => {
        const spread = spreadSlots(slots, rooms);
        const open = sum(rooms.map(({ open, most }) => Math.min(open, most)));
        for (const [index, count] of spread.entries()) expect(count).toBeLessThanOrEqual(rooms[index]!.most);
        expect(sum(spread)).toBeLessThanOrEqual(Math.max(slots, open));
      }),
    );
  });

  test("go one after the other to where they are lacked most", () => {
    const room = fc.record({
      share: fc.integer({ min: 0, max: 8 }),
      open: fc.nat(6),
      most: fc.oneof(fc.integer({ min: -2, max: 12 }), fc.constant(Infinity)),
      promised: fc.nat(6),
    });
    fc.assert(
      fc.property(fc.nat(80), fc.array(room, { minLength: 1, maxLength: 6 }), (slots, some) => {
        const rooms = withExactParts(some);
        expect(spreadSlots(slots, rooms)).toEqual(oneByOne(slots, rooms));
        // Else rounding decides between equals, and they may change places.
        const [ours, theirs] = [spreadSlots, oneByOne].map((spread) =>
          lacking(slots, some, spread(slots, some)),
        );
        for (const [rank, lack] of (ours ?? []).entries()) expect(lack).toBeCloseTo(theirs?.[rank] ?? NaN, 9);
      }),
      { numRuns: runs(1_000, 50_000) },
    );
  });

  test("are spread in no time, also where a thousand origins have room for as many slots each", () => {
    const rooms = Array.from({ length: 1_000 }, (_, index) => ({
      share: 1 + (index % 7),
      open: index % 3,
      most: 1_000,
      promised: 0,
    }));
    // One by one that is half a billion looks: more than a test may take.
    expect(sum(spreadSlots(500_000, rooms))).toBe(500_000);
  });
});

/** Shares whose sum is a power of two, if it is any: their parts have no rounding, which would decide between equals. */
function withExactParts([first, ...others]: readonly OriginRoom[]): OriginRoom[] {
  if (first === undefined) return [];
  const rest = sum(others.map(({ share }) => share));
  return [{ ...first, share: first.share + rest === 0 ? 0 : 64 - rest }, ...others];
}

/** What the origins lack of their parts, most first. */
function lacking(slots: number, rooms: readonly OriginRoom[], spread: readonly number[]): number[] {
  const shares = sum(rooms.map(({ share }) => share)) || 1;
  return rooms.map(({ share }, place) => (slots * share) / shares - spread[place]!).toSorted((a, b) => b - a);
}

/** The same, as one would say it. */
function oneByOne(slots: number, rooms: readonly OriginRoom[]): number[] {
  const spread = rooms.map(({ open, most }) => Math.max(0, Math.min(open, most)));
  const shares = sum(rooms.map(({ share }) => share)) || 1;
  const caps = [(room: OriginRoom) => Math.min(room.promised, room.most), (room: OriginRoom) => room.most];
  for (const capOf of caps) {
    while (sum(spread) < slots) {
      const places = rooms.flatMap((room, place) => (spread[place]! < capOf(room) ? [place] : []));
      const lacking = (place: number): number => (slots * rooms[place]!.share) / shares - spread[place]!;
      const [most] = places.toSorted((a, b) => lacking(b) - lacking(a) || a - b);
      if (most === undefined) break;
      spread[most]!++;
    }
  }
  return spread;
}
