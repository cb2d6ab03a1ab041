/** The keys of a JSON Schema. */
import { expect } from "vitest";
import type * as z from "zod";

/** The path of each key of every object, `.routes.*.host`; each is described, and no other is allowed. */
export function keysOf(schema: z.core.JSONSchema._JSONSchema): string[] {
  const keys: string[] = [];
  collect(schema, "", keys);
  return keys;
}

function collect(schema: z.core.JSONSchema._JSONSchema, path: string, keys: string[]): void {
  if (typeof schema === "boolean") return;
  for (const [key, property] of Object.entries(schema.properties ?? {})) {
    keys.push(`${path}.${key}`);
    expect(property, `${path}.${key}`).toHaveProperty("description");
    expect(schema.additionalProperties, path).toBe(false);
    collect(property, `${path}.${key}`, keys);
  }
  if (!schema.properties) collect(schema.additionalProperties ?? false, `${path}.*`, keys);
  if (!Array.isArray(schema.items)) collect(schema.items ?? false, `${path}.*`, keys);
  for (const alternative of schema.anyOf ?? schema.oneOf ?? []) collect(alternative, path, keys);
}
