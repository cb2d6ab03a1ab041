/** Of any two configurations one is the newer, whoever asks: an object goes forward, and never back. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { compareVersions, type ConfigVersion } from "../../../../core/protocol/config-section.ts";

const version: fc.Arbitrary<ConfigVersion> = fc.record({
  order: fc.integer({ min: 0, max: 5 }),
  hash: fc.constantFrom("a", "b", "c", "d"),
});

const opposite = { newer: "older", older: "newer", same: "same" } as const;

describe("a version compared with the current one", () => {
  test.each([
    { incoming: { order: 1, hash: "a" }, current: undefined, is: "newer" },
    { incoming: { order: 0, hash: "a" }, current: undefined, is: "newer" },
    { incoming: { order: 1, hash: "a" }, current: { order: 1, hash: "a" }, is: "same" },
    { incoming: { order: 2, hash: "a" }, current: { order: 1, hash: "b" }, is: "newer" },
    { incoming: { order: 1, hash: "b" }, current: { order: 2, hash: "a" }, is: "older" },
    { incoming: { order: 1, hash: "b" }, current: { order: 1, hash: "a" }, is: "newer" },
    { incoming: { order: 1, hash: "a" }, current: { order: 1, hash: "b" }, is: "older" },
  ])("$incoming is $is than $current", ({ incoming, current, is }) => {
    expect(compareVersions(incoming, current)).toBe(is);
  });

  test("is the same as itself, and whatever it is to another, the other is the opposite to it", () => {
    fc.assert(
      fc.property(version, version, (one, other) => {
        expect(compareVersions(one, one)).toBe("same");
        expect(compareVersions(one, other)).toBe(opposite[compareVersions(other, one)]);
      }),
    );
  });
});

/** What an object has after it heard of versions in this order: it takes those that are newer. */
function settle(heard: readonly ConfigVersion[]): ConfigVersion | undefined {
  let current: ConfigVersion | undefined;
  for (const incoming of heard) {
    if (compareVersions(incoming, current) === "newer") current = incoming;
  }
  return current;
}

describe("an object that hears of versions", () => {
  const heard = fc
    .uniqueArray(version, { selector: ({ order }) => order, minLength: 1 })
    .chain((versions) => fc.shuffledSubarray(versions, { minLength: versions.length }));

  test("stays with the third, which says what the first said, when the second comes late", () => {
    const [first, second, third] = [
      { order: 1, hash: "a" },
      { order: 2, hash: "b" },
      { order: 3, hash: "a" },
    ];
    expect(settle([first, third, second])?.hash).toBe("a");
  });

  test("in whatever order, has the content of the last deployment, also if that is an earlier one's", () => {
    fc.assert(
      fc.property(heard, (versions) => {
        const last = versions.reduce((newest, one) => (one.order > newest.order ? one : newest));
        expect(settle(versions)?.hash).toBe(last.hash);
      }),
      { numRuns: 1_000 },
    );
  });

  test("of one order always settles on the same one of them", () => {
    const [one, other] = [
      { order: 1, hash: "a" },
      { order: 1, hash: "b" },
    ];
    expect(settle([one, other, one, other])).toEqual(settle([other, one, other, one]));
  });
});
