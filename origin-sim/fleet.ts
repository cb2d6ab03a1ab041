/**
 * Several origins and their switchboard: a site's own servers and the cloud's, in one process.
 */
import { startControl, type RunningControl } from "./control.ts";
import type { OriginSpec } from "./model/spec.ts";
import { startOrigin, type OriginOptions, type RunningOrigin } from "./server.ts";

export interface FleetOptions {
  readonly origins: readonly OriginOptions[];
  /** Default 9100; 0: any free one. */
  readonly controlPort?: number;
}

export interface RunningFleet {
  readonly origins: readonly RunningOrigin[];
  readonly control: RunningControl;
  /** Ends all of it. */
  close(): Promise<void>;
}

const defaultControlPort = 9100;

/** Starts every origin and the control endpoint, or nothing: rejects with all that went wrong. */
export async function startFleet({
  origins: wanted,
  controlPort = defaultControlPort,
}: FleetOptions): Promise<RunningFleet> {
  if (wanted.some(({ name }) => name === "all"))
    throw new Error('"all" cannot name an origin: it means every one');
  const twice = wanted.find(({ name }, index) => wanted.findIndex((other) => other.name === name) < index);
  if (twice !== undefined) throw new Error(`two origins are named ${twice.name}; expected different names`);

  const started = await Promise.allSettled(wanted.map(startOrigin));
  const origins = started.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  const failures = started.flatMap((result) =>
    result.status === "rejected" ? [messageOf(result.reason)] : [],
  );
  const closeOrigins = (): Promise<unknown> => Promise.all(origins.map((origin) => origin.close()));

  const control = await startControl(origins, controlPort).catch((error: unknown) => {
    failures.push(messageOf(error));
  });
  if (control === undefined || failures.length > 0) {
    await Promise.all([closeOrigins(), control?.close()]);
    throw new Error(failures.join("\n"));
  }
  return {
    origins,
    control,
    close: async () => {
      await Promise.all([control.close(), closeOrigins()]);
    },
  };
}

/**
 * The fleet of the demo: a small pool of one's own, on-prem-1 to 3 on ports 9101–9103 (8 slots each: four workers
 * of two threads), and a large one to spill into, cloud-1 to 3 on 9201–9203 (32 slots each).
 * `cloudColdStartMs` (default 0) is what a cloud origin needs to come back after `kill`; at first all are warm.
 */
export function defaultFleet({ cloudColdStartMs = 0 } = {}): OriginOptions[] {
  const onPrem: OriginSpec = {
    workers: 4,
    threads: 2,
    backlog: 100,
    serviceTime: { kind: "lognormal", meanMs: 80, cv: 0.5 },
    restartMs: 500,
    coldStartMs: 0,
  };
  const cloud: OriginSpec = { ...onPrem, workers: 8, threads: 4, coldStartMs: cloudColdStartMs };
  return [...poolOf("on-prem", 9101, onPrem), ...poolOf("cloud", 9201, cloud)];
}

function poolOf(pool: string, firstPort: number, spec: OriginSpec): OriginOptions[] {
  return [1, 2, 3].map((number) => {
    const port = firstPort + number - 1;
    return { name: `${pool}-${number}`, pool, port, spec, seed: port };
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
