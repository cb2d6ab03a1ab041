/** Lists of networks: the first list that has an address, found in few steps however many there are. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { parseAddress, type Address } from "../../../../core/access/address.ts";
import {
  contains,
  lastNotAfter,
  NetworkLists,
  networkOf,
  type Network,
} from "../../../../core/access/networks.ts";
import { runs } from "../../../support/runs.ts";

/** Few bits of difference, so that networks meet, contain each other and have addresses at their ends. */
const word = fc.constantFrom(0, 1, 2, 3, 127, 128, 0x7fff_ffff, 0x8000_0000, 0xffff_fffe, 0xffff_ffff);
const address: fc.Arbitrary<Address> = fc.oneof(
  fc.tuple(word),
  fc.tuple(word, word, word, word),
  fc.tuple(fc.constant(0), fc.constant(0), word, word),
);
const network: fc.Arbitrary<Network> = address.chain((first) =>
  fc.integer({ min: 0, max: 32 * first.length }).map((prefix) => networkOf(first, prefix)),
);
const lists = fc.array(fc.array(network, { maxLength: 6 }), { maxLength: 6 });

const naive = (of: readonly (readonly Network[])[], asked: Address): number =>
  of.findIndex((networks) => networks.some((each) => contains(each, asked)));

/** The first and the last address of a network, and their neighbours. */
function ends({ first, prefix }: Network): Address[] {
  const last = first.map((word, index) => {
    const bits = Math.min(32, Math.max(0, prefix - 32 * index));
    return word + 2 ** (32 - bits) - 1;
  });
  return [first, last].flatMap((end) =>
    [-1, 0, 1].flatMap((more) => {
      const moved = [...end.slice(0, -1), (end.at(-1) ?? 0) + more];
      return moved.every((word) => word >= 0 && word <= 0xffff_ffff) ? [moved] : [];
    }),
  );
}

test("the list found is the one that a search through all of them finds", () => {
  fc.assert(
    fc.property(lists, fc.array(address, { maxLength: 8 }), (given, others) => {
      const compiled = new NetworkLists(given);
      for (const asked of [...given.flat().flatMap(ends), ...others]) {
        expect(compiled.firstWith(asked)).toBe(naive(given, asked));
      }
    }),
    { numRuns: runs(500, 50_000) },
  );
});

test("of n networks come 2n + 1 ranges at most", () => {
  fc.assert(
    fc.property(lists, (given) => {
      expect(new NetworkLists(given).ranges).toBeLessThanOrEqual(2 * given.flat().length + 1);
    }),
    { numRuns: runs(200, 10_000) },
  );
});

test("networks beside each other are one range, and one in another of its list is none", () => {
  const net = (text: string, prefix: number) => networkOf(parseAddress(text) ?? expect.unreachable(), prefix);
  const beside = [net("10.0.0.0", 9), net("10.128.0.0", 9), net("10.1.0.0", 16)];
  // It begins, and behind it no list begins.
  expect(new NetworkLists([beside]).ranges).toBe(2);
});

describe("the place in a list in order", () => {
  test("is found with as many questions as the list's length has bits", () => {
    for (const count of [0, 1, 2, 3, 7, 8, 1_000, 20_001]) {
      const most = Math.ceil(Math.log2(count + 1));
      for (const wanted of [-1, 0, 1, Math.floor(count / 2), count - 1]) {
        let asked = 0;
        const found = lastNotAfter(count, (index) => {
          asked++;
          return index > wanted;
        });
        expect(found).toBe(Math.min(wanted, count - 1));
        expect(asked).toBeLessThanOrEqual(most);
      }
    }
  });
});

test("10,000 networks are 20,001 ranges at most, so that an address takes 15 comparisons", () => {
  const many = Array.from({ length: 10_000 }, (_, nth) => networkOf([nth * 400_000], 24));
  const { ranges } = new NetworkLists([many]);
  expect(Math.ceil(Math.log2(ranges + 1))).toBeLessThanOrEqual(15);
});
