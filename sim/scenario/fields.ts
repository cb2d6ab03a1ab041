/**
 * The kinds of values that a scenario is made of, each with the words in which it is asked for. Times are numbers in
 * milliseconds, and their keys say so.
 */
import * as z from "zod";
import { checkedText } from "../../worker/config/kinds/fields.ts";

export const hourMs = 3_600_000;

export const optional = z.exactOptional;

/** A time, both bounds included. */
export const millis = (least = 0, most = 24 * hourMs) =>
  z
    .number({ error: `milliseconds, a number from ${least} to ${most}` })
    .min(least)
    .max(most);

export const number = (least: number, most: number) =>
  z
    .number({ error: `a number from ${least} to ${most}` })
    .min(least)
    .max(most);

/** A rate, a speed, a mean: something that must not be 0. */
export const positive = (most: number) =>
  z
    .number({ error: `a number above 0, at most ${most}` })
    .positive()
    .max(most);

export const name = checkedText("a name: letters, digits, - and _, at most 64", (text) =>
  /^[\w-]{1,64}$/.test(text),
);
export const file = checkedText(
  "the path of a text file, from the scenario's folder",
  (text) => text.length > 0,
);

/** One of several sections; `kind` says which. */
export const kinds = <
  const Options extends readonly [z.core.$ZodTypeDiscriminable, ...z.core.$ZodTypeDiscriminable[]],
>(
  options: Options,
  names: string,
) =>
  z.discriminatedUnion("kind", options, {
    error: ({ input }) =>
      typeof input === "object" && input !== null
        ? `one of ${names}`
        : `an object whose kind is one of ${names}`,
  });

export const kind = <const Kind extends string>(kind: Kind) => z.literal(kind, { error: `"${kind}"` });
