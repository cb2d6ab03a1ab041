/**
 * `weir deploy`: `wrangler deploy`, after what Wrangler cannot know has been checked: that the config is right, fits
 * the edge, and finds there what it refers to. All other arguments are Wrangler's.
 */
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deploymentLookup } from "../config/deployment-values.ts";
import { ExpectedError } from "../expected-error.ts";
import { loadConfig } from "../config/load-config.ts";
import { printConfigWarnings } from "../config/print-warnings.ts";
import { projectDir, quietWrangler, wranglerScript } from "../project.ts";
import { displayPath } from "../terminal/display-path.ts";
import { errorWidth, printWarning } from "../terminal/error.ts";
import { bundledConfig, configAlias } from "../workerd/bundled-config.ts";
import { readWranglerToml } from "../wrangler-toml.ts";
import { undeclared } from "./undeclared.ts";

export interface DeployOptions {
  /** The config file. */
  readonly config: string;
  /** Bundle and check, deploy nothing; needs no network. */
  readonly dryRun: boolean;
  /** The environment of `wrangler.toml`. */
  readonly env?: string;
  /** Everything else: arguments of `wrangler deploy`. */
  readonly wranglerArguments: readonly string[];
}

/**
 * Checks and deploys.
 * @returns Wrangler's exit code.
 * @throws ExpectedError if the config has issues, refers to what is not declared, or is not for the edge.
 */
export async function deploy(options: DeployOptions, signal: AbortSignal): Promise<number> {
  const toml = readWranglerToml(options.env);
  const loaded = await loadConfig(options.config, (raw) =>
    // What is not declared is reported below, with what to do; here it must not hide other issues.
    deploymentLookup(raw, toml.vars, () => true),
  );
  const missing = undeclared(loaded, toml, errorWidth());
  const file = displayPath(options.config);
  if (missing.length > 0) {
    throw new ExpectedError(
      `${file} refers to names that wrangler.toml does not declare:\n\n${missing.join("\n")}`,
    );
  }
  printConfigWarnings(loaded.file, loaded.warnings);
  if (loaded.config.target === "workerd") warnOrRefuse(file, options.dryRun);
  const dir = await mkdtemp(join(tmpdir(), "weir-deploy-"));
  try {
    return await runWrangler({ ...options, config: await bundledConfig(options.config, dir) }, signal);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

function warnOrRefuse(file: string, dryRun: boolean): void {
  const problem = `${file} has target: "workerd": it is for a machine of your own, not for Cloudflare.`;
  if (dryRun) printWarning(problem);
  else {
    throw new ExpectedError(
      problem,
      'Set target: "edge" (weir check then says what does not fit there), or name another config with --config FILE.',
    );
  }
}

async function runWrangler(
  { config, dryRun, env, wranglerArguments }: DeployOptions,
  signal: AbortSignal,
): Promise<number> {
  const child = spawn(
    process.execPath,
    [
      wranglerScript,
      "deploy",
      ...configAlias(config),
      ...(dryRun ? ["--dry-run"] : []),
      ...(env === undefined ? [] : ["--env", env]),
      ...wranglerArguments,
    ],
    {
      cwd: projectDir,
      env: { ...process.env, ...(dryRun && quietWrangler) },
      stdio: "inherit",
      signal,
    },
  );
  return new Promise((done, fail) => {
    child.once("error", fail);
    child.once("exit", (code) => done(code ?? 1));
  });
}
