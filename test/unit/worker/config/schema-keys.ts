/** The keys of a JSON Schema, and those that a config writes of it. */
import { entriesOf } from "../../../support/configs/places.ts";
import type { JsonSchema } from "../../../../generate/json-schema.ts";

const alternatives = (schema: JsonSchema): readonly JsonSchema[] => schema.anyOf ?? schema.oneOf ?? [schema];

/** The schema of each key of every object, by its path: `.routes.*.host`. */
export function keysOf(schema: JsonSchema, path = ""): [path: string, schema: JsonSchema][] {
  return alternatives(schema).flatMap(({ properties = {}, additionalProperties, items }) => [
    ...Object.entries(properties).flatMap(([key, property]): [string, JsonSchema][] => {
      const at = `${path}.${key}`;
      return [[at, property], ...keysOf(property, at)];
    }),
    ...[additionalProperties, items].flatMap((each) => (each ? keysOf(each, `${path}.*`) : [])),
  ]);
}

/** The paths of the keys that the value sets, as `keysOf` writes them. */
export function keysIn(schema: JsonSchema, value: unknown, path = ""): string[] {
  return alternatives(schema).flatMap(({ properties = {}, additionalProperties, items }) =>
    entriesOf(value).flatMap(([key, child]) => {
      const property = properties[key];
      if (property !== undefined) return [`${path}.${key}`, ...keysIn(property, child, `${path}.${key}`)];
      const each = Array.isArray(value) ? items : additionalProperties;
      return each ? keysIn(each, child, `${path}.*`) : [];
    }),
  );
}
