/** A part of `npm run test:long`: the tests of the unit tier that ask how often to try (`runs.ts`), with many runs. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { manyRunsVariable } from "./runs.ts";

const project = join(import.meta.dirname, "..", "..");
const vitest = join(project, "node_modules", "vitest", "vitest.mjs");

/** The tests of the unit tier that ask for it, with many runs. They go on until the end, so that one run shows all that fails; `false` if any does. */
export async function tryProperties(): Promise<boolean> {
  const files = globSync("test/unit/**/*.test.ts", { cwd: project }).filter((file) =>
    readFileSync(join(project, file), "utf8").includes("support/runs.ts"),
  );
  // Some take minutes.
  const args = ["run", "--project", "unit", "--testTimeout", "3600000", ...files];
  const env = { ...process.env, [manyRunsVariable]: "1" };
  const child = spawn(process.execPath, [vitest, ...args], { cwd: project, env, stdio: "inherit" });
  const [code] = await once(child, "exit");
  return code === 0;
}
