/** Chance that can be replayed: the same seed, the same numbers, in every version. */
import { describe, expect, test } from "vitest";

import { seededRandom } from "../../../../core/model/random.ts";

function draw(seed: number, count: number): number[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => random.next());
}

describe("a seeded generator", () => {
  // Computed by a second program from the description of sfc32.
  test.each([
    [0, [0.005756614962592721, 0.19524576188996434, 0.5873619802296162]],
    [1, [0.9652367448434234, 0.5800582126248628, 0.24567303550429642]],
    [42, [0.766551923006773, 0.22547421208582819, 0.07885442837141454]],
    [2 ** 40, [0.32254760852083564, 0.6132979134563357, 0.5587334439624101]],
  ])("of seed %d begins with the same numbers, for good", (seed, numbers) => {
    expect(draw(seed, 3)).toEqual(numbers);
  });

  test("gives the same numbers for the same seed, and others for another", () => {
    expect(draw(7, 100)).toEqual(draw(7, 100));
    expect(draw(7, 100)).not.toEqual(draw(8, 100));
    expect(draw(1, 100)).not.toEqual(draw(1 + 2 ** 32, 100));
  });

  test("shares no state with another of the same seed", () => {
    const [one, other] = [seededRandom(7), seededRandom(7)];
    one.next();
    expect([one.next(), one.next()]).toEqual([other.next() && other.next(), other.next()]);
  });

  test.each([0, 1, 2, 1_000, 2 ** 52])(
    "of seed %d draws from [0, 1) evenly, in value and in sequence",
    (seed) => {
      const numbers = draw(seed, 32_000);
      expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0);
      expect(Math.max(...numbers)).toBeLessThan(1);
      // Chi-squared over 16 buckets of values, and over 4 × 4 of pairs: 37.7 is exceeded once in a thousand.
      const byValue = numbers.map((value) => Math.floor(value * 16));
      const byPair = numbers.slice(1).map((value, index) => {
        return Math.floor(value * 4) * 4 + Math.floor((numbers[index] ?? 0) * 4);
      });
      for (const drawn of [byValue, byPair]) {
        const expected = drawn.length / 16;
        const counts = Array.from(
          { length: 16 },
          (_, bucket) => drawn.filter((one) => one === bucket).length,
        );
        expect(counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)).toBeLessThan(37.7);
      }
    },
  );
});
