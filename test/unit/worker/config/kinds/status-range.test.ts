/** Statuses, and ranges of them. */
import { expect, test } from "vitest";
import { parseStatusRange, statusRange } from "../../../../../worker/config/kinds/status-range.ts";

test.each([
  [204, [204, 204]],
  ["204", [204, 204]],
  ["200-399", [200, 399]],
  ["404-404", [404, 404]],
  ["100-599", [100, 599]],
])("%j is from and to %j", (written, [from, to]) => {
  expect(parseStatusRange(written)).toEqual({ from, to });
});

test.each([
  99,
  600,
  204.5,
  "",
  "2xx",
  "200-",
  "-200",
  "399-200",
  "200-600",
  "200 - 399",
  "200-300-400",
  "204\n",
])("%j is none", (written) => {
  expect(parseStatusRange(written)).toBeUndefined();
});

test("a range that begins below the least status is refused, though it ends above", () => {
  expect(statusRange(400).safeParse("399-500").success).toBe(false);
  expect(statusRange(400).parse("400-500")).toEqual({ from: 400, to: 500 });
  expect(statusRange(100).parse("399-500")).toEqual({ from: 399, to: 500 });
});
