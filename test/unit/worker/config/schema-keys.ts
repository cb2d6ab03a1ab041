/** The keys of a JSON Schema. */
import { expect } from "vitest";
import type { JsonSchema } from "../../../../generate/json-schema.ts";

/** The path of each key of every object, `.routes.*.host`; each is described, and no other is allowed. */
export function keysOf(schema: JsonSchema): string[] {
  const keys: string[] = [];
  collect(schema, "", keys);
  return keys;
}

function collect(schema: JsonSchema, path: string, keys: string[]): void {
  for (const [key, property] of Object.entries(schema.properties ?? {})) {
    keys.push(`${path}.${key}`);
    expect(property, `${path}.${key}`).toHaveProperty("description");
    expect(schema.additionalProperties, path).toBe(false);
    collect(property, `${path}.${key}`, keys);
  }
  if (!schema.properties && schema.additionalProperties)
    collect(schema.additionalProperties, `${path}.*`, keys);
  if (schema.items) collect(schema.items, `${path}.*`, keys);
  for (const alternative of schema.anyOf ?? schema.oneOf ?? []) collect(alternative, path, keys);
}
