/** What the object has heard of its holders: what those that are leased slots need, and what came and went. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import type { SlotDemand } from "../../../../core/leasing/allotment.ts";
import { FleetDemand } from "../../../../core/leasing/fleet-demand.ts";
import { message } from "../../../support/message.ts";

const now = 1_000_000;
const holder = fc.constantFrom("h1", "h2", "h3");
const byPool = fc.dictionary(fc.constantFrom("home", "cloud"), fc.nat(9));

const demandOf = (open: number): SlotDemand => ({ mean: open, spread: Math.sqrt(open), open });

const toDemands = (said: Record<string, number>) =>
  new Map(Object.entries(said).map(([pool, open]) => [pool, demandOf(open)]));

describe("needs", () => {
  test("on a pool are the sum of what each holder said last, whatever it said before", () => {
    const said = fc.array(fc.tuple(holder, fc.option(byPool, { nil: undefined })));
    fc.assert(
      fc.property(said, (all) => {
        const demands = new FleetDemand();
        const last = new Map<string, Record<string, number>>();
        for (const [name, demand] of all) {
          if (demand === undefined) demands.needNothing(name);
          else demands.need(name, toDemands(demand), now);
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
        expect(demands.leased).toBe(last.size);
      }),
    );
  });

  test("of holders that have been silent for so long are forgotten, the others' are not", () => {
    const demands = new FleetDemand();
    demands.need("h1", toDemands({ home: 3 }), now);
    demands.need("h2", toDemands({ home: 4 }), now + 900);
    demands.prune(1_000, now + 1_000);
    expect([demands.on("home").open, demands.leased]).toEqual([4, 1]);
  });
});

describe("flow", () => {
  const holder = message({ started: [{ origin: "a", count: 0 }] });

  /** Five requests have come, and five on the origin have ended. */
  function busy(): FleetDemand {
    const demand = new FleetDemand();
    demand.recordMessage(holder, [], 500, now);
    demand.recordMessage(message({ started: [{ origin: "a", count: 3 }] }), [run(4)], 500, now);
    demand.recordMessage(message({ started: [{ origin: "a", count: 5 }] }), [run()], 500, now);
    return demand;
  }

  const run = (count?: number) => ({ origin: "a", ok: true, ...(count !== undefined && { count }) });

  const silence = message({ holder: "h2" });

  test("is nothing before a period is over", () => {
    const demand = busy();
    demand.recordMessage(silence, [], 500, now + 499);
    expect([demand.arrivals, demand.completionsOf("a")]).toEqual([0, 0]);
  });

  test("is what came and what went in the last complete period, and in no other", () => {
    const demand = busy();
    demand.recordMessage(message({ started: [{ origin: "a", count: 105 }] }), [], 500, now + 500);
    expect([demand.arrivals, demand.completionsOf("a"), demand.completionsOf("b")]).toEqual([5, 5, 0]);
    demand.recordMessage(silence, [], 500, now + 1_000);
    expect([demand.arrivals, demand.completionsOf("a")]).toEqual([100, 0]);
  });

  test("says nothing of now when it is long ago", () => {
    const demand = busy();
    demand.recordMessage(silence, [], 500, now + 5_000);
    expect([demand.arrivals, demand.completionsOf("a")]).toEqual([0, 0]);
  });
});

test("of another configuration holders are known, and what they need of its pools is not", () => {
  const before = new FleetDemand();
  before.recordMessage(message({ lease: 1 }), [], 500, now);
  before.need("h1", toDemands({ home: 3 }), now);
  const demand = new FleetDemand(before);
  expect([demand.holders, demand.isBusy("h1"), demand.leased, demand.on("home").mean]).toEqual([
    1,
    true,
    0,
    0,
  ]);
});
