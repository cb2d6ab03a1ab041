/** A table that stays small, and blames no client for what others took. */
import * as fc from "fast-check";
import { expect, test } from "vitest";

import { HeavyHitters } from "../../../../core/clients/heavy-hitters.ts";

test("counts exactly as long as there are no more clients than places", () => {
  const hitters = new HeavyHitters(2);
  for (const client of [1, 2, 1, 1]) hitters.add(client);
  expect([hitters.of(1), hitters.of(2), hitters.of(3)]).toEqual([3, 1, 0]);
});

test("a client that takes the place of another one is not blamed for its count", () => {
  const hitters = new HeavyHitters(1);
  hitters.add(1, 1_000);
  hitters.add(2);
  expect([hitters.of(1), hitters.of(2)]).toEqual([0, 1]);
});

test("whoever comes: the table is bounded, no count is above the truth, and a heavy client is in it", () => {
  const clients = fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 300 });
  fc.assert(
    fc.property(clients, fc.integer({ min: 1, max: 8 }), (taken, most) => {
      const hitters = new HeavyHitters(most);
      for (const client of taken) hitters.add(client);
      expect(hitters.size).toBeLessThanOrEqual(most);
      for (let client = 0; client <= 20; client++) {
        const truth = taken.filter((other) => other === client).length;
        expect(hitters.of(client)).toBeLessThanOrEqual(truth);
        // The least count of a full table is at most 1/most of all.
        expect(hitters.of(client)).toBeGreaterThanOrEqual(truth - taken.length / most);
      }
    }),
  );
});
