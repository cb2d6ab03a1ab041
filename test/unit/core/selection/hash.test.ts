/**
 * The hash that places clients, pinned. The expected values were computed from its description by a second
 * program: whoever changes one of them moves every client of every deployment.
 */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { hashToFraction } from "../../../../core/selection/hash.ts";

describe("the placement hash", () => {
  test.each([
    ["", "", 0.02137250539177049],
    ["client", "a", 0.37595022116678056],
    ["203.0.113.0", "on-prem-1", 0.9152871009244866],
    ["203.0.113.0", "on-prem-2", 0.2868028630325382],
    ["203.0.113.0", "cloud-1", 0.6699137039478434],
    ["198.51.100.0", "on-prem-1", 0.43680148047656686],
    ["2001:db8:1:2::", "on-prem-1", 0.8287166715139659],
    ["ключ", "köln", 0.3486253417980313],
    ["a", "bc", 0.9770175412915761],
    ["ab", "c", 0.13012838406173988],
  ])("of key %j and name %j is %d, for good", (key, name, fraction) => {
    expect(hashToFraction(key, name)).toBe(fraction);
  });

  test("lies between 0 and 1, and is neither", () => {
    const anyText = fc.uint16Array().map((units) => String.fromCharCode(...units));
    fc.assert(
      fc.property(anyText, anyText, (key, name) => {
        const fraction = hashToFraction(key, name);
        expect(fraction).toBeGreaterThan(0);
        expect(fraction).toBeLessThan(1);
      }),
    );
  });

  test("is uniform over neighbouring keys, for each name on its own", () => {
    for (const name of ["a", "b", "on-prem-1", "on-prem-2"]) {
      const buckets = Array.from({ length: 16 }, () => 0);
      for (let key = 0; key < 16_000; key++) {
        const bucket = Math.floor(hashToFraction(`10.0.${key}.0`, name) * 16);
        buckets[bucket] = (buckets[bucket] ?? 0) + 1;
      }
      // Chi-squared with 15 degrees of freedom: 37.7 is exceeded by one fair hash in a thousand.
      const chiSquared = buckets.reduce((sum, count) => sum + (count - 1_000) ** 2 / 1_000, 0);
      expect(chiSquared, name).toBeLessThan(37.7);
    }
  });

  test("of one key tells nothing of another name's: names are ranked in every order alike", () => {
    let first = 0;
    for (let key = 0; key < 10_000; key++) {
      if (hashToFraction(`${key}`, "web-1") < hashToFraction(`${key}`, "web-2")) first++;
    }
    expect(Math.abs(first - 5_000)).toBeLessThanOrEqual(4 * Math.sqrt(2_500));
  });
});
