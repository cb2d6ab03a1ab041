/**
 * Rules between values, and the values that they get: typed, completed, and each of them readable or withheld. A value that could
 * not be read throws where a rule reads it, and ends this rule only: so all issues come at once, no wrong value is judged twice,
 * and no rule has to ask first whether its values are there.
 */
import type { Path, Plain, Problem } from "./parse/plain.ts";

/** What a rule finds: a problem, several, or none. Their paths begin where the rule's section is. */
type Finding = Problem | readonly Problem[] | false | undefined;

/** Finds what is wrong between values that are each right. `at` is the path of their section, `target` where the config runs. */
export type Rule<Values> = (values: Values, at: Path, target: Plain) => Finding;

/** Stands for a value that could not be read. */
export const unread = Symbol("unread");
export type Unread = typeof unread;

/** What a rule runs into that reads such a value. It is only caught, and so always the same: to make an error is dear. */
const unreadValue = new Error("a value that could not be read");

const withheld = {
  enumerable: true,
  get: (): never => {
    throw unreadValue;
  },
};

/** Puts the values in place; each that could not be read throws when it is read. */
export function withholding<Values extends object>(
  values: Values,
  read: Iterable<readonly [PropertyKey, unknown]>,
): Values {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the caller says what the values are
  const named = values as Record<PropertyKey, unknown>;
  for (const [key, value] of read) {
    if (value === unread) Object.defineProperty(values, key, withheld);
    else named[key] = value;
  }
  return values;
}

/** What each rule finds; one that reads a withheld value finds nothing. */
export const judge = <Values>(
  rules: readonly Rule<Values>[],
  values: Values,
  at: Path,
  target: Plain,
): readonly Problem[] => rules.flatMap((rule) => below(at, () => rule(values, at, target)));

/** A rule for an option whose value is an object, where it is written and not `false`. */
export const within =
  <Values, Key extends keyof Values & string>(
    key: Key,
    rule: (value: Exclude<Values[Key], false | undefined>, around: Values) => Finding,
  ): Rule<Values> =>
  (values) => {
    const value = values[key];
    return isOn(value) && below([key], () => rule(value, values));
  };

const isOn = <Value>(value: Value): value is Exclude<Value, false | undefined> =>
  value !== undefined && value !== false;

type Lists<Values> = {
  readonly [Key in keyof Values as Values[Key] extends readonly unknown[] ? Key : never]: Values[Key];
};
type ItemOf<List> = List extends readonly (infer Item)[] ? Item : never;

type ItemRule<Item, Values> = (item: Item, index: number, around: Values, at: Path, target: Plain) => Finding;

/** A rule for each item of a list; an item that it cannot read does not hide what is wrong with others. */
export const inEach =
  <Values, Key extends keyof Lists<Values> & keyof Values & string>(
    key: Key,
    rule: ItemRule<ItemOf<Values[Key]>, Values>,
  ): Rule<Values> =>
  (values, at, target) => {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- `Lists` has only keys of lists
    const items = values[key] as readonly ItemOf<Values[Key]>[];
    return Array.from(items.keys()).flatMap((index) => {
      const find = (item: ItemOf<Values[Key]>): Finding =>
        rule(item, index, values, [...at, key, index], target);
      return below([key, index], () => items.slice(index, index + 1).flatMap((item) => find(item) || []));
    });
  };

/** Finds each item of a list that means the same as an earlier one; `first` is the path of that one. An item may mean nothing. */
export const distinct =
  <Values, Key extends keyof Lists<Values> & keyof Values & string>(
    key: Key,
    meaning: (item: ItemOf<Values[Key]>) => string | undefined,
    problem: (first: Path) => Problem,
  ): Rule<Values> =>
  (values, at, target) => {
    const firsts = new Map<string, Path>();
    const rule = inEach<Values, Key>(key, (item, _index, _around, itemAt) => {
      const meant = meaning(item);
      if (meant === undefined) return undefined;
      const first = firsts.get(meant);
      firsts.set(meant, first ?? itemAt);
      return first && problem(first);
    });
    return rule(values, at, target);
  };

/** What is found there, the paths below `path`; nothing where a value that could not be read would be judged. */
function below(path: Path, find: () => Finding): Problem[] {
  const moved = ({ path: rest, ...what }: Problem): Problem => ({ path: [...path, ...rest], ...what });
  try {
    return [find() || []].flat().map(moved);
  } catch (error) {
    if (error === unreadValue) return [];
    throw error;
  }
}

/** Two options whose values are numbers, of which the first must not exceed the second. */
export type OptionOrder<Values> = readonly [lesser: keyof Values & string, greater: keyof Values & string];

/** Finds that the lesser exceeds the greater. */
export const inOrder =
  <Values>([lesser, greater]: OptionOrder<Values>): Rule<Values> =>
  (values, at) =>
    values[lesser] > values[greater] && {
      path: [lesser],
      expected: `at most ${String(at.at(-1))}.${greater}`,
    };

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
