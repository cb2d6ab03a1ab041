/**
 * The hash that places clients, pinned. The expected values were computed from its description by a second
 * program: a change of one of them moves every client of every deployment.
 */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { fraction, hashText, roughFraction } from "../../../../core/selection/hash.ts";

const hashToFraction = (key: string, name: string): number => fraction(hashText(key), hashText(name));

describe("the placement hash", () => {
  test.each([
    ["", "", 0.33208303081635704],
    ["client", "a", 0.9659386863672225],
    ["203.0.113.0", "on-prem-1", 0.9009154893015697],
    ["203.0.113.0", "on-prem-2", 0.2967660878884436],
    ["203.0.113.0", "cloud-1", 0.5290936750738408],
    ["198.51.100.0", "on-prem-1", 0.0011141922187521969],
    ["2001:db8:1:2::", "on-prem-1", 0.8924905340836521],
    ["ключ", "köln", 0.6419808816895715],
    ["a", "bc", 0.2184289437450836],
    ["ab", "c", 0.6999672594870158],
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

  test("is known within 2⁻²⁶ from its first half", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (key, name) => {
        const [hashedKey, hashedName] = [hashText(key), hashText(name)];
        const missing = fraction(hashedKey, hashedName) - roughFraction(hashedKey, hashedName);
        expect(missing).toBeGreaterThanOrEqual(0);
        expect(missing).toBeLessThan(2 ** -26);
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
