/** `weir check`: whether a config is valid, and what is in it. It builds and starts nothing, and asks no origin without `--probe`. */
import { deploymentLookup } from "../config/deployment-values.ts";
import { loadConfig } from "../config/load-config.ts";
import { displayPath } from "../terminal/display-path.ts";
import { errorWidth } from "../terminal/error.ts";
import { bold, green } from "../terminal/style.ts";
import { wrapped } from "../terminal/wrap.ts";
import { readWranglerToml } from "../wrangler-toml.ts";
import { printConfigWarnings } from "../config/print-warnings.ts";
import { configSummary } from "./config-summary.ts";
import { configHints } from "./hints.ts";
import { probeWarnings } from "./probe-origins.ts";

export interface CheckOptions {
  /** Ask each origin once. A check must not depend on the network by itself. */
  readonly probe: boolean;
  /** Warnings count as errors. */
  readonly strict: boolean;
}

/**
 * Prints a summary of the config, what it might have besides, and warnings of what is seldom meant.
 * @returns the exit code: 0; with `strict` and a warning, 1.
 * @throws ExpectedError with every issue, if there are any.
 */
export async function check(file: string, { probe, strict }: CheckOptions): Promise<number> {
  const { vars, secrets } = readWranglerToml();
  const { config, warnings, locate } = await loadConfig(file, (raw) =>
    deploymentLookup(raw, { ...vars, ...process.env }, (name) => secrets.includes(name)),
  );
  console.log(`${green("✓")} ${bold(displayPath(file))} is valid\n\n${configSummary(config)}`);
  for (const hint of configHints(config)) console.log(`\n${wrapped("  Tip: ", hint, errorWidth())}`);
  const all = [...warnings, ...(probe ? await locate(await probeWarnings(config)) : [])];
  printConfigWarnings(file, all);
  return strict && all.length > 0 ? 1 : 0;
}
