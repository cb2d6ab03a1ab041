/** Mean and standard error, held against their definitions. */
import * as fc from "fast-check";
import { expect, test } from "vitest";

import { Sample } from "../../../../core/load/sample.ts";

function sampleOf(times: readonly number[]): Sample {
  const sample = new Sample();
  for (const ms of times) sample.add(ms);
  return sample;
}

test("mean and standard error are those of the definition", () => {
  const times = fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 2, maxLength: 200 });
  fc.assert(
    fc.property(times, (list) => {
      const mean = list.reduce((sum, ms) => sum + ms, 0) / list.length;
      const squares = list.reduce((sum, ms) => sum + (ms - mean) ** 2, 0);
      const sample = sampleOf(list);
      expect(sample.count).toBe(list.length);
      expect(sample.meanMs).toBeCloseTo(mean, 5);
      expect(sample.errorMs).toBeCloseTo(Math.sqrt(squares / (list.length - 1) / list.length), 4);
    }),
  );
});

test("one time, or none, says nothing of the error", () => {
  expect(sampleOf([]).errorMs).toBe(Infinity);
  expect(sampleOf([5]).errorMs).toBe(Infinity);
  expect(sampleOf([5, 5]).errorMs).toBe(0);
});

test("small differences of large times are kept", () => {
  expect(sampleOf([1e9, 1e9 + 1, 1e9 + 2]).errorMs).toBeCloseTo(1 / Math.sqrt(3), 9);
});

test("cleared, it begins anew", () => {
  const sample = sampleOf([1, 2, 3]);
  sample.clear();
  sample.add(7);
  expect([sample.count, sample.meanMs, sample.errorMs]).toEqual([1, 7, Infinity]);
});
