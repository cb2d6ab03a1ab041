/**
 * Weir as it ships, on plain workerd, in front of simulated origins, all on free ports of this machine. Several
 * isolates are several listeners that share the objects: the cheap way to test a fleet.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { adminClient, type AdminClient } from "../../cli/local/admin-client.ts";
import { launchWeir, type RunningWeir } from "../../cli/workerd/launch.ts";
import type { UpstreamView } from "../../core/protocol/upstream-view.ts";
import type { OriginSpec } from "../../origin-sim/model/spec.ts";
import { startOrigin, type RunningOrigin } from "../../origin-sim/server.ts";
import type { WeirConfig } from "../../worker/config/weir-config.ts";
import { configSecret, testBundle, type BundleName } from "./bundle.ts";
import { freePorts } from "./free-ports.ts";
import { soonMs } from "./patience.ts";

export const adminToken = "admin-token-of-the-tests";
export const weirSecret = "a secret of the tests, longer than 32 characters";

export interface Stack {
  readonly url: string;
  readonly weir: RunningWeir;
  readonly admin: AdminClient;
  readonly origins: ReadonlyMap<string, RunningOrigin>;
  /** Every line that has been printed so far, by the Worker or by the runtime. */
  readonly output: readonly string[];
  /** The Worker's log lines so far, parsed. */
  readonly events: readonly Readonly<Record<string, unknown>>[];
  /** Kills Weir as a power cut would, and starts it again on what is on its disk, on other ports. */
  crash(): Promise<void>;
  stop(): Promise<void>;
}

export interface StackOptions {
  /** Pools of origins that are to be started, by name; the config gets their URLs. */
  readonly origins: Readonly<Record<string, readonly string[]>>;
  /** Makes the config of the origins' URLs. */
  readonly config: (urlOf: (origin: string) => string) => WeirConfig;
  readonly spec?: Partial<OriginSpec>;
  readonly isolates?: number;
  /** What the config's `${ENV:NAME}` stand for. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** Servers that the config reaches through bindings of these names. */
  readonly servers?: Readonly<Record<string, string>>;
  readonly trustedCertificates?: readonly string[];
  /** Absent: the one that ships. */
  readonly bundle?: BundleName;
}

const quick: OriginSpec = {
  workers: 8,
  threads: 8,
  backlog: 1_000,
  serviceTime: { kind: "constant", ms: 5 },
  restartMs: 100,
  coldStartMs: 0,
};

export async function startStack(options: StackOptions): Promise<Stack> {
  const folder = await mkdtemp(join(tmpdir(), "weir-e2e-"));
  const names = Object.entries(options.origins).flatMap(([pool, origins]) =>
    origins.map((name) => ({ pool, name })),
  );
  const spec = { ...quick, ...options.spec };
  const origins = new Map<string, RunningOrigin>();
  // One that is killed comes back on its port, which must not be another's meanwhile.
  const ports = await freePorts(names.length);
  for (const [index, { pool, name }] of names.entries())
    origins.set(name, await startOrigin({ name, pool, port: ports[index]!, spec, seed: 1 }));
  const config = options.config((name) => found(origins, name).url);
  const bundleDir = await testBundle(options.bundle ?? "shipped", folder);
  const output: string[] = [];
  const events: Record<string, unknown>[] = [];
  const launch = (): Promise<RunningWeir> =>
    launchWeir({
      bundleDir,
      stateDir: join(folder, "state"),
      isolates: options.isolates ?? 1,
      ...(options.servers && { servers: options.servers }),
      ...(options.trustedCertificates && { trustedCertificates: options.trustedCertificates }),
      secrets: {
        ...options.secrets,
        ...configSecret(config),
        WEIR_ADMIN_TOKEN: adminToken,
        WEIR_SECRET: weirSecret,
      },
      onLog: (line) => {
        output.push(line);
        if (line.startsWith("{")) events.push(JSON.parse(line));
      },
    });
  let weir = await launch();
  const url = (): string => weir.urls[0] ?? "";
  return {
    get url() {
      return url();
    },
    get weir() {
      return weir;
    },
    get admin() {
      return adminClient(url(), adminToken);
    },
    origins,
    output,
    events,
    crash: async () => {
      process.kill(weir.pid, "SIGKILL");
      await weir.exited;
      weir = await launch();
    },
    stop: async () => {
      await weir.stop(0);
      await Promise.all([...origins.values()].map((origin) => origin.close()));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export function found<T>(map: ReadonlyMap<string, T>, key: string): T {
  const value = map.get(key);
  if (value === undefined) throw new Error(`no ${key} among ${[...map.keys()].join(", ")}`);
  return value;
}

/** Slots in use by origin, as the object counts them. */
export async function inFlight({ admin }: Stack): Promise<Record<string, number>> {
  const views = await admin.upstreams();
  return Object.fromEntries(origins(views).map(({ name, inFlight: open }) => [name, open]));
}

export function origins(views: readonly UpstreamView[]) {
  return views.flatMap(({ pools }) => pools.flatMap((pool) => pool.origins));
}

/**
 * Waits for a condition; fails, naming it, when it has not come in time.
 * @param withinMs where it is part of the promise how soon that is, or where it takes its time.
 */
export async function eventually(
  what: string,
  condition: () => boolean | Promise<boolean>,
  withinMs = soonMs,
): Promise<void> {
  const untilMs = performance.now() + withinMs;
  while (!(await condition())) {
    if (performance.now() > untilMs) throw new Error(`not within ${withinMs} ms: ${what}`);
    await sleep(20);
  }
}
