/** Traffic never takes a pool's last origin out, nor more of a pool than its share. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { isEjected, maxEjected } from "../../../../core/health/ejection.ts";
import { HealthBook } from "../../../../core/health/health-book.ts";
import { runs } from "../../../support/runs.ts";
import { origin, pool, upstream } from "../../../support/upstream.ts";

const passive = { failures: 2, ejectMs: 1_000, maxEjectMs: 3_000 };

type Step =
  | { readonly kind: "outcome"; readonly nth: number; readonly ok: boolean }
  | { readonly kind: "probe"; readonly nth: number; readonly good: boolean }
  | { readonly kind: "wait"; readonly ms: number };

const nth = fc.nat(11);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant("outcome"), nth, ok: fc.constant(false) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("outcome"), nth, ok: fc.constant(true) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("probe"), nth, good: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("wait"), ms: fc.nat(1_500) }) },
) as fc.Arbitrary<Step>;

const weights = fc
  .array(fc.integer({ min: 0, max: 2 }), { minLength: 1, maxLength: 12 })
  .filter((list) => list.some((weight) => weight > 0));

const steps = fc.array(step, { maxLength: 150, size: "max" });

function watch(weights: readonly number[]) {
  const origins = weights.map((weight, index) => origin(`o-${index}`, { weight }));
  const config = upstream({ pools: [pool("home", origins)], passive });
  const book = new HealthBook(config, new Map(), 0);
  return {
    book,
    nameOf: (index: number) => `o-${index % origins.length}`,
    serving: (now: number) =>
      origins.filter(({ name, weight }) => weight > 0 && book.isHealthy(name, now)).length,
    out: (now: number) =>
      origins.filter(({ name }) => {
        const traffic = book.of(name)?.traffic;
        return traffic !== undefined && isEjected(traffic, now);
      }).length,
  };
}

describe("whatever traffic, probes and time do, in a pool of any size", () => {
  test("no outcome leaves a pool without an origin that serves, if it had one", () => {
    fc.assert(
      fc.property(weights, steps, (list, sequence) => {
        const { book, nameOf, serving, out } = watch(list);
        let now = 0;
        for (const step of sequence) {
          if (step.kind === "wait") now += step.ms;
          else if (step.kind === "probe") {
            book.probed({ origin: nameOf(step.nth), good: step.good, evidence: "" }, now);
          } else {
            const before = serving(now);
            book.observed({ origin: nameOf(step.nth), ok: step.ok }, now);
            expect(serving(now)).toBeGreaterThanOrEqual(Math.min(before, 1));
          }
          expect(out(now)).toBeLessThanOrEqual(maxEjected(list.length));
        }
      }),
      { numRuns: runs(120, 20_000) },
    );
  });
});

describe("when all origins of a pool fail", () => {
  test.each([
    { size: 1, out: 0 },
    { size: 2, out: 1 },
    { size: 4, out: 2 },
    { size: 10, out: 3 },
  ])("of $size, $out are taken out", ({ size, out: expected }) => {
    const { book, nameOf, out } = watch(Array.from({ length: size }, () => 1));
    for (let failure = 0; failure < 20 * size; failure++)
      book.observed({ origin: nameOf(failure), ok: false }, 0);
    expect(out(0)).toBe(expected);
  });

  test("an origin of weight 0 is no reason to take the last other one out", () => {
    const { book, serving } = watch([1, 0]);
    for (let failure = 0; failure < 20; failure++) book.observed({ origin: "o-0", ok: false }, 0);
    expect(serving(0)).toBe(1);
  });

  test("one that probes call unhealthy is no reason either", () => {
    const { book, serving } = watch([1, 1]);
    for (let round = 0; round < 3; round++) book.probed({ origin: "o-1", good: false, evidence: "" }, 0);
    for (let failure = 0; failure < 20; failure++) book.observed({ origin: "o-0", ok: false }, 0);
    expect(serving(0)).toBe(1);
  });

  test("each pool is judged by itself", () => {
    const pools = [pool("home", [origin("a"), origin("b")]), pool("cloud", [origin("c"), origin("d")])];
    const book = new HealthBook(upstream({ pools, passive }), new Map(), 0);
    for (const name of ["a", "a", "b", "b", "c", "c", "d", "d"])
      book.observed({ origin: name, ok: false }, 0);
    expect(["a", "b", "c", "d"].map((name) => book.isHealthy(name, 0))).toEqual([false, true, false, true]);
  });
});
