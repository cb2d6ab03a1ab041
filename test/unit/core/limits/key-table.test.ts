/** The table of keys: what it knows, what it forgets, and what it takes of memory and time. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { KeyTable, type KeyHash } from "../../../../core/limits/key-table.ts";
import { mostKeys, RateKeeper } from "../../../../core/limits/rate-keeper.ts";
import { seededRandom } from "../../../../core/model/random.ts";

const word = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const keys: fc.Arbitrary<KeyHash> = fc.record({ high: word, low: word });

describe("a table that is large enough", () => {
  test("has the last time of each key, and none of a key that was never set", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(20), fc.integer({ min: 1, max: 1e6 })), { maxLength: 60 }),
        fc.uniqueArray(keys, { minLength: 22, maxLength: 22, selector: ({ high, low }) => `${high} ${low}` }),
        (sets, named) => {
          const table = new KeyTable(4_096, 1_000);
          const known = new Map<number, number>();
          for (const [nth, inMs] of sets) {
            table.set(named[nth] ?? expect.unreachable(), 1_000 + inMs);
            known.set(nth, 1_000 + inMs);
          }
          for (const [nth, key] of named.entries()) {
            const timeMs = table.get(key);
            expect(timeMs).toBe(known.get(nth) ?? -Infinity);
          }
        },
      ),
    );
  });

  test("keeps times to a fraction of a microsecond, a year after it was made", () => {
    const startMs = 1.8e12;
    const table = new KeyTable(8, startMs);
    const key = { high: 1, low: 2 };
    const timeMs = startMs + 365 * 86_400_000;
    table.set(key, timeMs + 0.25);
    expect(table.get(key) - timeMs).toBe(0.25);
  });
});

describe("a full set", () => {
  test("forgets the key that has used least, and never the one at its limit", () => {
    const table = new KeyTable(8, 0);
    const atLimit = { high: 1, low: 0 };
    table.set(atLimit, 1e9);
    for (let low = 1; low < 100_000; low++) table.set({ high: 0, low }, 1_000 + low);
    expect(table.get(atLimit)).toBe(1e9);
    expect([...table.after(0)]).toHaveLength(8);
  });
});

describe("a flood of a million random keys", () => {
  const chance = seededRandom(7);
  const random = (): number => Math.floor(chance.next() * 2 ** 32);

  test("takes no more than 16 MB of an object, however many come", () => {
    expect(new RateKeeper(0).bytes).toBeLessThanOrEqual(16e6);
    expect(new KeyTable(mostKeys, 0).bytes).toBe(2 ** 23);
  });

  test("leaves a key that is at its limit where it is", () => {
    const table = new KeyTable(mostKeys, 0);
    const atLimit = { high: 7, low: 7 };
    table.set(atLimit, 60_000);
    for (let nth = 0; nth < 1_000_000; nth++) {
      const key = { high: random(), low: random() };
      if (table.get(key) < nth / 100) table.set(key, nth / 100 + 12_000);
    }
    expect(table.get(atLimit)).toBe(60_000);
  });
});
