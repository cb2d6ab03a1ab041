/** Builds the bundles of all end-to-end tests before they begin. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { buildBundle, bundleNames, bundleVariable } from "../support/bundle.ts";

export default async function setup(): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), "weir-bundles-"));
  for (const name of bundleNames) process.env[bundleVariable(name)] = await buildBundle(name, folder);
  return () => rm(folder, { recursive: true, force: true });
}
