/** What is kept of logins: bounded, and wrong ones push no right one out. */
import fc from "fast-check";
import { expect, test } from "vitest";

import { Verdicts } from "../../../../core/access/verdicts.ts";

test("a verdict is known until the table of its kind is full of ones that were asked for later", () => {
  const verdicts = new Verdicts(2);
  verdicts.keep("a", true);
  verdicts.keep("b", true);
  expect(verdicts.of("a")).toBe(true);
  verdicts.keep("c", true);
  expect(["a", "b", "c"].map((key) => verdicts.of(key))).toEqual([true, undefined, true]);
});

test("however many wrong ones come, the right ones stay, and the tables are bounded", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.string(), fc.boolean())),
      fc.integer({ min: 1, max: 5 }),
      (kept, most) => {
        const verdicts = new Verdicts(most);
        verdicts.keep("mine", true);
        for (const [key] of kept) verdicts.keep(`wrong ${key}`, false);
        expect(verdicts.of("mine")).toBe(true);
        for (const [key, isGood] of kept) verdicts.keep(key, isGood);
        expect(verdicts.size).toBeLessThanOrEqual(2 * most);
      },
    ),
  );
});
