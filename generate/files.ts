/** The files that are made from the config's sections, the types of events and the table of counters, as text, formatted as all others are. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { format, type FormatConfig } from "oxfmt";
import { counters } from "../core/telemetry/counters.ts";
import { config } from "../worker/config/sections/config.ts";
import { configTypes } from "./config-types.ts";
import { withCounterTable } from "./counter-table.ts";
import { withEventTables } from "./event-tables.ts";
import { eventTypesIn } from "./event-types.ts";
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

/** Where events have their types. */
const eventSources = [
  "core/telemetry/events.ts",
  "worker/telemetry/access-log.ts",
  "worker/telemetry/log-event.ts",
];

/** What each of them has to be. */
export async function generatedFiles(): Promise<readonly GeneratedFile[]> {
  const events = eventTypesIn(await Promise.all(eventSources.map(read)));
  return Promise.all([
    generated("worker/config/weir-config.ts", () => configTypes(config, sectionProse)),
    generated("schema/weir.config.schema.json", () => JSON.stringify(jsonSchemaOf(config, sectionProse))),
    generated("docs/configuration.md", (page) => withOptionTables(page, config, sectionProse)),
    generated("docs/api.md", (page) => withCounterTable(page, counters)),
    generated("docs/logs.md", (page) => withEventTables(page, events)),
  ]);
}

async function generated(path: string, make: (present: string) => string): Promise<GeneratedFile> {
  const present = await read(path).catch(() => "");
  const rules: FormatConfig = JSON.parse(await read(".oxfmtrc.json"));
  const { code, errors } = await format(path, make(present), rules);
  if (errors.length > 0) throw new Error(`${path}: ${errors.map(({ message }) => message).join("; ")}`);
  return { path, isStale: code !== present, text: code };
}
