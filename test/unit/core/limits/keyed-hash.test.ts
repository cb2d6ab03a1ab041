/** The hash of keys: the one that is published, with a secret, spread evenly. */
import * as fc from "fast-check";
import { expect, test } from "vitest";

import { keyedHash } from "../../../../core/limits/keyed-hash.ts";

const seed = { first: 0x03020100, second: 0x07060504 };

test("of no text it is HalfSipHash-2-4 as published (vectors_hsip64[0] of the reference implementation)", () => {
  expect(keyedHash("", seed)).toEqual({ high: 0x591f8d21, low: 0xc83cb8b9 });
});

test("texts that differ anywhere, in length too, have other hashes", () => {
  const texts = fc.string({ maxLength: 40 });
  fc.assert(
    fc.property(texts, texts, (one, other) => {
      fc.pre(one !== other);
      expect(keyedHash(one, seed)).not.toEqual(keyedHash(other, seed));
      expect(keyedHash(`${one}\0`, seed)).not.toEqual(keyedHash(one, seed));
    }),
  );
});

test("another secret gives other hashes, so what falls together by one need not by another", () => {
  const names = Array.from({ length: 4_096 }, (_, nth) => `client ${nth}`);
  const sets = (first: number) => names.map((name) => keyedHash(name, { first, second: 0 }).low & 15);
  const [one, other] = [sets(1), sets(2)];
  const together = names.filter((_, nth) => one[nth] === one[0] && other[nth] === other[0]);
  // A sixteenth of a sixteenth.
  expect(together.length).toBeLessThan(60);
});

test("both halves are spread evenly", () => {
  for (const half of ["high", "low"] as const) {
    const counts = Array.from({ length: 64 }, () => 0);
    for (let nth = 0; nth < 16_000; nth++) {
      const at = keyedHash(`203.0.113.${nth}`, seed)[half] % 64;
      counts[at] = (counts[at] ?? 0) + 1;
    }
    expect(Math.min(...counts)).toBeGreaterThan(180);
    expect(Math.max(...counts)).toBeLessThan(320);
  }
});
