/** The persisted ceiling: what was written last always covers what the holder has. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { Ceiling, type HolderCeiling } from "../../../../core/ledger/ceiling.ts";

const needs = fc.record({ a: fc.nat(100), b: fc.nat(100) });
const moves = fc.array(fc.record({ needs, afterMs: fc.nat(30_000), forMs: fc.nat(60_000) }), {
  maxLength: 40,
});

/** What is persisted after each move. */
function written(all: readonly { needs: Record<string, number>; afterMs: number; forMs: number }[]) {
  const ceiling = new Ceiling();
  let row: HolderCeiling | undefined;
  let writes = 0;
  let now = 1_000_000;
  return all.map(({ needs, afterMs, forMs }) => {
    now += afterMs;
    const untilMs = now + forMs;
    if (ceiling.cover(Object.keys(needs), (origin) => needs[origin] ?? 0, untilMs)) {
      row = ceiling.of("h");
      writes++;
    }
    return { row, needs, untilMs, writes };
  });
}

describe("a ceiling", () => {
  test("as persisted last covers all that the holder has, for as long as it may have it", () => {
    fc.assert(
      fc.property(moves, (all) => {
        for (const { row, needs, untilMs } of written(all)) {
          expect(row?.untilMs).toBeGreaterThanOrEqual(untilMs);
          for (const [origin, needed] of Object.entries(needs)) {
            expect(row?.slots[origin] ?? 0).toBeGreaterThanOrEqual(needed);
          }
        }
      }),
    );
  });

  test("is at most twice what the holder has had on any origin since its time was prolonged but once", () => {
    fc.assert(
      fc.property(moves, (all) => {
        let [greatest, before, until] = [0, 0, 0];
        for (const { row, needs } of written(all)) {
          if (row?.untilMs !== until) [greatest, before] = [0, greatest];
          until = row?.untilMs ?? 0;
          greatest = Math.max(greatest, needs["a"] ?? 0, needs["b"] ?? 0);
          const most = Math.max(greatest, before);
          expect(row?.slots["a"] ?? 0).toBeLessThanOrEqual(Math.max(0, 2 * most - 1));
        }
      }),
    );
  });

  test("forgets an origin that the holder has left, once its time has been prolonged without it", () => {
    const ceiling = new Ceiling();
    const cover = (origin: string, untilMs: number) =>
      ceiling.cover([origin], (of) => Number(of === origin), untilMs);
    cover("left", 1);
    cover("new", 100_000);
    cover("new", 200_000);
    expect(ceiling.of("h").slots).toEqual({ new: 1 });
  });

  test("of a holder that goes up and down is written once a minute", () => {
    const busy = Array.from({ length: 600 }, (_, nth) => ({
      needs: { a: (nth * 7) % 60 },
      afterMs: 1_000,
      forMs: 30_000,
    }));
    const atFirst = written(busy.slice(0, 60)).at(-1)?.writes ?? 0;
    expect((written(busy).at(-1)?.writes ?? 0) - atFirst).toBeLessThanOrEqual(9);
  });

  test("goes on from what is persisted, and can be forgotten", () => {
    const ceiling = new Ceiling();
    ceiling.load({ holder: "h", untilMs: 5_000, slots: { a: 4 } });
    expect(ceiling.cover(["a"], () => 4, 5_000)).toBe(false);
    expect(ceiling.cover(["a"], () => 5, 5_000)).toBe(true);
    ceiling.forget();
    expect([ceiling.untilMs, ceiling.of("h").slots]).toEqual([0, {}]);
  });
});
