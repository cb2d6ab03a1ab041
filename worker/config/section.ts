/**
 * The builder that config sections are made of. A section declares each option once: its kind, its default and its prose; then
 * the rules between its options. Everything else follows from that: how it is read, the type that an editor shows, the JSON
 * Schema, the tables of docs/configuration.md, the masks over secrets, and the configs at random of the tests.
 */
import type * as z from "zod";
import { expectedWord } from "./parse/nearest.ts";
import { quote } from "./parse/notation.ts";
import { isList, isObject, type Path, type Plain, type Problem } from "./parse/plain.ts";
import { shapeProblems } from "./parse/shape-problems.ts";
import type { Present } from "./present.ts";
import {
  giveWay,
  inOrder,
  judge,
  unread,
  withholding,
  type OptionOrder,
  type Rule,
  type Unread,
} from "./rule.ts";

export interface PartReading {
  /** Where the config runs, as written: some rules hold only at the edge. */
  readonly target: Plain;
  readonly problems: Problem[];
}

/** A part of the config's tree. */
export interface Part<Value = unknown> {
  readonly about: About;
  /** Reads what is written in its place, and adds what is wrong there to the problems. */
  readonly read: (written: Plain | undefined, path: Path, reading: PartReading) => Value | Unread;
}

/** What a part is, for all that describes a config: types, schema, tables, masks, random configs. */
export type About =
  | { readonly is: "value"; readonly schema: z.ZodType }
  | { readonly is: "section"; readonly name: string; readonly options: Options }
  | { readonly is: "switch"; readonly section: Part }
  | { readonly is: "list"; readonly item: Part; readonly least: number; readonly most: number }
  | {
      readonly is: "named";
      readonly name: z.ZodType<string>;
      readonly item: Part;
      readonly least: number;
      readonly most: number;
    };

/**
 * An option. What it is stands above its key, as a comment in Markdown: `generate/` takes it from there, and the Worker does not carry
 * it. `Value` is what its values come to; `value` is never there, it carries the type. */
export interface Option<Value = unknown> {
  readonly part: Part;
  readonly presence: Presence;
  readonly value?: Value;
}

/** What stands for an option that is not written: a default as one would write it, or what its absence means, in Markdown. */
type Presence =
  | "required"
  | { readonly default: Plain; readonly unless?: string }
  | { readonly absence: string };

export type Options = Readonly<Record<string, Option>>;
export type ValuesOf<P> = P extends Part<infer Value> ? Exclude<Value, false> : never;
type OptionValues<O extends Options> = Present<{
  readonly [K in keyof O]: O[K] extends Option<infer Value> ? Value : never;
}>;

/** A key that has to be there. */
export function required<Value>(given: Part<Value> | z.ZodType<Value>): Option<Value> {
  return { part: partOf(given), presence: "required" };
}

/** A key that may be left out; then it counts as written like this. `unless` says when the default gives way, and to what. */
export function option<Value>(
  given: Part<Value> | z.ZodType<Value>,
  written: Plain,
  unless?: string,
): Option<Value> {
  const presence = { default: written, ...(unless !== undefined && { unless }) };
  return { part: partOf(given), presence };
}

/** A key that may be left out; then there is no value, and `absence` says what that means. */
export function optional<Value>(
  given: Part<Value> | z.ZodType<Value>,
  absence: string,
): Option<Value | undefined> {
  return { part: partOf(given), presence: { absence } };
}

function partOf<Value>(given: Part<Value> | z.ZodType<Value>): Part<Value> {
  if ("about" in given) return given;
  return {
    about: { is: "value", schema: given },
    read: (written, path, { problems }) => {
      const parsed = given.safeParse(written);
      if (parsed.success) return parsed.data;
      problems.push(...shapeProblems(parsed.error.issues, path));
      return unread;
    },
  };
}

interface Terms<Values> {
  /** Durations of which the first must not exceed the second; a default gives way to what is written. */
  readonly orders?: readonly OptionOrder<Values>[];
  readonly rules?: readonly Rule<Values>[];
}

