/** Weir as it ships: the deployed bundle, one origin with more slots than the load needs, strict mode. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildWorker } from "../../../cli/workerd/build.ts";
import { launchWeir } from "../../../cli/workerd/launch.ts";
import type { Rung } from "../rung.ts";

export const weirStrict: Rung = {
  name: "weirStrict",
  what: "Weir, strict mode",
  async start(origin, workDir) {
    const bundleDir = join(workDir, "bundle");
    await buildWorker({
      configFile: fileURLToPath(import.meta.resolve("./weir-strict.config.ts")),
      outDir: bundleDir,
    });
    const { urls, pid, stop } = await launchWeir({
      bundleDir,
      stateDir: join(workDir, "state"),
      secrets: { BENCH_ORIGIN: origin.url },
    });
    return { url: urls[0] ?? "", pid, stop: () => stop(0) };
  },
};
