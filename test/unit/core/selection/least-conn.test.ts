/** Which candidate has the fewest open requests for its weight, and who goes first when several have. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { InFlight } from "../../../../core/load/in-flight.ts";
import { LeastToCome } from "../../../../core/selection/least-to-come.ts";
import type { Candidate } from "../../../../core/selection/policy.ts";
import { candidate, weighted } from "../../../support/upstream.ts";
import { describeContract } from "./contract.ts";

// The contract's candidates are idle, so all of them tie, and ties are exact.
describeContract({ name: "least_conn" }, { shares: "exact", keys: "ignored" });

const now = 0;

function leastConn(): LeastToCome {
  return new LeastToCome("least_conn", new InFlight());
}

function sequence(policy: LeastToCome, candidates: readonly Candidate[], picks: number): string {
  return Array.from({ length: picks }, () => policy.select(candidates, { now })?.name).join("");
}

describe("least connections", () => {
  test.each([
    {
      rule: "the fewest open requests win",
      candidates: [candidate("a", 1, 3), candidate("b", 1, 2)],
      winner: "b",
    },
    { rule: "listed last or first", candidates: [candidate("a", 1, 2), candidate("b", 1, 3)], winner: "a" },
    {
      rule: "an idle one beats a busy one",
      candidates: [candidate("a", 1, 1), candidate("b")],
      winner: "b",
    },
    {
      rule: "but not one that would have less for its weight with one more",
      candidates: [candidate("a", 1_000, 1), candidate("b", 1, 1)],
      winner: "a",
    },
    {
      rule: "requests count per weight",
      candidates: [candidate("a", 5, 9), candidate("b", 1, 2)],
      winner: "a",
    },
    {
      rule: "and not by number alone",
      candidates: [candidate("a", 5, 15), candidate("b", 1, 2)],
      winner: "b",
    },
    {
      rule: "the smallest difference counts",
      candidates: [candidate("a", 999, 999_001), candidate("b", 1_000, 1_000_000)],
      winner: "b",
    },
  ])("$rule", ({ candidates, winner }) => {
    expect(leastConn().select(candidates, { now })?.name).toBe(winner);
    expect(leastConn().select(candidates.toReversed(), { now })?.name).toBe(winner);
  });

  test("equal candidates take turns", () => {
    expect(sequence(leastConn(), [candidate("a", 1, 4), candidate("b", 1, 4)], 6)).toBe("ababab");
  });

  test("ties take turns by weight, as in round robin", () => {
    expect(sequence(leastConn(), weighted(5, 1, 1), 7)).toBe("aabacaa");
  });

  test("a busier candidate has no turn among those that tie", () => {
    const candidates = [candidate("a", 1, 1), candidate("b", 1, 9), candidate("c", 2, 2)];
    expect(sequence(leastConn(), candidates, 6)).toBe("caccac");
  });

  test("equal loads tie, in whatever numbers", () => {
    // 1/3 of a request per weight, written in three ways.
    const candidates = [candidate("a", 3, 1), candidate("b", 999, 333), candidate("c", 30, 10)];
    expect(new Set(sequence(leastConn(), candidates, 400))).toEqual(new Set("abc"));
  });

  test("an origin keeps its share though the end of its request is told late: 5:1:1 with one open is 105:17:18, not 63:38:39", () => {
    const policy = leastConn();
    const counts = new Map(["a", "b", "c"].map((name) => [name, 0]));
    let late = "";
    for (let request = 0; request < 140; request++) {
      const candidates = weighted(5, 1, 1).map((one) => ({ ...one, inFlight: one.name === late ? 1 : 0 }));
      late = policy.select(candidates, { now })?.name ?? "";
      counts.set(late, (counts.get(late) ?? 0) + 1);
    }
    for (const [name, share] of [
      ["a", 100],
      ["b", 20],
      ["c", 20],
    ] as const)
      expect(Math.abs((counts.get(name) ?? 0) - share)).toBeLessThanOrEqual(5);
  });

  test("no origin of that weight has fewer open requests than the chosen one, and none would have fewer per weight even with one more", () => {
    const some = fc.array(
      fc.record({ weight: fc.integer({ min: 1, max: 1_000 }), inFlight: fc.nat(1_000_000) }),
      {
        minLength: 1,
        maxLength: 20,
      },
    );
    fc.assert(
      fc.property(some, (list) => {
        const candidates = list.map(({ weight, inFlight }, index) => candidate(`${index}`, weight, inFlight));
        const chosen = leastConn().select(candidates, { now });
        const { inFlight = NaN, weight = NaN } = chosen ?? {};
        for (const other of candidates) {
          expect(inFlight * other.weight).toBeLessThan((other.inFlight + 1) * weight);
          if (other.weight === weight) expect(inFlight).toBeLessThanOrEqual(other.inFlight);
        }
      }),
    );
  });

  test("requests that stay open fill the candidates in proportion to their weights", () => {
    const policy = leastConn();
    let candidates = weighted(5, 1, 1);
    for (let request = 0; request < 70; request++) {
      const chosen = policy.select(candidates, { now });
      candidates = candidates.map((one) => (one === chosen ? { ...one, inFlight: one.inFlight + 1 } : one));
    }
    expect(candidates.map(({ inFlight }) => inFlight)).toEqual([50, 10, 10]);
  });

  test("a slow origin never holds more than one request more than a fast one", () => {
    const policy = leastConn();
    const open = new Map([
      ["slow", 0],
      ["fast", 0],
    ]);
    for (let request = 0; request < 1_000; request++) {
      const candidates = [...open].map(([name, inFlight]) => candidate(name, 1, inFlight));
      const name = policy.select(candidates, { now })?.name ?? "";
      open.set(name, (open.get(name) ?? 0) + 1);
      expect(open.get("slow")).toBeLessThanOrEqual((open.get("fast") ?? 0) + 1);
      // The fast one ends each request before the next but one comes; the slow one ends one in a hundred.
      if (request % 2 === 1) open.set("fast", 0);
      if (request % 100 === 99) open.set("slow", Math.max(0, (open.get("slow") ?? 0) - 1));
    }
  });
});
