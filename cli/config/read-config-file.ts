/**
 * What a config file exports, whatever it is: JSON, or a module that is run to find out, and where in its text that stands. A module may be broken in as
 * many ways as any program, so each has a message that names the line, and none can hold up the command for long.
 */
import { existsSync, readFileSync, statSync } from "node:fs";
import { extname, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { ExpectedError } from "../expected-error.ts";
import { displayPath } from "../terminal/display-path.ts";
import { failurePlace } from "./failure-place.ts";
import type { FindPlace } from "./file-place.ts";
import { readJson } from "./read-json.ts";

/** Running a config takes milliseconds. What has not ended by then waits for something that will not come. */
const runsAtMostMs = 10_000;

/** What Node runs, and JSON. */
const extensions = [".ts", ".js", ".json", ".jsonc", ".mjs", ".cjs", ".mts", ".cts"];

const howToExport = "Write: export default defineConfig({ … })";

/** A config as it is written. */
export interface WrittenConfig {
  /** Not yet checked. */
  readonly raw: unknown;
  /** Reads a module's text once more, which only a config with issues needs. */
  readonly places: () => Promise<FindPlace>;
}

/**
 * The default export of `.ts`, `.js`, `.mjs`, `.cjs`, or the content of `.json`, `.jsonc`.
 * @param patienceMs how long a module may take, in milliseconds.
 * @throws ExpectedError if there is no such file, it is not what its name says, it does not run, or exports nothing.
 */
export async function readConfigFile(file: string, patienceMs = runsAtMostMs): Promise<WrittenConfig> {
  if (!existsSync(file)) {
    throw new ExpectedError(
      `There is no config file ${displayPath(file)}.`,
      "Name another file with --config, or write this one: docs/configuration.md.",
    );
  }
  if (!statSync(file).isFile()) throw new ExpectedError(`${displayPath(file)} is not a file.`);
  const kind = extname(file).toLowerCase();
  if (!extensions.includes(kind)) {
    throw new ExpectedError(
      `${displayPath(file)} cannot be a config: Weir reads ${extensions.join(", ")}, by the file's extension.`,
      "Write it as JSON, or as a module with a default export: docs/configuration.md.",
    );
  }
  if (kind === ".json" || kind === ".jsonc") {
    const { value, find } = readJson(file);
    return { raw: value, places: async () => find };
  }
  const raw = await runModule(file, patienceMs);
  return { raw, places: async () => (await import("./module-places.ts")).modulePlaces(file, raw) };
}

async function runModule(file: string, patienceMs: number): Promise<unknown> {
  const over = new AbortController();
  const tooLong = sleep(patienceMs, "too long" as const, { signal: over.signal });
  tooLong.catch(() => {});
  const imported: Promise<object> = import(pathToFileURL(resolve(file)).href);
  try {
    const module = await Promise.race([imported, tooLong]);
    if (module !== "too long") return defaultExport(file, module);
  } catch (error) {
    throw error instanceof ExpectedError ? error : loadError(file, error);
  } finally {
    over.abort();
  }
  throw new ExpectedError(
    `${displayPath(file)} has not been loaded after ${patienceMs / 1000} s.`,
    "It waits with a top-level await for something that does not come. A config is plain data: leave out what waits.",
  );
}

function defaultExport(file: string, module: object): unknown {
  const names = Object.keys(module).filter((name) => name !== "default" && name !== "module.exports");
  const found = "default" in module ? module.default : undefined;
  if (found !== undefined && !isEmptyObject(found)) return found;
  const path = displayPath(file);
  if (isEmptyObject(found) && readFileSync(file, "utf8").trim() === "") {
    throw new ExpectedError(`${path} is empty.`, howToExport);
  }
  if (isEmptyObject(found)) throw new ExpectedError(`The config that ${path} exports is empty.`, howToExport);
  if (names.length === 0) throw new ExpectedError(`${path} exports no config.`, howToExport);
  throw new ExpectedError(
    `${path} has no default export, which would be the config; it exports ${names.join(", ")}.`,
    names.length === 1 ? `Write: export default ${names[0]}` : howToExport,
  );
}

const isEmptyObject = (value: unknown): boolean =>
  typeof value === "object" &&
  value !== null &&
  Object.getPrototypeOf(value) === Object.prototype &&
  Object.keys(value).length === 0;

function loadError(file: string, error: unknown): ExpectedError {
  const { place, excerpt } = failurePlace(file, error);
  const where = place === undefined ? "" : `\n\n  at ${displayPath(place.file)}, line ${place.line}`;
  const text = excerpt === undefined ? "" : `:\n\n${excerpt}`;
  return new ExpectedError(`${displayPath(file)} cannot be loaded: ${messageOf(error)}${where}${text}`);
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
