/** Weir as it ships, as a rung: the deployed bundle with a config, which is all that its rungs differ in. */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { adminClient } from "../../cli/local/admin-client.ts";
import { buildWorker } from "../../cli/workerd/build.ts";
import { launchWeir } from "../../cli/workerd/launch.ts";
import type { Origin, RunningRung } from "./rung.ts";

/**
 * Builds and starts it.
 * @param config the config's file, as a URL; it has one upstream, whose origin is `${ENV:BENCH_ORIGIN}`.
 */
export async function startWeirRung(config: string, origin: Origin, workDir: string): Promise<RunningRung> {
  const bundleDir = join(workDir, "bundle");
  await buildWorker({ configFile: fileURLToPath(config), outDir: bundleDir });
  const token = randomBytes(24).toString("base64url");
  const { urls, pid, stop } = await launchWeir({
    bundleDir,
    stateDir: join(workDir, "state"),
    secrets: { BENCH_ORIGIN: origin.url, WEIR_ADMIN_TOKEN: token },
  });
  const url = urls[0] ?? "";
  const admin = adminClient(url, token);
  return {
    url,
    pid,
    stop: () => stop(0),
    objectUsage: async () => {
      const [upstream] = await admin.upstreams();
      if (upstream === undefined) throw new TypeError("The benchmark's Weir has no upstream.");
      const { exchanges, rowsRead, rowsWritten } = upstream;
      return { exchanges, rowsRead, rowsWritten };
    },
  };
}
