/** Where keys go, and which of them move when the set of origins changes: no more than must. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { seededRandom } from "../../../../core/model/random.ts";
import { fraction, hashText } from "../../../../core/selection/hash.ts";
import { Rendezvous } from "../../../../core/selection/rendezvous.ts";
import type { Candidate } from "../../../../core/selection/policy.ts";
import { candidate, weighted } from "../../../support/upstream.ts";
import { describeContract, expectShares } from "./contract.ts";

describeContract({ name: "ip_hash" }, { shares: "by chance", keys: "kept" });

const random = seededRandom(1);
const now = 0;

/** Client networks as they occur: neighbours that differ in a digit. */
const networks = Array.from({ length: 6_000 }, (_, index) => `198.${index >> 8}.${index & 255}.0`);

const someOrigins = fc.uniqueArray(
  fc.record({ name: fc.string(), weight: fc.integer({ min: 1, max: 1_000 }), inFlight: fc.constant(0) }),
  { selector: ({ name }) => name, minLength: 2, maxLength: 10 },
);
const someKeys = fc.array(fc.oneof(fc.ipV4(), fc.ipV6(), fc.string()), { minLength: 1, maxLength: 50 });

function placeOf(candidates: readonly Candidate[], key: string): string {
  return (
    new Rendezvous("ip_hash", { bounded: false }).select(candidates, { key, random, now })?.name ?? "nowhere"
  );
}

function countPlaces(candidates: readonly Candidate[], keys: readonly string[]): Map<string, number> {
  const counts = new Map(candidates.map(({ name }) => [name, 0]));
  for (const key of keys)
    counts.set(placeOf(candidates, key), (counts.get(placeOf(candidates, key)) ?? 0) + 1);
  return counts;
}

describe("ip_hash, when origins come and go", () => {
  test("an origin that leaves moves only its own keys; one that comes takes keys only for itself", () => {
    fc.assert(
      fc.property(someOrigins, someKeys, fc.nat(), (origins, keys, nth) => {
        const one = origins[nth % origins.length];
        const others = origins.filter((origin) => origin !== one);
        for (const key of keys) {
          const [withIt, without] = [placeOf(origins, key), placeOf(others, key)];
          if (withIt !== one?.name) expect(without).toBe(withIt);
        }
      }),
    );
  });

  test("an origin that gets heavier only wins keys, and one that gets lighter only loses keys", () => {
    fc.assert(
      fc.property(
        someOrigins,
        someKeys,
        fc.nat(),
        fc.integer({ min: 1, max: 1_000 }),
        (origins, keys, nth, gain) => {
          const one = origins[nth % origins.length];
          const heavier = origins.map((origin) =>
            origin === one ? { ...origin, weight: origin.weight + gain } : origin,
          );
          for (const key of keys) {
            const [before, after] = [placeOf(origins, key), placeOf(heavier, key)];
            if (after !== before) expect(after).toBe(one?.name);
          }
        },
      ),
    );
  });

  test("the keys of an origin that leaves spread over all others by weight, not to a neighbour", () => {
    const origins = weighted(2, 1, 1, 2);
    const left = origins.filter(({ name }) => name !== "a");
    const orphans = networks.filter((key) => placeOf(origins, key) === "a");
    expectShares(countPlaces(left, orphans), left, "by chance");
  });

  test("of ten equal origins, one that comes takes about a tenth of the keys", () => {
    const origins = Array.from({ length: 10 }, (_, index) => candidate(`on-prem-${index}`));
    const moved = networks.filter((key) => placeOf(origins, key) !== placeOf(origins.slice(0, 9), key));
    expect(Math.abs(moved.length - 600)).toBeLessThanOrEqual(4 * Math.sqrt(600 * 0.9));
  });
});

