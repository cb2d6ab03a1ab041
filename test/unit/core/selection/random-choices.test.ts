/** A few random candidates, and the least loaded of them. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { InFlight } from "../../../../core/load/in-flight.ts";
import { seededRandom, type Random } from "../../../../core/model/random.ts";
import { RandomChoices } from "../../../../core/selection/random-choices.ts";
import { candidate, weighted } from "../../../support/upstream.ts";
import { describeContract } from "./contract.ts";

// The contract's candidates are idle, so the first one drawn is chosen.
describeContract({ name: "random_two", by: "least_conn" }, { shares: "by chance", keys: "ignored" });
describeContract({ name: "random_two", by: "least_time" }, { shares: "when open", keys: "ignored" });

const now = 0;

const two = (): RandomChoices => new RandomChoices("random_two", new InFlight(), 2);

/** Chance that gives these numbers in turn. */
function scripted(...values: readonly number[]): Random {
  const left = [...values];
  return { next: () => left.shift() ?? expect.fail("drew too often") };
}

describe("random two", () => {
  test.each([
    // On the line a: 0–1, b: 1–2, c: 2–3; then, without b, a: 0–1, c: 1–2.
    { drawn: [0.5, 0.25], open: [1, 2, 0], winner: "a" },
    { drawn: [0.5, 0.75], open: [1, 2, 0], winner: "c" },
    { drawn: [0.5, 0.25], open: [2, 1, 0], winner: "b" },
    { drawn: [0.5, 0.25], open: [1, 1, 0], winner: "b" },
    { drawn: [0.999, 0.999], open: [0, 3, 2], winner: "c" },
  ])("of $drawn, with $open open, takes $winner", ({ drawn, open, winner }) => {
    const candidates = weighted(1, 1, 1).map((one, index) => ({ ...one, inFlight: open[index] ?? 0 }));
    expect(two().select(candidates, { random: scripted(...drawn), now })?.name).toBe(winner);
  });

  test("of two candidates compares both, whatever their weights", () => {
    const candidates = [candidate("a", 1_000, 5_000), candidate("b", 1, 4)];
    const random = seededRandom(1);
    for (let pick = 0; pick < 100; pick++) {
      expect(two().select(candidates, { random, now })?.name).toBe("b");
    }
  });

  test("never takes the most loaded one, if there are others", () => {
    const pools = fc.uniqueArray(fc.nat(1_000), { minLength: 2, maxLength: 20 });
    fc.assert(
      fc.property(pools, fc.integer(), (open, seed) => {
        const candidates = open.map((inFlight, index) => candidate(`${index}`, 1, inFlight));
        const chosen = two().select(candidates, { random: seededRandom(seed), now });
        expect(chosen?.inFlight).toBeLessThan(Math.max(...open));
      }),
    );
  });
});

test("with as many draws as candidates, the least loaded of all is taken", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(1_000), { minLength: 1, maxLength: 10 }), fc.integer(), (open, seed) => {
      const candidates = open.map((inFlight, index) => candidate(`${index}`, 1, inFlight));
      const all = new RandomChoices("random_two", new InFlight(), open.length);
      expect(all.select(candidates, { random: seededRandom(seed), now })?.inFlight).toBe(Math.min(...open));
    }),
  );
});
