/** From a config file to a config, or to an error that says all that is wrong with it. */
import { existsSync, readFileSync } from "node:fs";
import { extname, relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Config } from "../worker/config/config.ts";
import { envNames, type Lookup } from "../worker/config/interpolate.ts";
import { formatIssues } from "../worker/config/issue.ts";
import { parseConfig } from "../worker/config/parse.ts";
import { ExpectedError } from "./expected-error.ts";

export interface LoadedConfig {
  readonly file: string;
  readonly config: Config;
  /** Names in `${ENV:NAME}`, and where each is used. */
  readonly env: readonly { readonly name: string; readonly paths: readonly string[] }[];
}

/**
 * Loads a config file: the default export of `.ts`, `.js`, `.mjs`, or JSON.
 * @param lookupFor what `${ENV:NAME}` stands for in this config.
 * @throws ExpectedError if there is no such file, it cannot be read as what it is, or the config has issues: all of
 *   them, each with its path, what was found and what was expected.
 */
export async function loadConfig(file: string, lookupFor: (raw: unknown) => Lookup): Promise<LoadedConfig> {
  const raw = await readConfigFile(file);
  const parsed = parseConfig(raw, lookupFor(raw));
  if (!parsed.ok) {
    const count = parsed.issues.length === 1 ? "an issue" : `${parsed.issues.length} issues`;
    throw new ExpectedError(`${displayPath(file)} has ${count}:\n\n${formatIssues(parsed.issues)}`);
  }
  return { file: resolve(file), config: parsed.config, env: envNames(raw) };
}

/** The path as a person would type it from here. */
export function displayPath(file: string): string {
  const path = relative("", resolve(file));
  return path.startsWith("..") ? resolve(file) : path;
}

async function readConfigFile(file: string): Promise<unknown> {
  if (!existsSync(file)) {
    throw new ExpectedError(
      `There is no config file ${displayPath(file)}.`,
      "Name another one, or write it: docs/configuration.md.",
    );
  }
  return extname(file) === ".json" ? readJson(file) : importDefault(file);
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new ExpectedError(`${displayPath(file)} cannot be read as JSON: ${messageOf(error)}`);
  }
}

async function importDefault(file: string): Promise<unknown> {
  const module: unknown = await import(pathToFileURL(resolve(file)).href).catch((error: unknown) => {
    throw new ExpectedError(`${displayPath(file)} cannot be loaded: ${messageOf(error)}`);
  });
  if (typeof module === "object" && module !== null && "default" in module) return module.default;
  throw new ExpectedError(
    `${displayPath(file)} has no default export.`,
    "Write: export default defineConfig({ … })",
  );
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
