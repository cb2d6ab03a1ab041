/** What an option is stands above it in the source. */
import { expect, test } from "vitest";
import { proseIn } from "../../../generate/section-prose.ts";
import { smallProse } from "./small-config.ts";

test("the comment above an option is its prose, on one line", () => {
  expect(smallProse("SmallCup", "size")).toBe("How large, in [pints](pints.md).");
  expect(smallProse("SmallTea", "milk")).toBe("Milk: a little.");
});

test("an option that nothing is said of cannot be generated", () => {
  const prose = proseIn(['export const cup = section("Cup", {\n  size: option(integer(1, 9), 3),\n});']);
  expect(() => prose("Cup", "size")).toThrow("Cup.size: no comment above the option says what it is");
});
