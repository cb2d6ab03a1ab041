/**
 * The JSON Schema (draft 2020-12) of a config, for editors: every key with its prose, default and bounds, and no other key. It is
 * looser than the parser: it knows no rules between options, and of a text only its pattern.
 */
import type { Option, Part } from "../worker/config/section.ts";
import { inPlainWords, sentencesOf, type ProseOf } from "./prose.ts";
import { valueSchema, type ValueSchema } from "./value-schema.ts";

export interface JsonSchema {
  readonly [keyword: string]: unknown;
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, JsonSchema>>;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | false;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
}

interface Walk {
  readonly proseOf: ProseOf;
  /** The sections that were met, by name. */
  readonly definitions: Map<string, JsonSchema>;
}

/** The schema of a section; each section below it is a definition by its name. */
export function jsonSchemaOf({ about }: Part, proseOf: ProseOf): JsonSchema {
  if (about.is !== "section") throw new Error("a config is a section");
  const walk: Walk = { proseOf, definitions: new Map() };
  const schema = sectionSchema(about, walk);
  const byName = [...walk.definitions].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    ...schema,
    $defs: Object.fromEntries(byName),
  };
}

function partSchema({ about }: Part, walk: Walk): JsonSchema {
  switch (about.is) {
    case "value":
      return forEditors(valueSchema(about.schema), withReference);
    case "section":
      if (!walk.definitions.has(about.name)) walk.definitions.set(about.name, sectionSchema(about, walk));
      return { $ref: `#/$defs/${about.name}` };
    case "switch":
      return { anyOf: [{ type: "boolean" }, partSchema(about.section, walk)] };
    case "list": {
      const items = partSchema(about.item, walk);
      return { type: "array", items, minItems: about.least, maxItems: about.most };
    }
    case "named":
      return {
        type: "object",
        propertyNames: forEditors(valueSchema(about.name), asItIs),
        additionalProperties: partSchema(about.item, walk),
        minProperties: about.least,
        maxProperties: about.most,
      };
  }
}

function sectionSchema({ name, options }: Extract<Part["about"], { is: "section" }>, walk: Walk): JsonSchema {
  const entries = Object.entries(options);
  const needed = entries.filter(([, { presence }]) => presence === "required").map(([key]) => key);
  return {
    title: name,
    type: "object",
    properties: Object.fromEntries(
      entries.map(([key, option]) => [key, optionSchema(walk.proseOf(name, key), option, walk)] as const),
    ),
    ...(needed.length > 0 && { required: needed }),
    additionalProperties: false,
  };
}

function optionSchema(prose: string, option: Option, walk: Walk): JsonSchema {
  const { part, presence } = option;
  const byDefault =
    typeof presence === "object" && "default" in presence ? { default: presence.default } : {};
  return { ...partSchema(part, walk), description: sentencesOf(prose, option), ...byDefault };
}

type PatternOf = (pattern: string) => string;

/** Any text among values may be a reference to the environment, or contain one; no key may. */
const withReference: PatternOf = (pattern) => String.raw`${pattern}|\$\{ENV:[A-Za-z_]\w*\}`;
const asItIs: PatternOf = (pattern) => pattern;

/** A value's schema without the words that are for others. */
function forEditors(schema: ValueSchema, patternOf: PatternOf): JsonSchema {
  const { $schema: _, bounds: _bounds, typeName: _typeName, secret: _secret, ...kept } = schema;
  const { pattern, description, anyOf, oneOf, items, properties, propertyNames, additionalProperties } = kept;
  const each = (part: ValueSchema): JsonSchema => forEditors(part, patternOf);
  const inside = Object.entries(properties ?? {}).map(([key, value]) => [key, each(value)] as const);
  return {
    ...kept,
    ...(pattern !== undefined && { pattern: patternOf(pattern) }),
    ...(description !== undefined && { description: inPlainWords(description) }),
    ...(anyOf && { anyOf: anyOf.map(each) }),
    ...(oneOf && { oneOf: oneOf.map(each) }),
    ...(items && { items: each(items) }),
    ...(properties && { properties: Object.fromEntries(inside) }),
    ...(propertyNames && { propertyNames: forEditors(propertyNames, asItIs) }),
    ...(additionalProperties && { additionalProperties: each(additionalProperties) }),
  };
}
