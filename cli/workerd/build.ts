/**
 * Bundles the Worker exactly as it is deployed: by `wrangler deploy --dry-run --outdir`. Everything that runs on
 * this machine (start, demo, benchmark, end-to-end tests) runs that bundle on plain workerd, so what is tested is
 * what ships. It needs no network.
 */
import { spawn } from "node:child_process";
import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { text as readText } from "node:stream/consumers";
import { stripVTControlCharacters } from "node:util";
import type { Target } from "../../core/protocol/config-section.ts";
import { ExpectedError } from "../expected-error.ts";
import { defaultConfigFile, projectDir, quietWrangler, wranglerScript } from "../project.ts";
import { bundledConfig, configAlias } from "./bundled-config.ts";
import { forOwnerOnly } from "./for-owner-only.ts";

export interface BuildOptions {
  /** The config to bundle, `.ts`, `.js`, `.json` or `.jsonc`; absent: the project's `weir.config.ts`. */
  readonly configFile?: string;
  /** The module to bundle; absent: what `wrangler.toml` names, which is what ships. Its bundle is called `index.js` too. */
  readonly entry?: string;
  /** The directory to hold `index.js`. What it held before is replaced at one stroke, and only if the build succeeds. */
  readonly outDir: string;
  /** Takes the place of the config's `target`; absent: what the config says. */
  readonly target?: Target;
  /** Ends a build that is under way; the promise then rejects with an `AbortError`. */
  readonly signal?: AbortSignal;
}

/**
 * Builds the bundle.
 * @throws ExpectedError with the bundler's own words if it does not build.
 */
export async function buildWorker({
  configFile,
  entry,
  outDir,
  target,
  signal,
}: BuildOptions): Promise<void> {
  const bundleDir = resolve(outDir);
  await mkdir(dirname(bundleDir), { recursive: true });
  const fresh = await mkdtemp(`${bundleDir}-`);
  try {
    const readable = configFile && (await bundledConfig(configFile, fresh));
    const config = target === undefined ? readable : await retarget(readable, target, fresh);
    const main = entry === undefined ? [] : [resolve(entry)];
    const wranglerArguments = ["deploy", ...main, "--dry-run", "--outdir", fresh, ...configAlias(config)];
    const { code, output } = await runWrangler(wranglerArguments, signal);
    if (code !== 0) throw new ExpectedError(`The Worker does not build.\n\n${bundlerMessage(output)}`);
    await rm(bundleDir, { recursive: true, force: true });
    await rename(fresh, bundleDir);
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}

/** Writes a module that is the config but for its target. */
async function retarget(configFile = defaultConfigFile, target: Target, dir: string): Promise<string> {
  const file = join(dir, "retargeted.config.js");
  const original = JSON.stringify(resolve(configFile));
  await writeFile(
    file,
    `import config from ${original};\nexport default { ...config, target: "${target}" };\n`,
  );
  return file;
}

async function runWrangler(
  args: readonly string[],
  signal: AbortSignal | undefined,
): Promise<{ code: number | null; output: string }> {
  const env = { ...process.env, ...quietWrangler, WRANGLER_LOG: "error", NO_COLOR: "1", FORCE_COLOR: "0" };
  // The bundle has all that is written out in the config.
  const child = forOwnerOnly(() =>
    spawn(process.execPath, [wranglerScript, ...args], {
      cwd: projectDir,
      env,
      stdio: ["ignore", "ignore", "pipe"],
      ...(signal && { signal }),
    }),
  );
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
