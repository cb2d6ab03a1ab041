/** How much of something old is left. */
import { expect, test } from "vitest";

import { decay } from "../../../../core/model/decay.ts";

test("all of it at first, 1/e after each of the times, and nothing of what was never seen", () => {
  expect(decay(0, 2_000)).toBe(1);
  expect(decay(4_000, 2_000)).toBeCloseTo(Math.exp(-2));
  expect(decay(Infinity, 2_000)).toBe(0);
});

test("all of it, and no more, when the clock has gone back", () => {
  expect(decay(-1, 2_000)).toBe(1);
});
