/** Has the bundles of all end-to-end tests built before they begin, unless whatever runs the tests has built them (`test/run.ts`). */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { buildBundles, bundleNames, bundleVariable } from "../support/bundle.ts";

export default async function setup(): Promise<(() => Promise<void>) | undefined> {
  if (bundleNames.every((name) => process.env[bundleVariable(name)] !== undefined)) return undefined;
  const folder = await mkdtemp(join(tmpdir(), "weir-bundles-"));
  Object.assign(process.env, await buildBundles(folder));
  return () => rm(folder, { recursive: true, force: true });
}
