/**
 * A whole Weir on this machine: the bundle of a config, run on workerd, and simulated origins behind it if wanted.
 * `weir start` and `weir demo` are two uses of it. Whatever fails on the way up, what was started is stopped.
 */
import { join } from "node:path";
import { startFleet, type FleetOptions, type RunningFleet } from "../../origin-sim/fleet.ts";
import { ExpectedError } from "../expected-error.ts";
import type { LoadedConfig } from "../load-config.ts";
import { buildWorker } from "../workerd/build.ts";
import { launchWeir, type LaunchOptions, type RunningWeir } from "../workerd/launch.ts";
import { adminClient, awaitUpstreams, originsOf, type AdminClient } from "./admin-client.ts";
import { runSecrets } from "./secrets.ts";

export interface StackOptions {
  readonly config: LoadedConfig;
  /** Holds the bundle, the objects' storage and the kept secret. */
  readonly stateDir: string;
  /** Weir's port; 0: any free one. */
  readonly port: number;
  /** The simulated origins; absent: none. */
  readonly fleet?: FleetOptions;
  /** What `${ENV:NAME}` stands for. */
  readonly lookup: (name: string) => string | undefined;
  readonly onLog: NonNullable<LaunchOptions["onLog"]>;
  /** Gives up starting: what was started is stopped, and the promise rejects. */
  readonly signal?: AbortSignal;
}

export interface RunningStack {
  readonly url: string;
  readonly weir: RunningWeir;
  readonly fleet?: RunningFleet;
  readonly adminToken: string;
  /** Absent if the config has no host for the API (`admin.hosts` is empty). */
  readonly admin?: AdminClient;
  /** Stops all of it. Safe to call twice. */
  readonly stop: () => Promise<void>;
}

/** The longest that `startStack` waits for the probes' first verdicts. */
const verdictsDeadlineMs = 10_000;

/**
 * Builds and starts everything, and waits until Weir answers and knows the health of every origin it probes (or
 * 10 s have passed: then it is running, but some verdicts are still open).
 * @throws ExpectedError if something does not build or start.
 */
export async function startStack(options: StackOptions): Promise<RunningStack> {
  const { config, stateDir } = options;
  const started = new AsyncDisposableStack();
  const stop = (): Promise<void> => started.disposeAsync();
  try {
    const bundleDir = join(stateDir, "bundle");
    const [fleet] = await Promise.all([
      options.fleet && openFleet(options.fleet, started),
      buildWorker({
        configFile: config.file,
        outDir: bundleDir,
        ...(options.signal && { signal: options.signal }),
      }),
    ]);
    const secrets = await runSecrets(stateDir, process.env);
    const { hosts } = config.config.admin;
    const weir = await launchWeir({
      bundleDir,
      stateDir,
      ports: [options.port],
      secrets: { ...configValues(config, options.lookup), ...secrets },
      onLog: options.onLog,
      ...(hosts && { adminHosts: hosts }),
    });
    started.defer(() => weir.stop());
    const url = weir.urls[0] ?? "";
    const adminToken = secrets.WEIR_ADMIN_TOKEN;
    const admin = hosts?.length === 0 ? undefined : adminClient(url, adminToken, hosts?.[0]);
    if (admin) await awaitVerdicts(admin, config, options.signal);
    return { url, weir, ...(fleet && { fleet }), adminToken, ...(admin && { admin }), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function openFleet(options: FleetOptions, started: AsyncDisposableStack): Promise<RunningFleet> {
  const fleet = await startFleet(options).catch((error: unknown) => {
    throw new ExpectedError(
      `The simulated origins did not start:\n\n${error instanceof Error ? error.message : String(error)}`,
      "Free the ports, or start Weir alone with --no-sim.",
    );
  });
  started.defer(() => fleet.close());
  return fleet;
}

/** The first call also makes the probers start. */
async function awaitVerdicts(
  admin: AdminClient,
  { config }: LoadedConfig,
  signal: AbortSignal | undefined,
): Promise<void> {
  const probed = new Set(config.upstreams.flatMap(({ name, health }) => (health === undefined ? [] : name)));
  await awaitUpstreams(
    admin,
    (upstreams) =>
      originsOf(upstreams.filter(({ name }) => probed.has(name))).every(({ health }) => health !== "unknown"),
    verdictsDeadlineMs,
    signal,
  );
}

const configValues = ({ env }: LoadedConfig, lookup: StackOptions["lookup"]): Record<string, string> =>
  Object.fromEntries(
    env.flatMap(({ name }) => {
      const value = lookup(name);
      return value === undefined ? [] : [[name, value]];
    }),
  );
