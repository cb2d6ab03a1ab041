/** The config as the bundler can read it: it knows JSON, but no comments in it. */
import { writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { isJsonc, readJson } from "../config/read-json.ts";
import { defaultConfigFile } from "../project.ts";

/** The file itself, or one in `dir` that says the same, for its owner only: a config may have secrets written out. */
export async function bundledConfig(configFile: string, dir: string): Promise<string> {
  if (!isJsonc(configFile)) return configFile;
  const file = join(dir, "weir.config.json");
  await writeFile(file, readJson(configFile).json, { mode: 0o600 });
  return file;
}

/** Wrangler's arguments that put another config in the place of `weir.config.ts`. */
export function configAlias(configFile: string | undefined): readonly string[] {
  if (configFile === undefined || resolve(configFile) === defaultConfigFile) return [];
  return ["--alias", `#weir-config:${resolve(configFile)}`];
}
