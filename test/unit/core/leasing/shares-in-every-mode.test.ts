/**
 * An origin gets its share of the requests however they are picked: asked for one by one, within a lease, or in turns of both.
 *
 * What is exact is a cycle of smooth weighted round robin: as many requests as the weights add up to. Between two cycles an origin is less than
 * one request off its share where weights are equal. There is one such round where the object picks, and one at each isolate that picks
 * by itself, which knows nothing of the others' turns. So the whole fleet's requests may be off by one for each of these.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import type { Coordination, Millis, Policy } from "../../../../core/model/upstream.ts";
import { runs } from "../../../support/runs.ts";
import { SmallFleet, type SmallRequest } from "../../../support/small-fleet.ts";
import { origin, pool, upstream } from "../../../support/upstream.ts";

interface Shop {
  readonly policy?: Policy;
  readonly weights: readonly number[];
  readonly maxConns?: number;
  readonly coordination: Coordination;
}

function shop({ policy = { name: "round_robin" }, weights, maxConns, coordination }: Shop) {
  const limit = maxConns === undefined ? {} : { maxConns };
  const origins = weights.map((weight, index) =>
    origin(String.fromCodePoint(97 + index), { weight, ...limit }),
  );
  return upstream({ policy, coordination, pools: [pool("home", origins)] });
}

/** One request after the other, in turns at the isolates. */
function steady(count: number, isolates: number, everyMs: Millis, tookMs: Millis): SmallRequest[] {
  return Array.from({ length: count }, (_, nth) => ({
    isolate: nth % isolates,
    atMs: nth * everyMs,
    tookMs,
  }));
}

const coordinations = ["strict", "leased", "auto"] as const;

/** By how many requests an origin may be off its share: one for each round that the isolates, or the object, go through. */
function roundsOf(coordination: Coordination, isolates: number): number {
  return coordination === "strict" ? 1 : isolates + 1;
}

/** How many requests each of the origins a, b, c … got that these are served by, one after the other. */
function partsOf(fleet: SmallFleet, requests: readonly SmallRequest[], origins: number): number[] {
  const names = Array.from({ length: origins }, (_, index) => String.fromCodePoint(97 + index));
  const before = fleet.counts();
  const after = fleet.run(requests).counts();
  return names.map((name) => (after[name] ?? 0) - (before[name] ?? 0));
}

function expectShares(parts: readonly number[], weights: readonly number[], off: number, what = ""): void {
  const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);
  const [count, all] = [sum(parts), sum(weights)];
  for (const [index, weight] of weights.entries()) {
    const share = (count * weight) / all;
    expect(Math.abs(parts[index]! - share), `${parts.join(":")} ${what}`).toBeLessThanOrEqual(off + 1e-6);
  }
}

describe("round robin", () => {
  test.each(coordinations)(
    "%s: 5:1:1 is 100:20:20 of 140 requests, also with four slots an origin",
    (coordination) => {
      for (const maxConns of [4, 64, undefined]) {
        const weights = [5, 1, 1];
        const fleet = new SmallFleet(
          shop({ weights, coordination, ...(maxConns !== undefined && { maxConns }) }),
          1,
        );
        expectShares(partsOf(fleet, steady(140, 1, 20, 5), 3), weights, 1);
      }
    },
  );

  test("gives each origin its weight in every mode once leases have settled, with few slots and many, at one isolate and at many", () => {
    const shops = fc.record({
      weights: fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 2, maxLength: 4 }),
      maxConns: fc.integer({ min: 4, max: 60 }),
      coordination: fc.constantFrom(...coordinations),
    });
    const traffic = fc.record({
      isolates: fc.integer({ min: 1, max: 8 }),
      everyMs: fc.integer({ min: 12, max: 60 }),
      seed: fc.nat(1_000),
    });
    fc.assert(
      fc.property(shops, traffic, (shopOf, { isolates, everyMs, seed }) => {
        const { weights, coordination } = shopOf;
        // Each isolate has whole cycles, and so has the fleet.
        const cycle = weights.reduce((sum, weight) => sum + weight, 0);
        const requests = steady(cycle * Math.ceil(30 / cycle) * isolates, isolates, everyMs, 10);
        // While isolates get their first leases, turns go on to others now and then.
        const fleet = new SmallFleet(shop(shopOf), isolates, { seed }).run(requests);
        const parts = partsOf(fleet, requests, weights.length);
        expectShares(parts, weights, roundsOf(coordination, isolates));
      }),
      { numRuns: runs(30, 2_000) },
    );
  });
});

