/**
 * Runs a built bundle on plain workerd: the runtime that Cloudflare runs, without a development server in
 * between. `weir start`, `weir demo`, the benchmark and the end-to-end tests all come through here.
 *
 * workerd picks the ports itself and reports them on a control descriptor, so no process races for a port that was
 * "free a moment ago"; it is ready when Weir answers, not when some time has passed.
 */
import { randomBytes } from "node:crypto";
import { chmod, mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { readWranglerToml } from "../wrangler-toml.ts";
import { configConstant, cronSocketName, socketName, tunnelName, workerdConfig } from "./capnp.ts";
import { startCron } from "./cron.ts";
import { awaitHealthy } from "./readiness.ts";
import { forOwnerOnly } from "./for-owner-only.ts";
import { lockStateDir } from "./state-lock.ts";
import { startWorkerd, type Exit } from "./workerd-process.ts";

export interface LaunchOptions {
  /** What `buildWorker` wrote. */
  readonly bundleDir: string;
  /** Where the objects' storage is kept; created if absent. One Weir at a time. */
  readonly stateDir: string;
  /** How many isolates run the Worker, each on its own port; they share the objects. Default 1. */
  readonly isolates?: number;
  /** The isolates' ports on 127.0.0.1; absent or 0: a free one. */
  readonly ports?: readonly number[];
  /** Bindings by name: `WEIR_SECRET`, `WEIR_ADMIN_TOKEN`, values for the config's `${ENV:NAME}`. Never written to disk. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** Servers by binding, `HOST:PORT`: what a VPC service is on Cloudflare. */
  readonly servers?: Readonly<Record<string, string>>;
  /** Authorities that origins' certificates may come from besides the public ones: each a text of PEM certificates. */
  readonly trustedCertificates?: readonly string[];
  /** When this configuration was deployed, in ms since 1970; an object never goes back to an older one. Default: now. */
  readonly deployedAtMs?: number;
  /** The config's `admin.hosts`, if it has that: `/_weir/healthz`, which says that Weir is ready, answers only there. */
  readonly adminHosts?: readonly string[];
  /** Hears each line that the Worker or workerd prints. Absent: stdout is thrown away unread, which is fastest. */
  readonly onLog?: (line: string, stream: "stdout" | "stderr") => void;
}

export interface RunningWeir {
  /** `http://127.0.0.1:PORT`, one for each isolate. */
  readonly urls: readonly string[];
  readonly pid: number;
  /** Runs the Worker's `scheduled()` now, as the minute's cron does. */
  readonly tick: () => Promise<void>;
  /** Stops serving, gives open requests `graceMs` (default 500), then ends the process. Safe to call twice. */
  readonly stop: (graceMs?: number) => Promise<void>;
  /** Resolves when workerd has ended, for whatever reason. */
  readonly exited: Promise<Exit>;
}

const cronWorker = fileURLToPath(new URL("cron-worker.js", import.meta.url));

/**
 * Starts Weir and waits until every isolate answers.
 * @throws ExpectedError if workerd does not start, with its own words, or if the state directory is taken.
 */
export async function launchWeir(options: LaunchOptions): Promise<RunningWeir> {
  const stateDir = resolve(options.stateDir);
  const storageDir = join(stateDir, "objects");
  await mkdir(storageDir, { recursive: true, mode: 0o700 });
  await chmod(storageDir, 0o700);
  const unlock = forOwnerOnly(() => lockStateDir(stateDir));
  try {
    const isolates = options.isolates ?? 1;
    const environment = {
      ...options.secrets,
      WEIR_DEPLOYED_AT_MS: String(options.deployedAtMs ?? Date.now()),
      WEIR_LAUNCH: randomBytes(9).toString("base64url"),
      WEIR_CRON_TOKEN: randomBytes(24).toString("base64url"),
    };
    const configFile = join(stateDir, "workerd.capnp");
    await removeTunnels(stateDir, isolates);
    const spoolDir = await emptySpool(stateDir);
    const text = configText(options, isolates, { storageDir, spoolDir }, Object.keys(environment));
    await writeFile(configFile, text, { mode: 0o600 });
    const workerd = startWorkerd({
      configFile,
      constant: configConstant,
      directory: stateDir,
      importDirs: [resolve(options.bundleDir), dirname(cronWorker)],
      environment,
      ...(options.onLog && { onLog: options.onLog }),
    });
    void workerd.exited.then(unlock);
    return await whenReady(workerd, isolates, environment.WEIR_CRON_TOKEN, options);
  } catch (error) {
    unlock();
    throw error;
  }
}

/** The sockets of a run that is over: workerd makes none where there is a file. */
async function removeTunnels(stateDir: string, isolates: number): Promise<void> {
  const names = Array.from({ length: isolates }, (_, isolate) => tunnelName(isolate));
  await Promise.all(names.map((name) => rm(join(stateDir, name), { force: true })));
}

/** The folder of request bodies: those of a run that is over are of no use. */
async function emptySpool(stateDir: string): Promise<string> {
  const spoolDir = join(stateDir, "spool");
  await rm(spoolDir, { recursive: true, force: true });
  await mkdir(spoolDir, { mode: 0o700 });
  return spoolDir;
}

function configText(
  options: LaunchOptions,
  isolates: number,
  directories: { readonly storageDir: string; readonly spoolDir: string },
  names: readonly string[],
): string {
  const { compatibilityDate, compatibilityFlags, durableObjects } = readWranglerToml();
  return workerdConfig({
    addresses: Array.from({ length: isolates }, (_, isolate) => `127.0.0.1:${options.ports?.[isolate] ?? 0}`),
    cronAddress: "127.0.0.1:0",
    compatibilityDate,
    compatibilityFlags,
    durableObjects,
    servers: Object.entries(options.servers ?? {}).map(([binding, address]) => ({ binding, address })),
    trustedCertificates: options.trustedCertificates ?? [],
    environment: names.filter((name) => name !== "WEIR_CRON_TOKEN"),
    ...directories,
  });
}

async function whenReady(
  workerd: ReturnType<typeof startWorkerd>,
  isolates: number,
  cronToken: string,
  options: LaunchOptions,
): Promise<RunningWeir> {
  const sockets = Array.from({ length: isolates }, (_, isolate) => socketName(isolate));
  try {
    const ports = await workerd.listening([...sockets, cronSocketName]);
    const urls = sockets.map((socket) => `http://127.0.0.1:${ports.get(socket)}`);
    await Promise.all(urls.map((url) => awaitHealthy(url, options.adminHosts, workerd.failed)));
    const cron = startCron(`http://127.0.0.1:${ports.get(cronSocketName)}`, cronToken, (message) =>
      options.onLog?.(message, "stderr"),
    );
    void workerd.exited.then(() => cron.stop());
    return { urls, pid: workerd.pid, tick: cron.tick, stop: workerd.stop, exited: workerd.exited };
  } catch (error) {
    await workerd.stop(0);
    throw error;
  }
}
