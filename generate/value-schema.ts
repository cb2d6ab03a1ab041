/**
 * What a kind of values accepts, in the words of JSON Schema. It is Zod that says so; the words of our own (`bounds`, `typeName`,
 * `secret`: kinds/fields.ts) are among them, for types and tables.
 */
import * as z from "zod";

export interface ValueSchema {
  readonly [keyword: string]: unknown;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly ValueSchema[];
  readonly oneOf?: readonly ValueSchema[];
  readonly items?: ValueSchema;
  readonly properties?: Readonly<Record<string, ValueSchema>>;
  readonly required?: readonly string[];
  readonly propertyNames?: ValueSchema;
  readonly additionalProperties?: ValueSchema | false;
  readonly pattern?: string;
  readonly description?: string;
  readonly bounds?: string;
  readonly typeName?: string;
  readonly secret?: boolean;
}

export function valueSchema(kind: z.ZodType): ValueSchema {
  const schema = z.toJSONSchema(kind, { io: "input", override: withExamples });
  return JSON.parse(JSON.stringify(schema));
}

/** Zod leaves out the examples of a text that is read into something else. Ours are examples of what is written. */
function withExamples({ zodSchema, jsonSchema }: { zodSchema: z.core.$ZodType; jsonSchema: object }): void {
  const { examples } = z.globalRegistry.get(zodSchema) ?? {};
  if (examples !== undefined) Object.assign(jsonSchema, { examples });
}
