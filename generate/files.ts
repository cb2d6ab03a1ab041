/** The files that are made from the config's sections, as text, formatted as all others are. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { format, type FormatConfig } from "oxfmt";
import { config } from "../worker/config/sections/config.ts";
import { configTypes } from "./config-types.ts";
import { jsonSchemaOf } from "./json-schema.ts";
import { withOptionTables } from "./option-tables.ts";
import { sectionProse } from "./section-prose.ts";

const project = join(import.meta.dirname, "..");
const read = (path: string): Promise<string> => readFile(join(project, path), "utf8");

export interface GeneratedFile {
  /** In the project. */
  readonly path: string;
  readonly isStale: boolean;
  readonly text: string;
}

/** What each of them has to be. */
export function generatedFiles(): Promise<readonly GeneratedFile[]> {
  return Promise.all([
    generated("worker/config/weir-config.ts", () => configTypes(config, sectionProse)),
    generated("schema/weir.config.schema.json", () => JSON.stringify(jsonSchemaOf(config, sectionProse))),
    generated("docs/configuration.md", (page) => withOptionTables(page, config, sectionProse)),
  ]);
}

async function generated(path: string, make: (present: string) => string): Promise<GeneratedFile> {
  const present = await read(path).catch(() => "");
  const rules: FormatConfig = JSON.parse(await read(".oxfmtrc.json"));
  const { code, errors } = await format(path, make(present), rules);
  if (errors.length > 0) throw new Error(`${path}: ${errors.map(({ message }) => message).join("; ")}`);
  return { path, isStale: code !== present, text: code };
}
