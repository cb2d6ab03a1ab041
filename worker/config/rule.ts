/**
 * Rules between values, and the values that they get: typed, completed, and each of them readable or withheld. A value that could
 * not be read throws where a rule reads it, and ends this rule only: so all issues come at once, no wrong value is judged twice,
 * and no rule has to ask first whether its values are there.
 */
import type { Path, Plain, Problem } from "./parse/plain.ts";

/** Finds what is wrong between values that are each right. `at` is the path of their section, `target` where the config runs. */
export type Rule<Values> = (values: Values, at: Path, target: Plain) => readonly Problem[];

/** Stands for a value that could not be read. */
export const unread = Symbol("unread");
export type Unread = typeof unread;

/** What a rule runs into that reads such a value. */
class UnreadValue extends Error {}

const withheld = {
  enumerable: true,
  get: (): never => {
    throw new UnreadValue();
  },
};

/** Puts the values in place; each that could not be read throws when it is read. */
export function withholding<Values extends object>(
  values: Values,
  read: Iterable<readonly [PropertyKey, unknown]>,
): Values {
  for (const [key, value] of read) {
    Object.defineProperty(values, key, value === unread ? withheld : { enumerable: true, value });
  }
  return values;
}

/** What each rule finds; one that reads a withheld value finds nothing. */
export const judge = <Values>(
  rules: readonly Rule<Values>[],
  values: Values,
  at: Path,
  target: Plain,
): readonly Problem[] => rules.flatMap((rule) => readable(() => rule(values, at, target)));

/** What a rule finds in each item of a list; an item that it cannot read does not hide what is wrong with others. */
export const inEach = <Item>(
  items: readonly Item[],
  rule: (item: Item, index: number) => readonly Problem[],
): Problem[] =>
  Array.from(items.keys()).flatMap((index) =>
    readable(() => items.slice(index, index + 1).flatMap((item) => rule(item, index))),
  );

function readable(find: () => readonly Problem[]): readonly Problem[] {
  try {
    return find();
  } catch (error) {
    if (error instanceof UnreadValue) return [];
    throw error;
  }
}

/** Two options whose values are numbers, of which the first must not exceed the second. */
export type OptionOrder<Values> = readonly [lesser: keyof Values & string, greater: keyof Values & string];

/** Finds that the lesser exceeds the greater. */
export const inOrder =
  <Values>([lesser, greater]: OptionOrder<Values>): Rule<Values> =>
  (values, at) =>
    values[lesser] <= values[greater]
      ? []
      : [{ path: [...at, lesser], expected: `at most ${String(at.at(-1))}.${greater}` }];

/** Lets a default give way to what is written, so that only written values can contradict each other. */
export function giveWay<Values>(
  read: Map<string, unknown>,
  written: object,
  [lesser, greater]: OptionOrder<Values>,
): void {
  const [low, high] = [read.get(lesser), read.get(greater)];
  if (typeof low !== "number" || typeof high !== "number" || low <= high) return;
  if (!Object.hasOwn(written, lesser)) read.set(lesser, high);
  else if (!Object.hasOwn(written, greater)) read.set(greater, low);
}
