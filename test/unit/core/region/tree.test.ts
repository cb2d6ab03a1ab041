/** Slots that flow from the root to regions to isolates: the limit holds for all of them together. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { runs } from "../../../support/runs.ts";
import { Tree, type Fate, type TreeStep } from "../../../support/tree-model.ts";
import { origin, pool, upstream } from "../../../support/upstream.ts";

const limits = new Map([
  ["a", 6],
  ["b", 9],
]);

const shop = upstream({
  coordination: "auto",
  regions: ["weur", "enam"],
  pools: [
    pool(
      "home",
      [...limits].map(([name, maxConns]) => origin(name, { maxConns })),
    ),
  ],
});

const fate: fc.Arbitrary<Fate> = fc.oneof(
  { weight: 8, arbitrary: fc.constant("arrives" as const) },
  { weight: 1, arbitrary: fc.constantFrom("lost" as const, "answer lost" as const) },
);
const isolate = fc.nat(5);
const region = fc.nat(1);
const step = fc.oneof(
  {
    weight: 20,
    arbitrary: fc.record({ kind: fc.constant("request"), isolate, fate, rootFate: fate }),
  },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant("close"), isolate, request: fc.nat(9) }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constantFrom("report", "quiet"), isolate, fate, rootFate: fate }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom("renew", "rest"), region, fate }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("evict"), region }) },
  { weight: 1, arbitrary: fc.constant({ kind: "evictRoot" }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant("wait"), ms: fc.oneof(fc.nat(1_000), fc.nat(20_000)) }),
  },
) as fc.Arbitrary<TreeStep>;
const schedule = fc.array(step, { minLength: 1, maxLength: 150, size: "max" });

describe("root and regions, with messages lost at both levels, and both evicted", () => {
  test("no origin ever has more open requests than maxConns, and the root never believes in fewer", () => {
    fc.assert(
      fc.property(schedule, (steps) => {
        const tree = new Tree(shop, 3);
        for (const taken of steps) {
          tree.applyStep(taken);
          for (const [name, maxConns] of limits) {
            const [open, taken] = [tree.trulyOpen(name), tree.taken(name)];
            // After each of so many steps `expect` would take longer than the steps.
            if (open > maxConns || taken < open)
              expect.fail(`${name}: ${open} open, ${taken} taken of ${maxConns}`);
          }
        }
      }),
      { numRuns: runs(120, 20_000) },
    );
  });

  test("everything is back at zero once all requests have ended and all time is over", () => {
    fc.assert(
      fc.property(schedule, (steps) => {
        const tree = new Tree(shop, 3);
        for (const taken of steps) tree.applyStep(taken);
        tree.settle();
        tree.applyStep({ kind: "wait", ms: 300_000 });
        tree.settle();
        expect([...limits.keys()].map((name) => tree.taken(name))).toEqual([0, 0]);
      }),
      { numRuns: runs(50, 10_000) },
    );
  });

  test("with a network that works, all slots are used, from whichever region the requests come", () => {
    const tree = new Tree(shop, 3);
    for (let nth = 0; nth < 30; nth++) {
      tree.applyStep({ kind: "request", isolate: nth, fate: "arrives", rootFate: "arrives" });
    }
    expect([tree.trulyOpen("a"), tree.trulyOpen("b")]).toEqual([6, 9]);
  });
});
