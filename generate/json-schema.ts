/** The JSON Schema (draft 2020-12) of a config, for editors: every key with its prose, default and bounds, and no other key. */
import * as z from "zod";
import type { Option, Part } from "../worker/config/section.ts";
import { inPlainWords, sentencesOf } from "./prose.ts";
import { proseOf } from "./section-prose.ts";

export interface JsonSchema {
  readonly [keyword: string]: unknown;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | false;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
}

/** The schema of what may be written in the place of a part. */
export function jsonSchemaOf({ about }: Part): JsonSchema {
  switch (about.is) {
    case "value": {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- without some keywords it is a schema still
      return withoutOwnWords(z.toJSONSchema(about.schema, { io: "input" })) as JsonSchema;
    }
    case "section": {
      const options = Object.entries(about.options);
      const needed = options.filter(([, { presence }]) => presence === "required").map(([key]) => key);
      return {
        type: "object",
        properties: Object.fromEntries(
          options.map(([key, option]) => [key, optionSchema(proseOf(about.name, key), option)]),
        ),
        ...(needed.length > 0 && { required: needed }),
        additionalProperties: false,
      };
    }
    case "switch":
      return { anyOf: [{ type: "boolean" }, jsonSchemaOf(about.section)] };
    case "list":
      return { type: "array", items: jsonSchemaOf(about.item), minItems: about.least, maxItems: about.most };
    case "named":
      return {
        type: "object",
        additionalProperties: jsonSchemaOf(about.item),
        minProperties: about.least,
        maxProperties: about.most,
      };
  }
}

function optionSchema(prose: string, option: Option): JsonSchema {
  const { part, presence } = option;
  const byDefault =
    typeof presence === "object" && "default" in presence ? { default: presence.default } : {};
  return { ...jsonSchemaOf(part), description: inPlainWords(sentencesOf(prose, option)), ...byDefault };
}

/** What the kinds say to other readers than an editor. */
const ownWords: ReadonlySet<string> = new Set(["$schema", "bounds", "typeName", "secret"]);

function withoutOwnWords(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withoutOwnWords);
  if (typeof schema !== "object" || schema === null) return schema;
  const kept = Object.entries(schema).filter(([keyword]) => !ownWords.has(keyword));
  return Object.fromEntries(kept.map(([keyword, value]) => [keyword, withoutOwnWords(value)]));
}
