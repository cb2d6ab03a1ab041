/** Which upstream a client belongs to. */
import fc from "fast-check";
import { expect, test } from "vitest";

import { upstreamAt, type Share } from "../../../../core/routing/split.ts";
import { fraction, hashText } from "../../../../core/selection/hash.ts";

test("stretches lie one after the other, and the rest of the line belongs to no one of them", () => {
  const shares = [
    { to: "next", share: 0.25 },
    { to: "other", share: 0.25 },
  ];
  expect([0, 0.24, 0.25, 0.49, 0.5, 0.99].map((place) => upstreamAt(shares, place))).toEqual([
    "next",
    "next",
    "other",
    "other",
    undefined,
    undefined,
  ]);
});

test("when the last share grows, clients enter it, and none leaves any", () => {
  const place = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  const part = fc.double({ min: 0, max: 0.5, noNaN: true });
  fc.assert(
    fc.property(place, part, part, part, (at, first, last, more) => {
      const shares = (share: number): Share<string>[] => [
        { to: "first", share: first },
        { to: "last", share },
      ];
      const before = upstreamAt(shares(last), at);
      const after = upstreamAt(shares(last + more), at);
      if (before !== undefined) expect(after).toBe(before);
    }),
  );
});

test("of many clients each upstream gets about its share", () => {
  const shares = [{ to: "next", share: 0.05 }];
  const salt = hashText("route");
  const clients = Array.from({ length: 20_000 }, (_, n) => `198.51.${n >> 8}.${n & 255}`);
  const moved = clients.filter((client) => upstreamAt(shares, fraction(hashText(client), salt)) === "next");
  // Five standard deviations of a binomial distribution around 1,000.
  expect(Math.abs(moved.length - 1_000)).toBeLessThan(5 * Math.sqrt(20_000 * 0.05 * 0.95));
});
