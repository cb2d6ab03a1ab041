/**
 * The bundles that the tests run, with no config in them: that comes with each start. So one build of each, which takes seconds,
 * does for all; `test/e2e/bundles.ts` makes them before the tests begin.
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { buildWorker } from "../../cli/workerd/build.ts";
import type { WeirConfig } from "../../worker/config/weir-config.ts";

/** What ships; and the same with objects that fail at a word. */
export const bundleNames = ["shipped", "saboteur"] as const;
export type BundleName = (typeof bundleNames)[number];

const entries: Readonly<Partial<Record<BundleName, string>>> = {
  saboteur: fileURLToPath(new URL("saboteur/index.ts", import.meta.url)),
};

const configVariable = "WEIR_TEST_CONFIG";

/** The secret that tells a bundle its config. */
export function configSecret(config: WeirConfig): Readonly<Record<string, string>> {
  return { [configVariable]: JSON.stringify(config) };
}

/** The environment's variable that says where the bundle is, if it is there already. */
export function bundleVariable(name: BundleName): string {
  return `WEIR_TEST_BUNDLE_${name.toUpperCase()}`;
}

/** Builds it below this folder. Returns where it is. */
async function buildBundle(name: BundleName, folder: string, signal?: AbortSignal): Promise<string> {
  const configFile = join(folder, `config-of-${name}.js`);
  const module = `import { env } from "cloudflare:workers";\nexport default JSON.parse(env.${configVariable});\n`;
  await writeFile(configFile, module);
  const [outDir, entry] = [join(folder, name), entries[name]];
  await buildWorker({ configFile, outDir, ...(entry && { entry }), ...(signal && { signal }) });
  return outDir;
}

/** Builds all of them, at once. Returns the variables that say where they are. */
export async function buildBundles(folder: string, signal?: AbortSignal): Promise<Record<string, string>> {
  const built = bundleNames.map(async (name) => [
    bundleVariable(name),
    await buildBundle(name, folder, signal),
  ]);
  return Object.fromEntries(await Promise.all(built));
}

/** The one that is there, or else a new one below this folder. */
export async function testBundle(name: BundleName, folder: string): Promise<string> {
  return process.env[bundleVariable(name)] ?? buildBundle(name, folder);
}
