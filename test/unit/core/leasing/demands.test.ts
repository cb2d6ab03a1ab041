/** What leased holders need: the sum of what each said last. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { Demands, type Demand } from "../../../../core/leasing/demands.ts";

const now = 1_000_000;
const holder = fc.constantFrom("h1", "h2", "h3");
const byPool = fc.dictionary(fc.constantFrom("home", "cloud"), fc.nat(9));

const demandOf = (open: number): Demand => ({ mean: open, spread: Math.sqrt(open), open });

const toDemands = (said: Record<string, number>) =>
  new Map(Object.entries(said).map(([pool, open]) => [pool, demandOf(open)]));

describe("demands", () => {
  test("on a pool are the sum of what each holder said last, whatever it said before", () => {
    const said = fc.array(fc.tuple(holder, fc.option(byPool, { nil: undefined })));
    fc.assert(
      fc.property(said, (all) => {
        const demands = new Demands();
        const last = new Map<string, Record<string, number>>();
        for (const [name, demand] of all) {
          if (demand === undefined) demands.forget(name);
          else demands.set(name, toDemands(demand), now);
          if (demand === undefined) last.delete(name);
          else last.set(name, demand);
        }
        for (const pool of ["home", "cloud"]) {
          const open = [...last.values()].map((demand) => demand[pool] ?? 0);
          const total = demands.on(pool);
          expect(total.open).toBe(open.reduce((sum, count) => sum + count, 0));
          expect(total.spread).toBeCloseTo(
            open.reduce((sum, count) => sum + Math.sqrt(count), 0),
            6,
          );
        }
        expect(demands.holders).toBe(last.size);
      }),
    );
  });

  test("of holders that have been silent for so long are forgotten, the others' are not", () => {
    const demands = new Demands();
    demands.set("h1", toDemands({ home: 3 }), now);
    demands.set("h2", toDemands({ home: 4 }), now + 900);
    demands.prune(1_000, now + 1_000);
    expect([demands.on("home").open, demands.holders]).toEqual([4, 1]);
  });
});
