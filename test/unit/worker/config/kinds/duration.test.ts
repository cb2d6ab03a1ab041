import * as fc from "fast-check";
import { expect, test } from "vitest";
import { parseDuration } from "../../../../../worker/config/kinds/duration.ts";

test.each([
  ["0ms", 0],
  ["250ms", 250],
  ["5s", 5_000],
  ["2m", 120_000],
  ["1h", 3_600_000],
  ["007s", 7_000],
])("%j is %d ms", (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each([
  "",
  "5",
  "s",
  "5 s",
  " 5s",
  "5s\n",
  "5S",
  "1.5s",
  "-5s",
  "+5s",
  "1e3s",
  "1d",
  "1h30m",
  "٣s",
  "9999999999s",
])("%j is no duration", (text) => {
  expect(parseDuration(text)).toBeUndefined();
});

test("a whole number of a unit is that many of it, exactly", () => {
  const units = fc.constantFrom(["ms", 1], ["s", 1_000], ["m", 60_000], ["h", 3_600_000] as const);
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 999_999_999 }), units, (count, [unit, ms]) => {
      expect(parseDuration(`${count}${unit}`)).toBe(count * ms);
    }),
  );
});
