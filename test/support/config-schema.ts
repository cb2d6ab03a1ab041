/** The published JSON Schema of configs, as an editor uses it: with a validator that knows nothing of Weir. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import type { JsonSchema } from "../../generate/json-schema.ts";

const file = join(import.meta.dirname, "..", "..", "schema", "weir.config.schema.json");
export const configSchema: JsonSchema = JSON.parse(readFileSync(file, "utf8"));

const validator = new Ajv2020({ allErrors: true, allowUnionTypes: true });
validator.addSchema(configSchema, "config");

const validatorOf = (pointer: string): ValidateFunction => {
  const validate = validator.getSchema(`config${pointer}`);
  if (validate === undefined) throw new Error(`the schema has nothing at ${pointer}`);
  return validate;
};

/** What is wrong with a config: the place of each error, and what it is. */
export const errorsIn = (config: unknown): readonly string[] => errorsOf("#", config);

/** The same of a section of the schema: `WeirPool`. */
export function errorsInSection(name: string, section: unknown): readonly string[] {
  return errorsOf(name === configSchema["title"] ? "#" : `#/$defs/${name}`, section);
}

function errorsOf(pointer: string, value: unknown): readonly string[] {
  const validate = validatorOf(pointer);
  // As JSON, which an editor reads: without keys that are undefined.
  validate(JSON.parse(JSON.stringify(value)));
  return (validate.errors ?? []).map(({ instancePath, message = "" }) => `${instancePath} ${message}`);
}

/** Each section of the schema, with the keys that it knows. */
export function schemaSections(): ReadonlyMap<string, ReadonlySet<string>> {
  const all = [
    [String(configSchema["title"]), configSchema] as const,
    ...Object.entries(configSchema.$defs ?? {}),
  ];
  return new Map(all.map(([name, { properties = {} }]) => [name, new Set(Object.keys(properties))]));
}
