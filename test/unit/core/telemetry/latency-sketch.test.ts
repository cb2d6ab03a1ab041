/** Quantiles to within 5 %, whatever is counted. */
import fc from "fast-check";
import { expect, test } from "vitest";

import { LatencySketch } from "../../../../core/telemetry/latency-sketch.ts";

test("every quantile is within 5 % of the exact one", () => {
  const times = fc.array(fc.double({ min: 0.1, max: 3_600_000, noNaN: true }), {
    minLength: 1,
    maxLength: 300,
  });
  fc.assert(
    fc.property(times, fc.constantFrom(0.01, 0.5, 0.9, 0.95, 0.99, 1), (all, q) => {
      const sketch = new LatencySketch();
      for (const time of all) sketch.add(time);
      const exact =
        all.toSorted((a, b) => a - b)[Math.ceil(q * all.length) - 1] ?? expect.fail("no such rank");
      expect(sketch.quantile(q)).toBeGreaterThan(exact / 1.05);
      expect(sketch.quantile(q)).toBeLessThan(exact * 1.05);
    }),
  );
});

test("a time that counts for several weighs as much as they would", () => {
  const [each, together] = [new LatencySketch(), new LatencySketch()];
  for (let nth = 0; nth < 3; nth++) each.add(20);
  together.add(20, 3);
  for (const sketch of [each, together]) sketch.add(80);
  expect([0.5, 0.75, 0.76].map((q) => together.quantile(q))).toEqual(
    [0.5, 0.75, 0.76].map((q) => each.quantile(q)),
  );
});

test("nothing counted is no time, and what is too short to matter counts as the shortest", () => {
  const sketch = new LatencySketch();
  expect(sketch.quantile(0.5)).toBeUndefined();
  sketch.add(0);
  expect(sketch.quantile(0.5)).toBeCloseTo(0.1, 1);
});
