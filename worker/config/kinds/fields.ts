/**
 * The kinds that a config's values have. Each states once, in words, what is expected; that text is the message of every
 * issue the kind can raise, so no message of the library's own, and no value, ever reaches a reader.
 *
 * What a kind says of itself (`.meta`), besides words of JSON Schema: `bounds`, for tables and editors (`1 s – 300 s`); `typeName`, the
 * name of the type that editors show; `secret`: issues, logs and replies have `***` in the place of its values.
 */
import * as z from "zod";
import { parseDuration } from "./duration.ts";
import { parseSize } from "./size.ts";

/**
 * Text with a grammar: `read` returns its canonical form, or `undefined` if it is not in the language. `advise` says of a text
 * what should stand in its place, where more can be said than `expected`.
 */
export function text<T>(
  expected: string,
  read: (text: string) => T | undefined,
  advise: (text: string) => string = () => expected,
) {
  return z.string({ error: expected }).transform((written, context): T => {
    const value = read(written);
    if (value !== undefined) return value;
    context.addIssue({ code: "custom", message: advise(written) });
    return z.NEVER;
  });
}

/** Text that is never shown, kept as it is if `accepts` says so. */
export const secretText = (expected: string, accepts: (text: string) => boolean) =>
  checkedText(expected, accepts).meta({ secret: true });

/** Text that is kept as it is if `accepts` says so. */
export function checkedText(expected: string, accepts: (text: string) => boolean) {
  return z.string({ error: expected }).refine(accepts, { error: expected });
}

/** A duration between two others, both included. In milliseconds once parsed. */
export function duration(least: string, most: string) {
  const [leastMs = 0, mostMs = 0] = [parseDuration(least), parseDuration(most)];
  const read = (written: string): number | undefined => {
    const ms = parseDuration(written);
    return ms !== undefined && leastMs <= ms && ms <= mostMs ? ms : undefined;
  };
  const bounds = `${spaced(least)} – ${spaced(most)}`;
  return text(`a duration such as "10s" (units: ms, s, m, h), from ${least} to ${most}`, read).meta({
    bounds,
    typeName: "Duration",
    examples: [least, most],
    description: 'A whole number and its unit, `ms`, `s`, `m` or `h`: `"250ms"`, `"5s"`, `"2m"`, `"1h"`.',
    pattern: String.raw`^\d{1,9}(ms|s|m|h)$`,
  });
}

/** A size between two others, both included. In bytes once parsed. */
export function size(least: string, most: string) {
  const [leastBytes = 0, mostBytes = 0] = [parseSize(least), parseSize(most)];
  const units = "B, KB, MB, GB, KiB, MiB, GiB";
  const read = (written: string): number | undefined => {
    const bytes = parseSize(written);
    return bytes !== undefined && leastBytes <= bytes && bytes <= mostBytes ? bytes : undefined;
  };
  const bounds = `${spaced(least)} – ${spaced(most)}`;
  return text(`a size such as "10MB" (units: ${units}), from ${least} to ${most}`, read).meta({
    bounds,
    typeName: "Size",
    examples: [least, most],
    description:
      'A whole number and its unit, `B`, `KB`, `MB`, `GB` (of 1000) or `KiB`, `MiB`, `GiB` (of 1024): `"10MB"`.',
    pattern: String.raw`^\d{1,12}([KMG]i?)?B$`,
  });
}

/** `"10ms"` as people write it in prose: `10 ms`. */
const spaced = (written: string): string => written.replace(/(?<=\d)(?=[A-Za-z])/, " ");

/** A whole number, both bounds included. */
export function integer(least: number, most: number) {
  return z
    .int({ error: `a whole number from ${least} to ${most}` })
    .min(least)
    .max(most)
    .meta({ bounds: `${inProse(least)}–${inProse(most)}` });
}

/** A number from `least` to `most`, both included, fractions too. */
export function share(most: number, least = 0, what = "a number") {
  return z
    .number({ error: `${what} from ${least} to ${most}` })
    .min(least)
    .max(most)
    .meta({ bounds: `${inProse(least)}–${inProse(most)}` });
}

const inProse = (bound: number): string => (bound === 1e9 ? "10^9" : bound.toLocaleString("en"));

/** One of a few words. */
export function oneOf<const Words extends readonly string[]>(words: Words) {
  return z.enum(words, { error: `one of ${words.map((word) => JSON.stringify(word)).join(", ")}` });
}

export function flag() {
  return z.boolean({ error: "true or false" });
}

/** A list whose length is bounded; `what` names its items. */
export function list<Item extends z.ZodType>(item: Item, least: number, most: number, what: string) {
  return z
    .array(item, { error: `a list of ${least} to ${most} ${what}` })
    .min(least)
    .max(most)
    .meta({ bounds: `${least}–${inProse(most)} ${what}` });
}

/** An object that is one value, such as a way to an origin, with these keys and no others. */
export function object<Shape extends z.ZodRawShape>(expected: string, shape: Shape) {
  const known = Object.keys(shape).join(", ");
  return z.strictObject(shape, {
    error: (issue) => (issue.code === "unrecognized_keys" ? known : expected),
  });
}

/** An object from names to values, `least` to `most` of them, which an issue calls `what`. */
export function byName<Name extends z.ZodString, Value extends z.ZodType>(
  name: Name,
  value: Value,
  { least, most, what, nameExpected }: { least: number; most: number; what: string; nameExpected: string },
) {
  const expected = `an object of ${least} to ${most} ${what}`;
  return z
    .record(name, value, { error: (issue) => (issue.code === "invalid_key" ? nameExpected : expected) })
    .refine(
      (record) => {
        const { length } = Object.keys(record);
        return least <= length && length <= most;
      },
      { error: expected },
    )
    .meta({ bounds: `${most} at most` });
}