const byLoad: readonly Policy[] = [
  { name: "adaptive" },
  { name: "least_conn" },
  { name: "least_time", by: "header", inflight: true },
  { name: "random_two", by: "least_conn" },
  { name: "peak_ewma" },
];

const sticky = { cookie: "s", ttlMs: 28_800_000, idleMs: 1_800_000, path: "/", homecoming: true };

/** Quick answers; none takes exactly as long as the one before, but for policies that go by just that. */
function logins({ name }: Policy, count: number, isolates: number, everyMs: Millis): SmallRequest[] {
  const byTime = name === "peak_ewma" || name === "least_time";
  return steady(count, isolates, everyMs, 0).map((request, nth) => ({
    ...request,
    tookMs: byTime ? 5 : 1 + ((nth * 7) % 5),
  }));
}

describe.each(byLoad)("$name: waves of sixty new sessions", (policy) => {
  test.each(coordinations)(
    "%s: are each spread over equal origins, at one isolate and at several",
    (coordination) => {
      for (const isolates of [1, 3, 8]) {
        for (const [everyMs, maxConns] of [
          [50, 4],
          [50, 64],
          [250, 4],
        ] as const) {
          const equal = shop({ policy, weights: [1, 1, 1], maxConns, coordination });
          const fleet = new SmallFleet({ ...equal, sticky }, isolates, { seed: everyMs + isolates });
          for (let wave = 0; wave < runs(2, 8); wave++) {
            const parts = partsOf(fleet, logins(policy, 60, isolates, everyMs), 3);
            // Loads are estimates, so that also where the object picks its round is not quite one.
            const off = Math.max(2, roundsOf(coordination, isolates));
            expectShares(
              parts,
              [1, 1, 1],
              off,
              `${isolates} isolates, every ${everyMs} ms, ${maxConns} slots`,
            );
          }
        }
      }
    },
  );
});

test.each([
  { name: "adaptive" },
  { name: "least_conn" },
  { name: "least_time", by: "header", inflight: false },
  { name: "least_time", by: "last_byte", inflight: true },
] as const)("$name: 5:1:1 follows the weights though next to nothing is open, in every mode", (policy) => {
  for (const coordination of coordinations) {
    for (const isolates of [1, 3, 8]) {
      for (const maxConns of [4, 64]) {
        const weighted = shop({ policy, weights: [5, 1, 1], maxConns, coordination });
        const fleet = new SmallFleet(weighted, isolates).run(steady(140, isolates, 20, 5));
        const parts = partsOf(fleet, steady(140, isolates, 20, 5), 3);
        // Where the object hears of an end after the next ask, that request still counts.
        const off = Math.max(isolates === 1 ? 1 : 5, roundsOf(coordination, isolates));
        expectShares(parts, [5, 1, 1], off, `${coordination}, ${isolates} isolates, ${maxConns} slots`);
      }
    }
  }
});

test.each([{ name: "peak_ewma" }, { name: "random_two", by: "least_conn" }] as const)(
  "$name: 5:1:1 follows the weights by chance though next to nothing is open, in every mode",
  (policy) => {
    for (const coordination of coordinations) {
      for (const isolates of [1, 3]) {
        const weighted = shop({ policy, weights: [5, 1, 1], maxConns: 64, coordination });
        const parts = partsOf(new SmallFleet(weighted, isolates), steady(1_400, isolates, 20, 5), 3);
        // Four standard deviations of 1,400 draws, 5 of 7 for the heavy one.
        expectShares(
          parts,
          [5, 1, 1],
          4 * Math.sqrt((1_400 * 5 * 2) / 49),
          `${coordination}, ${isolates} isolates`,
        );
      }
    }
  },
);

test.each(byLoad)("$name: sessions follow the weights, as far as they are unequal", (policy) => {
  const weighted = shop({ policy, weights: [3, 2, 1], maxConns: 64, coordination: "strict" });
  const fleet = new SmallFleet({ ...weighted, sticky }, 2);
  expectShares(partsOf(fleet, logins(policy, 60, 2, 50), 3), [3, 2, 1], 4);
});
