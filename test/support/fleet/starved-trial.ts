/** A shop tried with isolates that stand still at random. */
import fc from "fast-check";

import { StarvedFleet, type Stall, type StarvedRequest } from "./starved.ts";
import { shops, type ShopName } from "./shops.ts";

const isolates = 3;
const lengthMs = 8_000;
const isolate = fc.nat(isolates - 1);
const atMs = fc.oneof(fc.nat(lengthMs), fc.nat(500));

const requests: fc.Arbitrary<StarvedRequest[]> = fc.array(
  fc.record({ isolate, atMs, tookMs: fc.integer({ min: 1, max: 1_500 }) }),
  { minLength: 20, maxLength: 90, size: "max" },
);
/** Mostly around an exchange's time, some much longer than anything but a request. */
const stalls: fc.Arbitrary<Stall[]> = fc.array(
  fc.record({ isolate, atMs, forMs: fc.oneof(fc.nat(200), fc.nat(1_000), fc.nat(12_000)) }),
  { minLength: 1, maxLength: 20, size: "max" },
);

export interface StarvedTrial {
  readonly numRuns: number;
  readonly seed?: number;
}

/** What happened in all the runs together. Throws, with the shortest run that does it, when a promise is broken. */
export function tryStarved(shop: ShopName, options: StarvedTrial): StarvedFleet["counts"] {
  const sum = { served: 0, refused: 0, stalled: 0, late: 0 };
  const upstream = { ...shops[shop], timeouts: { ...shops[shop].timeouts, exchangeMs: 250 } };
  fc.assert(
    fc.property(requests, stalls, fc.nat(), (some, stand, seed) => {
      const { counts } = new StarvedFleet(upstream, isolates, seed).run(some, stand);
      for (const name of ["served", "refused", "stalled", "late"] as const) sum[name] += counts[name];
    }),
    options,
  );
  return sum;
}
