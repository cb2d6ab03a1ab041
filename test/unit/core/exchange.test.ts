/**
 * The promise of the coordination, against a hostile network: a limit holds for all isolates together, and
 * what is lost comes back. Every schedule is checked after every step.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import type { Coordination } from "../../../core/upstream.ts";
import type { UpstreamView } from "../../../core/upstream-view.ts";
import { Fleet, type Step } from "../../support/fleet-model.ts";
import { origin, pool, upstream } from "../../support/upstream.ts";

/** Room enough for leases, little enough to be full often. */
const limits = new Map([
  ["a", 5],
  ["b", 8],
]);

const shop = (coordination: Coordination, of: ReadonlyMap<string, number> = limits) =>
  upstream({
    coordination,
    pools: [
      pool(
        "home",
        [...of].map(([name, maxConns]) => origin(name, { maxConns })),
      ),
    ],
  });

const isolate = fc.nat(2);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant("ask"), isolate }) },
  { weight: 10, arbitrary: fc.record({ kind: fc.constant("deliver"), letter: fc.nat(20) }) },
  { weight: 10, arbitrary: fc.record({ kind: fc.constant("answer"), letter: fc.nat(20) }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant("close"), isolate, request: fc.nat(5) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("flush"), isolate }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("repeat"), letter: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("lose"), letter: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("loseAnswer"), letter: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("giveUp"), isolate }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("stream"), isolate, request: fc.nat(5) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("renew"), isolate, request: fc.nat(5) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("kill"), isolate }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom("quiet", "rejoin"), isolate }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("cutOff"), isolate }) },
  { weight: 1, arbitrary: fc.constant({ kind: "evict" }) },
  { weight: 1, arbitrary: fc.constant({ kind: "rest" }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("wait"), ms: fc.nat(20_000) }) },
) as fc.Arbitrary<Step>;

const schedule = fc.array(step, { minLength: 1, maxLength: 120, size: "max" });

const leasedShop = shop("leased");
const strictShop = shop("strict");
const smallShop = shop(
  "strict",
  new Map([
    ["a", 2],
    ["b", 3],
  ]),
);
const autoShop = shop("auto");

function inUse(view: UpstreamView): Map<string, number> {
  return new Map(view.pools.flatMap(({ origins }) => origins.map(({ name, inFlight }) => [name, inFlight])));
}

describe("exchange, with messages lost, repeated, reordered, holders killed, the object evicted", () => {
  test.each([strictShop, leasedShop, autoShop])(
    "$coordination: no origin ever has more open requests than maxConns, and the object never believes in fewer",
    (shop) => {
      fc.assert(
        fc.property(schedule, (steps) => {
          const fleet = new Fleet(shop, 3);
          for (const taken of steps) {
            fleet.take(taken);
            for (const [name, maxConns] of limits) {
              const { taken, inFlight } = fleet.coordinator.statusOf(name);
              expect(fleet.trulyOpen(name)).toBeLessThanOrEqual(maxConns);
              expect(taken).toBeGreaterThanOrEqual(fleet.trulyOpen(name));
              expect(inFlight).toBeGreaterThanOrEqual(0);
            }
          }
        }),
        { numRuns: 1_000 },
      );
    },
  );

  test("everything is back at zero once all requests have ended and all time is over", () => {
    fc.assert(
      fc.property(schedule, (steps) => {
        const fleet = new Fleet(leasedShop, 3);
        for (const taken of steps) fleet.take(taken);
        fleet.settle();
        fleet.take({ kind: "wait", ms: 200_000 });
        expect([...inUse(fleet.coordinator.view(fleet.now)).values()]).toEqual([0, 0]);
      }),
      { numRuns: 500 },
    );
  });

  test("with a network that works, all slots are used, and all are free again at once", () => {
    const fleet = new Fleet(smallShop, 3);
    for (let request = 0; request < 7; request++) {
      fleet.take({ kind: "ask", isolate: request });
      fleet.take({ kind: "deliver", letter: 0 });
      fleet.take({ kind: "answer", letter: 0 });
    }
    expect([fleet.trulyOpen("a"), fleet.trulyOpen("b")]).toEqual([2, 3]);
    fleet.settle();
    expect([...inUse(fleet.coordinator.view(fleet.now)).values()]).toEqual([0, 0]);
  });

  test("after an eviction all slots are usable again as soon as the holders have been heard", () => {
    const fleet = new Fleet(smallShop, 1);
    const round = (): void => {
      fleet.take({ kind: "ask", isolate: 0 });
      fleet.take({ kind: "deliver", letter: 0 });
      fleet.take({ kind: "answer", letter: 0 });
    };
    for (let request = 0; request < 5; request++) round();
    fleet.take({ kind: "evict" });
    for (let request = 0; request < 5; request++) fleet.take({ kind: "close", isolate: 0, request: 0 });
    round(); // Learns the new epoch.
    round(); // Declares under it.
    for (let request = 0; request < 5; request++) round();
    expect(fleet.trulyOpen("a") + fleet.trulyOpen("b")).toBe(5);
  });

  test("a steady holder costs no row per request", () => {
    const fleet = new Fleet(smallShop, 1);
    for (let request = 0; request < 1_000; request++) {
      fleet.take({ kind: "ask", isolate: 0 });
      fleet.take({ kind: "deliver", letter: 0 });
      fleet.take({ kind: "answer", letter: 0 });
      fleet.take({ kind: "close", isolate: 0, request: 0 });
      fleet.take({ kind: "wait", ms: 20 });
    }
    expect(fleet.grants).toBe(1_000);
    expect(fleet.writes).toBeLessThanOrEqual(6);
  });

  test("after a burst and a rest, an object that wakes up takes nothing for open that is not", () => {
    const fleet = new Fleet(smallShop, 3);
    for (let request = 0; request < 5; request++) {
      fleet.take({ kind: "ask", isolate: request });
      fleet.take({ kind: "deliver", letter: 0 });
      fleet.take({ kind: "answer", letter: 0 });
    }
    fleet.settle();
    fleet.take({ kind: "wait", ms: 5_000 });
    fleet.take({ kind: "rest" });
    fleet.take({ kind: "evict" });
    expect([...inUse(fleet.coordinator.view(fleet.now)).values()]).toEqual([0, 0]);
  });
});
