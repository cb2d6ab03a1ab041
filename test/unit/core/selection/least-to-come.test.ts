/** Loads that count the request itself: origins of unequal weight take turns while they are within their parts, and speed still decides. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { LeastTime } from "../../../../core/load/least-time.ts";
import type { LoadSignal } from "../../../../core/load/signal.ts";
import { LeastToCome } from "../../../../core/selection/least-to-come.ts";
import type { Candidate } from "../../../../core/selection/policy.ts";
import { weighted } from "../../../support/upstream.ts";

const now = 1_000_000;

/** Each request weighs as much as the origin's time says; 1 if that is not said. */
function timed(times: Readonly<Record<string, number>> = {}): LoadSignal {
  return {
    reconfigure: () => undefined,
    recordStart: () => undefined,
    recordCompletion: () => undefined,
    load: (name, inFlight, _now, coming = 0) => (times[name] ?? 1) * (inFlight + coming + 1),
  };
}

const weights = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 });

function counted(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

describe("of origins that are equally quick", () => {
  test("each gets exactly its weight when one request comes after the other", () => {
    fc.assert(
      fc.property(weights, (each) => {
        const rule = new LeastToCome("adaptive", timed());
        const origins = weighted(...each);
        const rounds = 3 * each.reduce((sum, weight) => sum + weight, 0);
        const counts = counted(Array.from({ length: rounds }, () => rule.select(origins, { now })!.name));
        for (const { name, weight } of origins) expect(counts[name]).toBe(3 * weight);
      }),
    );
  });

  test("none has more than one request beyond what any other has, per weight, with one more, when requests stay open", () => {
    fc.assert(
      fc.property(weights, fc.integer({ min: 1, max: 200 }), (each, requests) => {
        const rule = new LeastToCome("adaptive", timed());
        let origins: Candidate[] = weighted(...each);
        for (let nth = 0; nth < requests; nth++) {
          const { name } = rule.select(origins, { now })!;
          origins = origins.map((one) => (one.name === name ? { ...one, inFlight: one.inFlight + 1 } : one));
        }
        const least = Math.min(...origins.map(({ inFlight, weight }) => (inFlight + 1) / weight));
        for (const { inFlight, weight } of origins) expect(inFlight - 1).toBeLessThan(least * weight);
      }),
      // Here the heaviest has 65, and 64 would be its part of all, rounded up.
      { examples: [[[1, 1, 1, 5, 1], 115]] },
    );
  });

  test("the least loaded is chosen where weights are equal, whatever is open, and sessions that are to come count", () => {
    const open = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 2, maxLength: 5 });
    fc.assert(
      fc.property(open, open, (counts, coming) => {
        const origins = weighted(...counts.map(() => 1)).map((one, index) => ({
          ...one,
          inFlight: counts[index]!,
          coming: coming[index] ?? 0,
        }));
        const chosen = new LeastToCome("adaptive", timed()).select(origins, { now })!;
        const loads = origins.map((one) => one.inFlight + one.coming);
        expect(chosen.inFlight + (chosen.coming ?? 0)).toBe(Math.min(...loads));
      }),
    );
  });
});

test("a slower origin takes no turn, though it is idle: load per weight decides", () => {
  const rule = new LeastToCome("least_time", timed({ a: 2 }));
  const names = Array.from({ length: 8 }, () => rule.select(weighted(1, 1), { now })?.name);
  expect(counted(names as string[])).toEqual({ b: 8 });
});

test("by the times of least_time, too, an idle pool is not served by its heaviest origin alone", () => {
  const signal = new LeastTime({ by: "header", inflight: false });
  const rule = new LeastToCome("least_time", signal);
  const names = Array.from({ length: 140 }, () => {
    const { name } = rule.select(weighted(5, 1, 1), { now })!;
    signal.recordStart(name, now);
    signal.recordCompletion(name, { ok: true, headerMs: 5 }, now);
    return name;
  });
  expect(counted(names)).toEqual({ a: 100, b: 20, c: 20 });
});

test("nothing is chosen of nothing", () => {
  expect(new LeastToCome("adaptive", timed()).select([], { now })).toBeUndefined();
});
