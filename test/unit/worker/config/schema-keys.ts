/** The keys of a JSON Schema, and those that a config writes of it. */
import { entriesOf } from "../../../support/configs/places.ts";
import type { JsonSchema } from "../../../../generate/json-schema.ts";

type Sections = Readonly<Record<string, JsonSchema>>;

/** What may stand there, each reference to a section as that section. */
const alternatives = (schema: JsonSchema, sections: Sections): readonly JsonSchema[] =>
  (schema.anyOf ?? schema.oneOf ?? [schema]).flatMap((each) => {
    const section = sections[each.$ref?.replace("#/$defs/", "") ?? ""];
    return section || each === schema ? (section ?? each) : alternatives(each, sections);
  });

/** The schema of each key of every object, by its path: `.routes.*.host`. */
export function keysOf(
  schema: JsonSchema,
  path = "",
  sections: Sections = schema.$defs ?? {},
): [path: string, schema: JsonSchema][] {
  return alternatives(schema, sections).flatMap(({ properties = {}, additionalProperties, items }) => [
    ...Object.entries(properties).flatMap(([key, property]): [string, JsonSchema][] => {
      const at = `${path}.${key}`;
      return [[at, property], ...keysOf(property, at, sections)];
    }),
    ...[additionalProperties, items].flatMap((each) => (each ? keysOf(each, `${path}.*`, sections) : [])),
  ]);
}

/** The paths of the keys that the value sets, as `keysOf` writes them. */
export function keysIn(
  schema: JsonSchema,
  value: unknown,
  path = "",
  sections: Sections = schema.$defs ?? {},
): string[] {
  return alternatives(schema, sections).flatMap(({ properties = {}, additionalProperties, items }) =>
    entriesOf(value).flatMap(([key, child]) => {
      const property = properties[key];
      const at = `${path}.${key}`;
      if (property !== undefined) return [at, ...keysIn(property, child, at, sections)];
      const each = Array.isArray(value) ? items : additionalProperties;
      return each ? keysIn(each, child, `${path}.*`, sections) : [];
    }),
  );
}
