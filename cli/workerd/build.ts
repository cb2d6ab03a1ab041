/**
 * Bundles the Worker exactly as it is deployed: by `wrangler deploy --dry-run --outdir`. Everything that runs on
 * this machine (start, demo, benchmark, end-to-end tests) runs that bundle on plain workerd, so what is tested is
 * what ships. It needs no network.
 */
import { spawn } from "node:child_process";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { text as readText } from "node:stream/consumers";
import { stripVTControlCharacters } from "node:util";
import { ExpectedError } from "../expected-error.ts";
import { defaultConfigFile, projectDir, quietWrangler, wranglerScript } from "../project.ts";

export interface BuildOptions {
  /** The config to bundle, `.ts`, `.js` or `.json`; absent: the project's `weir.config.ts`. */
  readonly configFile?: string;
  /** The directory to hold `index.js`. What it held before is replaced at one stroke, and only if the build succeeds. */
  readonly outDir: string;
  /** Ends a build that is under way; the promise then rejects with an `AbortError`. */
  readonly signal?: AbortSignal;
}

/**
 * Builds the bundle.
 * @throws ExpectedError with the bundler's own words if it does not build.
 */
export async function buildWorker({ configFile, outDir, signal }: BuildOptions): Promise<void> {
  const target = resolve(outDir);
  await mkdir(dirname(target), { recursive: true });
  const fresh = await mkdtemp(`${target}-`);
  try {
    const wranglerArguments = ["deploy", "--dry-run", "--outdir", fresh, ...configAlias(configFile)];
    const { code, output } = await runWrangler(wranglerArguments, signal);
    if (code !== 0) throw new ExpectedError(`The Worker does not build.\n\n${bundlerMessage(output)}`);
    await rm(target, { recursive: true, force: true });
    await rename(fresh, target);
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}

/** Wrangler's arguments that put another config in the place of `weir.config.ts`. */
export function configAlias(configFile: string | undefined): readonly string[] {
  if (configFile === undefined || resolve(configFile) === defaultConfigFile) return [];
  return ["--alias", `#weir-config:${resolve(configFile)}`];
}

async function runWrangler(
  args: readonly string[],
  signal: AbortSignal | undefined,
): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, [wranglerScript, ...args], {
    cwd: projectDir,
    env: { ...process.env, ...quietWrangler, WRANGLER_LOG: "error", NO_COLOR: "1", FORCE_COLOR: "0" },
    stdio: ["ignore", "ignore", "pipe"],
    ...(signal && { signal }),
  });
  const exited = new Promise<number | null>((done, fail) => {
    child.once("error", fail);
    child.once("close", done);
  });
  const [output, code] = await Promise.all([readText(child.stderr), exited]);
  return { code, output };
}

/** The bundler's message without its inner stack traces, which say nothing about the user's file. */
function bundlerMessage(output: string): string {
  return stripVTControlCharacters(output)
    .split("\n")
    .filter((line) => !/^\s+at .*node_modules/.test(line))
    .join("\n")
    .trim();
}
