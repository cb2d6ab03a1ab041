/** A config of a few options, of every sort that there is. */
import { readFileSync } from "node:fs";
import { proseIn } from "../../../generate/section-prose.ts";
import { duration, integer, oneOf } from "../../../worker/config/kinds/fields.ts";
import { name } from "../../../worker/config/kinds/name.ts";
import {
  listOf,
  namedParts,
  option,
  optional,
  required,
  section,
  switchable,
} from "../../../worker/config/section.ts";

const cup = section("SmallCup", {
  /** How large, in [pints](pints.md). */
  size: option(integer(1, 9), 3),
});

const pot = section("SmallPot", {
  /** Its lids. */
  lids: option(integer(0, 1), 1),
});

const tea = switchable(
  section("SmallTea", {
    /** How long it steeps. */
    steep: option(duration("1m", "9m"), "3m", "`cool` if that is shorter"),
    /** Its kind: `"black"` or `"green"`. */
    kind: optional(oneOf(["black", "green"]), "what there is"),
    /**
     * Milk:
     * a little.
     */
    milk: optional(oneOf(["hot", "cold"]), "none"),
    /** The pot. */
    pot: option(pot, {}),
    /** The cup. */
    cup: optional(cup, "any"),
  }),
);

export const smallConfig = section("SmallConfig", {
  /** What it is drunk from. */
  cups: required(listOf(cup, 1, 1000, "cups")),
  /** What is drunk. */
  teas: required(namedParts(name, tea, 1, 2, "teas")),
});

export const smallProse = proseIn([readFileSync(import.meta.filename, "utf8")]);
