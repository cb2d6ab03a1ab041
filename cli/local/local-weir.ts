/**
 * Weir on this machine, from a config file to an answering port: built, given its secrets, run on workerd, and
 * asked whether it knows its origins' health. `weir start` and `weir demo` are two uses of it.
 */
import { join } from "node:path";
import type { LoadedConfig } from "../config/load-config.ts";
import { buildWorker } from "../workerd/build.ts";
import { launchWeir, type LaunchOptions, type RunningWeir } from "../workerd/launch.ts";
import { adminClient, type AdminClient } from "./admin-client.ts";
import { extraAuthorities } from "./extra-authorities.ts";
import { runSecrets } from "./secrets.ts";
import { awaitVerdicts } from "./verdicts.ts";

export interface LocalOptions {
  readonly config: LoadedConfig;
  /** Holds the bundle, the objects' storage and the kept secret. */
  readonly stateDir: string;
  /** Weir's port; 0: any free one. */
  readonly port: number;
  /** What `${ENV:NAME}` stands for. */
  readonly lookup: (name: string) => string | undefined;
  readonly onLog: NonNullable<LaunchOptions["onLog"]>;
  /** Gives up starting: what was started is stopped, and the promise rejects. */
  readonly signal?: AbortSignal;
}

export interface LocalWeir {
  readonly url: string;
  readonly weir: RunningWeir;
  readonly adminToken: string;
  /** Absent if the config has no host for the API (`admin.hosts` is empty). */
  readonly admin?: AdminClient;
}

/**
 * Builds and starts Weir, and waits until it answers and knows the health of every origin it probes (or 10 s have
 * passed: then it is running, but some verdicts are still open).
 * @throws ExpectedError if it does not build or start. Then nothing is left running.
 */
export async function startLocalWeir(options: LocalOptions): Promise<LocalWeir> {
  const { config, stateDir, signal } = options;
  const { hosts } = config.config.admin;
  const bundleDir = join(stateDir, "bundle");
  await buildWorker({
    configFile: config.file,
    outDir: bundleDir,
    ...(config.writtenTarget !== config.config.target && { target: config.config.target }),
    ...(signal && { signal }),
  });
  const secrets = await runSecrets(stateDir, process.env);
  const weir = await launchWeir({
    bundleDir,
    stateDir,
    ports: [options.port],
    secrets: { ...configValues(config, options.lookup), ...secrets },
    trustedCertificates: await extraAuthorities(process.env),
    onLog: options.onLog,
    ...(hosts && { adminHosts: hosts }),
  });
  try {
    const url = weir.urls[0] ?? "";
    const adminToken = secrets.WEIR_ADMIN_TOKEN;
    const admin = hosts?.length === 0 ? undefined : adminClient(url, adminToken, hosts?.[0]);
    if (admin) await awaitVerdicts(admin, config.config, signal);
    return { url, weir, adminToken, ...(admin && { admin }) };
  } catch (error) {
    await weir.stop();
    throw error;
  }
}

const configValues = ({ env }: LoadedConfig, lookup: LocalOptions["lookup"]): Record<string, string> =>
  Object.fromEntries(
    env.flatMap(({ name }) => {
      const value = lookup(name);
      return value === undefined ? [] : [[name, value]];
    }),
  );
