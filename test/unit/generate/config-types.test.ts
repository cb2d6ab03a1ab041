/** The types of what a user writes. */
import { expect, test } from "vitest";
import { configTypes } from "../../../generate/config-types.ts";
import { checkedText, integer } from "../../../worker/config/kinds/fields.ts";
import { option, section } from "../../../worker/config/section.ts";
import { smallConfig, smallProse } from "./small-config.ts";

/** Without the comment at the head of the file. */
const typesOf = (...given: Parameters<typeof configTypes>): string =>
  configTypes(...given).replace(/^.*?\*\/\n\n/s, "");

test("there is an interface for each section, and prose, bounds and default in each comment", () => {
  expect(typesOf(smallConfig, smallProse)).toBe(`export interface SmallConfig {
  /** What it is drunk from. 1–1,000. */
  cups: (SmallCup)[];
  /** What is drunk. 1–2. */
  teas: Record<string, boolean | SmallTea>;
}

export interface SmallCup {
  /** How large, in pints. 1–9. Default: 3. */
  size?: number;
}

export interface SmallTea {
  /** How long it steeps. 1 m – 9 m. Default: \`"3m"\`, or \`cool\` if that is shorter. */
  steep?: Duration;
  /** Its kind: \`"black"\` or \`"green"\`. Default: what there is. */
  kind?: "black" | "green";
  /** Milk: a little. Default: none. */
  milk?: "hot" | "cold";
  /** The pot. */
  pot?: SmallPot;
  /** The cup. Default: any. */
  cup?: SmallCup;
}

/** A whole number and its unit, \`ms\`, \`s\`, \`m\` or \`h\`: \`"250ms"\`, \`"5s"\`, \`"2m"\`, \`"1h"\`. */
export type Duration = string;

export interface SmallPot {
  /** Its lids. 0–1. Default: 1. */
  lids?: number;
}
`);
});

test("a comment is not longer than 120 characters on a line, and does not end early", () => {
  const path = checkedText("a path", () => true);
  const long = section("Long", { one: option(integer(0, 1), 0), glob: option(path, "/") });
  const prose = (_: string, key: string) =>
    key === "one" ? "Words ".repeat(40).trim() : "Such as `/api/*/x`.";
  const types = typesOf(long, prose);
  expect(Math.max(...types.split("\n").map(({ length }) => length))).toBeLessThanOrEqual(120);
  expect(types.match(/\*\//g)).toHaveLength(2);
});