describe("ip_hash, by weight", () => {
  test.each([
    { names: ["a", "b", "c"], weights: [1, 1, 1] },
    { names: ["on-prem-1", "on-prem-2", "on-prem-3"], weights: [5, 1, 1] },
    { names: ["web-10", "web-01", "web-11"], weights: [1, 10, 100] },
  ])("neighbouring client networks reach $names as $weights", ({ names, weights }) => {
    const origins = names.map((name, index) => candidate(name, weights[index]));
    expectShares(countPlaces(origins, networks), origins, "by chance");
  });

  test("only the proportion of weights counts, not their size", () => {
    for (const key of networks.slice(0, 500)) {
      expect(placeOf(weighted(300, 200, 100), key)).toBe(placeOf(weighted(3, 2, 1), key));
    }
  });

  test("open requests do not move a key", () => {
    const busy = [candidate("a", 1, 900), candidate("b"), candidate("c", 1, 5)];
    for (const key of networks.slice(0, 500))
      expect(placeOf(busy, key)).toBe(placeOf(weighted(1, 1, 1), key));
  });

  test("requests without a key are spread by weight", () => {
    const origins = weighted(5, 1, 1);
    const counts = new Map(origins.map(({ name }) => [name, 0]));
    const policy = new Rendezvous("ip_hash", { bounded: false });
    const chance = seededRandom(2);
    for (let request = 0; request < 7_000; request++) {
      const name = policy.select(origins, { random: chance, now })?.name ?? "nowhere";
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    expectShares(counts, origins, "by chance");
  });
});

describe("ip_hash, from version to version", () => {
  test.each([
    ["203.0.113.0", "on-prem-1"],
    ["203.0.114.0", "on-prem-1"],
    ["198.51.100.0", "on-prem-2"],
    ["192.0.2.0", "on-prem-1"],
    ["2001:db8:1:2::", "on-prem-1"],
    ["2001:db8:ffff::", "on-prem-1"],
  ])("network %s is served by %s", (key, expected) => {
    const origins = [candidate("on-prem-1", 3), candidate("on-prem-2", 2), candidate("cloud-1", 1)];
    expect(placeOf(origins, key)).toBe(expected);
  });
});

describe("hash with bounded load", () => {
  const bounded = new Rendezvous("hash", { bounded: true });
  const free = new Rendezvous("hash", { bounded: false });

  test("no origin has more than 1.25 of its share of the open requests, however few keys there are", () => {
    const pools = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 2, maxLength: 8 });
    fc.assert(
      fc.property(pools, fc.integer({ min: 1, max: 3 }), (weights, keys) => {
        const open = weighted(...weights).map((one) => ({ ...one }));
        const total = weights.reduce((sum, weight) => sum + weight);
        for (let request = 1; request <= 600; request++) {
          const chosen = bounded.select(open, { key: `key-${request % keys}`, random, now });
          const one = open.find(({ name }) => name === chosen?.name) ?? expect.fail("chose no origin");
          one.inFlight++;
          const cap = Math.ceil((1.25 * request * one.weight) / total);
          expect(one.inFlight).toBeLessThanOrEqual(Math.max(16, cap));
        }
      }),
      { numRuns: 50 },
    );
  });

  test("a candidate is always chosen, whatever is open", () => {
    const pools = fc.array(
      fc.record({ weight: fc.integer({ min: 1, max: 1_000 }), inFlight: fc.nat(100_000) }),
      { minLength: 1, maxLength: 20 },
    );
    fc.assert(
      fc.property(pools, fc.string(), (list, key) => {
        const open = list.map(({ weight, inFlight }, index) => candidate(`${index}`, weight, inFlight));
        expect(open).toContain(bounded.select(open, { key, random, now }));
      }),
    );
  });

  test("where 16 requests are open at most, keys stay where they are", () => {
    for (const key of networks.slice(0, 300)) {
      const busy = [candidate("a", 1, 15), candidate("b"), candidate("c", 1, 1)];
      expect(bounded.select(busy, { key, random, now })).toBe(free.select(busy, { key, random, now }));
    }
  });

  test("a key that its origin cannot take goes where it would go if that origin were gone", () => {
    for (const key of networks.slice(0, 300)) {
      const home = placeOf(weighted(1, 1, 1), key);
      const open = weighted(1, 1, 1).map((one) => (one.name === home ? { ...one, inFlight: 100 } : one));
      const others = open.filter(({ name }) => name !== home);
      expect(bounded.select(open, { key, random, now })?.name).toBe(placeOf(others, key));
    }
  });
});

test("the best score wins, though most are not worked out", () => {
  const origins = fc.uniqueArray(
    fc.record({ name: fc.string(), weight: fc.integer({ min: 1, max: 1_000 }), inFlight: fc.constant(0) }),
    { selector: ({ name }) => name, minLength: 1, maxLength: 40 },
  );
  fc.assert(
    fc.property(origins, fc.string(), (list, key) => {
      const scores = list.map(
        ({ name, weight }) => -weight / Math.log(fraction(hashText(key), hashText(name))),
      );
      expect(placeOf(list, key)).toBe(list[scores.indexOf(Math.max(...scores))]?.name);
    }),
  );
});