/** An object with these keys and no others. `name` is its type's name in editors, and what issues call it. */
export function section<O extends Options>(
  name: string,
  options: O,
  { orders = [], rules = [] }: Terms<OptionValues<O>> = {},
): Part<OptionValues<O>> {
  const expected = shapeOf(options);
  const known = Object.keys(options);
  const ordered = orders.map((order) => inOrder<OptionValues<O>>(order));
  return {
    about: { is: "section", name, options },
    read: (written, path, reading) => {
      if (!isObject(written)) return refuse(reading, { path, expected });
      for (const key of Object.keys(written).filter((key) => !Object.hasOwn(options, key))) {
        const found = `unknown key ${quote(key)}`;
        const expected = expectedWord(key, known);
        reading.problems.push({ path: [...path, key], found, expected, isKey: true });
      }
      const read = new Map<string, unknown>();
      for (const [key, each] of Object.entries(options)) {
        const value = readOption(each, written[key], [...path, key], reading);
        if (value !== undefined) read.set(key, value);
      }
      for (const order of orders) giveWay<OptionValues<O>>(read, written, order);
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- each value was read by the option of its key
      const values = withholding({}, read) as OptionValues<O>;
      reading.problems.push(...judge([...ordered, ...rules], values, path, reading.target));
      return values;
    },
  };
}

function readOption(
  { part, presence }: Option,
  written: Plain | undefined,
  path: Path,
  reading: PartReading,
): unknown {
  if (written !== undefined || presence === "required") return part.read(written, path, reading);
  if (!("default" in presence)) return undefined;
  const known = plainDefaults.get(presence);
  if (known !== undefined) return known;
  const value = part.read(presence.default, path, reading);
  // Others are objects, of which each reader gets its own, or could not be read, which is told each time.
  if (part.about.is === "value" && ["string", "number", "boolean"].includes(typeof value))
    plainDefaults.set(presence, value);
  return value;
}

/** What defaults mean that are plain values: they are read once, as most options of most parts of a config are not written. */
const plainDefaults = new WeakMap<object, unknown>();

/** The same section, with rules that are written by the type of its values. */
export function ruled<Values>(part: Part<Values>, rules: readonly Rule<Values>[]): Part<Values> {
  return {
    about: part.about,
    read: (written, path, reading) => {
      const values = part.read(written, path, reading);
      if (values !== unread) reading.problems.push(...judge(rules, values, path, reading.target));
      return values;
    },
  };
}

/** A section that is off (`false`), or on with its defaults (`true`, `{}`). Its value is `false` where it is off. */
export function switchable<Values>(on: Part<Values>): Part<Values | false> {
  const expected = `an object (keys: ${keysOfSection(on).join(", ")}), true, or false`;
  return {
    about: { is: "switch", section: on },
    read: (written, path, reading) => {
      if (written === false) return false;
      if (written === true) return on.read({}, path, reading);
      return isObject(written) ? on.read(written, path, reading) : refuse(reading, { path, expected });
    },
  };
}

/** A list of sections; `what` is what an issue calls them. */
export function listOf<Value>(
  item: Part<Value>,
  least: number,
  most: number,
  what: string,
): Part<readonly Value[]> {
  const expected = `a list of ${least} to ${most} ${what}`;
  return {
    about: { is: "list", item, least, most },
    read: (written, path, reading) => {
      if (!isList(written) || written.length < least || written.length > most) {
        return refuse(reading, { path, expected });
      }
      const read = written.map((each, index) => item.read(each, [...path, index], reading));
      return withholding<Value[]>([], read.entries());
    },
  };
}

/** Sections by name. */
export function namedParts<Value>(
  name: z.ZodType<string>,
  item: Part<Value>,
  least: number,
  most: number,
  what: string,
): Part<Readonly<Record<string, Value>>> {
  const expected = `an object of ${least} to ${most} ${what}`;
  return {
    about: { is: "named", name, item, least, most },
    read: (written, path, reading) => {
      const count = isObject(written) ? Object.keys(written).length : Infinity;
      if (!isObject(written) || count > most) return refuse(reading, { path, expected });
      if (count < least) reading.problems.push({ path, expected });
      const read = Object.entries(written).map(([key, each]): [string, unknown] => {
        const named = name.safeParse(key);
        for (const { message } of named.error?.issues ?? []) {
          const found = `key ${quote(key)}`;
          reading.problems.push({ path: [...path, key], found, expected: message, isKey: true });
        }
        return [key, item.read(each, [...path, key], reading)];
      });
      return withholding<Record<string, Value>>({}, read);
    },
  };
}

function refuse({ problems }: PartReading, problem: Problem): Unread {
  problems.push(problem);
  return unread;
}

/** What an issue expects where no object is written. */
function shapeOf(options: Options): string {
  const entries = Object.entries(options);
  const needed = entries.filter(([, { presence }]) => presence === "required").map(([key]) => key);
  if (needed.length === 0) return `an object (keys: ${entries.map(([key]) => key).join(", ")})`;
  const last = needed.at(-1) ?? "";
  return `an object with ${needed.length === 1 ? last : `${needed.slice(0, -1).join(", ")} and ${last}`}`;
}

function keysOfSection({ about }: Part): string[] {
  return about.is === "section" ? Object.keys(about.options) : [];
}
