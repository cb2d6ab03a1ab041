/** What a region assumes of the others between two synchronisations. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { regionalInFlight } from "../../../../core/region/regional.ts";

describe("open requests as a region sees them", () => {
  test.each([
    { what: "just synchronised: the snapshot", own: 3, total: 20, ownThen: 3, regions: 8, expected: 20 },
    { what: "its own change, times the regions", own: 5, total: 20, ownThen: 3, regions: 8, expected: 36 },
    { what: "also when requests have ended", own: 2, total: 20, ownThen: 3, regions: 8, expected: 12 },
    { what: "never fewer than its own", own: 1, total: 8, ownThen: 3, regions: 8, expected: 1 },
    { what: "alone it knows everything", own: 4, total: 3, ownThen: 3, regions: 1, expected: 4 },
  ])("$what", ({ own, total, ownThen, regions, expected }) => {
    expect(regionalInFlight(own, { total, own: ownThen }, regions)).toBe(expected);
  });

  test("are exact when all regions do the same", () => {
    fc.assert(
      fc.property(fc.nat(100), fc.nat(100), fc.integer({ min: 1, max: 10 }), (then, now, regions) => {
        const seen = regionalInFlight(now, { total: regions * then, own: then }, regions);
        expect(seen).toBe(regions * now);
      }),
    );
  });
});
