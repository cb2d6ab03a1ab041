/** What holders would like to have: the sum of what each said last. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { Wishes } from "../../../../core/leases/wishes.ts";

const now = 1_000_000;
const holder = fc.constantFrom("h1", "h2", "h3");
const byOrigin = fc.dictionary(fc.constantFrom("a", "b"), fc.nat(9));

describe("wishes", () => {
  test("on an origin are the sum of what each holder said last, whatever it said before", () => {
    const said = fc.array(fc.tuple(holder, fc.option(byOrigin, { nil: undefined })));
    fc.assert(
      fc.property(said, (all) => {
        const wishes = new Wishes();
        const last = new Map<string, Record<string, number>>();
        for (const [name, wish] of all) {
          if (wish === undefined) wishes.forget(name);
          else wishes.set(name, new Map(Object.entries(wish)), now);
          if (wish === undefined) last.delete(name);
          else last.set(name, wish);
        }
        for (const origin of ["a", "b"]) {
          const sum = [...last.values()].reduce((total, wish) => total + (wish[origin] ?? 0), 0);
          expect(wishes.on(origin)).toBe(sum);
        }
        expect(wishes.holders).toBe(last.size);
      }),
    );
  });

  test("of holders that have been silent for so long are forgotten, the others' are not", () => {
    const wishes = new Wishes();
    wishes.set("h1", new Map([["a", 3]]), now);
    wishes.set("h2", new Map([["a", 4]]), now + 900);
    wishes.prune(1_000, now + 1_000);
    expect([wishes.on("a"), wishes.holders]).toEqual([4, 1]);
  });
});
