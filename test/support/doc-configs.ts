/** The configs that README.md and the pages of docs/ show, whole ones and parts of them. */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { runInNewContext } from "node:vm";

const project = join(import.meta.dirname, "..", "..");
const pages = ["README.md", ...readdirSync(join(project, "docs")).map((name) => `docs/${name}`)];

export interface DocConfig {
  /** Page and line: `docs/configuration.md:19`. */
  readonly at: string;
  readonly config: Readonly<Record<string, unknown>>;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Every block of TypeScript is a config or a part of one; of those of JSON, which may be anything, those that have `routes`. */
function* examples(): Generator<DocConfig> {
  for (const page of pages.filter((name) => name.endsWith(".md"))) {
    const text = readFileSync(join(project, page), "utf8");
    for (const { index, 1: language, 2: code = "" } of text.matchAll(/^```(ts|json)\n(.*?)^```$/gms)) {
      const at = `${page}:${text.slice(0, index).split("\n").length}`;
      const config: unknown = language === "ts" ? evaluated(code) : parsed(code);
      if (isObject(config) && (language === "ts" || "routes" in config)) yield { at, config };
    }
  }
}

/** A module with a config, an object, or what stands between the braces of one. */
function evaluated(code: string): unknown {
  const [, whole] = /export default defineConfig\((.*)\);/s.exec(code) ?? [];
  const part = code.trim().replace(/;$/, "");
  return runInNewContext(`(${whole ?? (part.startsWith("{") ? part : `{${part}\n}`)})`);
}

/** Not every block is one value: some are lines of a log, or the beginning of something. */
function parsed(code: string): unknown {
  try {
    return JSON.parse(code);
  } catch {
    return undefined;
  }
}

const all = [...examples()];
const isWhole = ({ config }: DocConfig): boolean => "upstreams" in config && "routes" in config;

export const wholeConfigs: readonly DocConfig[] = all.filter(isWhole);
export const partsOfConfigs: readonly DocConfig[] = all.filter((example) => !isWhole(example));
