/**
 * Configs at random, from the sections themselves: each option is written or not, with a value within its bounds, so a new option
 * takes part by itself. Parts may contradict each other: `accepted-config.ts` makes a config of it that is accepted.
 */
import * as fc from "fast-check";
import * as z from "zod";

import { formatDuration, parseDuration } from "../../../worker/config/kinds/duration.ts";
import { loadPatterns } from "../../../worker/config/kinds/pattern.ts";
import { name } from "../../../worker/config/kinds/name.ts";
import { originUrl } from "../../../worker/config/kinds/origin-url.ts";
import { host, hostPattern, path } from "../../../worker/config/kinds/route-match.ts";
import { parseSize } from "../../../worker/config/kinds/size.ts";
import type { Plain, PlainObject } from "../../../worker/config/parse/plain.ts";
import type { Options, Part } from "../../../worker/config/section.ts";
import { config } from "../../../worker/config/sections/config.ts";

/** Words that mean something to JavaScript, and nothing as a name. */
export const treacherousNames = ["constructor", "toString", "hasOwnProperty", "valueOf", "then", "0", "10"];

/** What may be in no issue. */
export const secretMark = "s3cr3t";

/** More texts of a kind than its examples, some of which mean the same: few enough that they meet. */
const furtherTexts = new Map<z.ZodType, string>([
  [host, "b.example.com Shop.Example.COM bücher.example _x.example.com"],
  [hostPattern, "Shop.Example.COM *.bücher.example example.com localhost 127.0.0.1 [::1]"],
  [path, "/ /api/ /api/v1 /%C3%BC /a%2Fb /a%2fb /%7Euser /~user /a//b /a;b=c"],
  [
    originUrl,
    "https://b.example.com/app https://bücher.example/%7Euser/ HTTP://C.Example.com:81/a//b http://localhost http://127.0.0.1:8080 http://[::1]:81 https://shop.internal",
  ],
]);

/** What may be written in the place of a part. */
function anyOf({ about }: Part): fc.Arbitrary<Plain> {
  switch (about.is) {
    case "value":
      return anyValue(about.schema);
    case "section":
      return anySection(about.options);
    case "switch":
      return fc.oneof(fc.boolean(), { weight: 3, arbitrary: anyOf(about.section) });
    case "list":
      return fc.array(anyOf(about.item), { minLength: about.least, maxLength: about.least + 3 });
    case "named": {
      const count = { minKeys: about.least, maxKeys: about.least + 2, noNullPrototype: true };
      return fc.dictionary(anyName, anyOf(about.item), count);
    }
  }
}

function anySection(options: Options): fc.Arbitrary<PlainObject> {
  const values = Object.entries(options).map(([key, { part }]) => [key, anyOf(part)] as const);
  const optional = Object.keys(options).filter((key) => options[key]?.presence !== "required");
  const needed = Object.keys(options).filter((key) => !optional.includes(key));
  return fc.oneof(fc.constant(optional), { weight: 4, arbitrary: fc.subarray(optional) }).chain((written) => {
    const keys = new Set([...needed, ...written]);
    return fc.record(Object.fromEntries(values.filter(([key]) => keys.has(key))), { noNullPrototype: true });
  });
}

/** Some are few, so that references meet. */
const anyName = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom("a", "home", "cloud") },
  fc.constantFrom(...treacherousNames),
  fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/),
);

/** Both ends of its bounds, and what is between them. */
function anyValue(schema: z.ZodType): fc.Arbitrary<Plain> {
  if (schema === name || (schema instanceof z.ZodOptional && schema.unwrap() === name)) return anyName;
  const { examples, typeName, secret } = schema.meta() ?? {};
  const texts = [...((examples ?? []) as readonly Plain[]), ...(furtherTexts.get(schema)?.split(" ") ?? [])];
  const [least, most] = texts.map(String);
  if (typeName === "Duration") return between(least, most, parseDuration, writeDuration);
  if (typeName === "Size") return between(least, most, parseSize, (bytes) => `${bytes}B`);
  if (secret === true && schema instanceof z.ZodString) return anySecret;
  return texts.length > 0 ? fc.constantFrom(...texts) : anyOfType(schema);
}

const anySecret = fc
  .string({ unit: fc.constantFrom("a", "Z", "0", "-", "_"), minLength: 32, maxLength: 64 })
  .map((rest) => secretMark + rest);

function between(
  least = "",
  most = "",
  read: (text: string) => number | undefined,
  write: (value: number) => string,
): fc.Arbitrary<string> {
  const [min = Number.NaN, max = Number.NaN] = [read(least), read(most)];
  const inside = fc.integer({ min, max }).map(write);
  return fc.oneof(fc.constantFrom(least, most), { weight: 2, arbitrary: inside });
}

/** Of many milliseconds, whole seconds: a duration has nine digits at most. */
const writeDuration = (ms: number): string =>
  formatDuration(ms > 999_999_999 ? Math.floor(ms / 1_000) * 1_000 : ms);

function anyOfType(schema: z.ZodType): fc.Arbitrary<Plain> {
  if (schema instanceof z.ZodBoolean) return fc.boolean();
  if (schema instanceof z.ZodEnum) return fc.constantFrom(...schema.options);
  if (schema instanceof z.ZodLiteral) return fc.constantFrom(...schema.values) as fc.Arbitrary<Plain>;
  if (schema instanceof z.ZodNumber) {
    const [min, max] = [schema.minValue ?? Number.NaN, schema.maxValue ?? Number.NaN];
    const inside =
      schema.format === "safeint" ? fc.integer({ min, max }) : fc.double({ min, max, noNaN: true });
    return fc.oneof(fc.constantFrom(min, max), { weight: 2, arbitrary: inside });
  }
  if (schema instanceof z.ZodUnion)
    return fc.oneof(...schema.options.map((each) => anyValue(each as z.ZodType)));
  if (schema instanceof z.ZodPipe) return anyValue(schema.in as z.ZodType);
  return anyCompound(schema);
}

function anyCompound(schema: z.ZodType): fc.Arbitrary<Plain> {
  if (schema instanceof z.ZodArray) {
    const { minItems = 0 } = z.toJSONSchema(schema, { io: "input" });
    const items = anyValue(schema.element as z.ZodType);
    return fc.oneof(
      ...[0, 3].map((more) => fc.array(items, { minLength: minItems, maxLength: minItems + more })),
    );
  }
  if (schema instanceof z.ZodRecord) {
    const key = anyValue(schema.keyType as z.ZodType) as fc.Arbitrary<string>;
    return fc.dictionary(key, anyValue(schema.valueType as z.ZodType), { maxKeys: 3, noNullPrototype: true });
  }
  if (schema instanceof z.ZodObject) {
    const shape = Object.entries(schema.shape) as [string, z.ZodType][];
    const required = shape.filter(([, each]) => !(each instanceof z.ZodExactOptional)).map(([key]) => key);
    const values = shape.map(([key, each]) => {
      return [key, anyValue(each instanceof z.ZodExactOptional ? (each.unwrap() as z.ZodType) : each)];
    });
    return fc.record(Object.fromEntries(values) as Record<string, fc.Arbitrary<Plain>>, {
      requiredKeys: required,
      noNullPrototype: true,
    });
  }
  throw new TypeError(`A kind has no examples: ${JSON.stringify(z.toJSONSchema(schema, { io: "input" }))}`);
}

// Some of the configs have regular expressions.
await loadPatterns();

export const anyConfig = anyOf(config) as fc.Arbitrary<PlainObject>;
