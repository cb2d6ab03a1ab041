/**
 * What a set-up is made of: the instances of the site, their ports and slots, and what stands in front of them. All files of
 * the set-up are written from this (`write.ts`), so that none of them can disagree about a port.
 */
import { join } from "node:path";
import { ExpectedError } from "../../../cli/expected-error.ts";
import { adminTokenFile } from "../../../cli/local/admin-token-file.ts";

export const fronts = ["weir", "nginx"] as const;
export type Front = (typeof fronts)[number];

/** One uWSGI instance: a master with workers, on a port of its own, as one program of supervisor's. */
export interface Instance {
  /** Of the program and of Weir's origin. */
  readonly name: string;
  readonly port: number;
  readonly pool: "home" | "cloud";
}

export interface Setup {
  /** An absolute path: everything that is written goes here. */
  readonly folder: string;
  readonly front: Front;
  /** Where browsers go. */
  readonly frontPort: number;
  readonly instances: readonly Instance[];
  /** Processes of an instance; each has two threads. */
  readonly workers: number;
}

/** `webapp.ini` says `threads=2`. */
export const threads = 2;

/** What an instance serves at once: Weir's `maxConns`. */
export const slotsOf = ({ workers }: Setup): number => workers * threads;

export interface SetupOptions {
  readonly folder: string;
  readonly front: Front;
  /** Instances at home, 1 or more. */
  readonly replicas: number;
  /** The first instance's port; the others have the next ones, those of the cloud the last. */
  readonly basePort: number;
  readonly frontPort: number;
}

/** More of them, that play the cloud. */
const cloudReplicas = 2;
const workers = 2;

/**
 * The set-up of these options.
 * @throws ExpectedError if one of the three checks fails: some replicas, a base port, and a port below 65536 for each.
 */
export function setupOf({ folder, front, replicas, basePort, frontPort }: SetupOptions): Setup {
  if (!(replicas > 0)) throw new ExpectedError(`--replicas is ${replicas}: there must be one at least.`);
  if (!(basePort > 0)) throw new ExpectedError(`--base-port is ${basePort}: it must be 1 at least.`);
  const count = replicas + cloudReplicas;
  if (!(basePort + count < 65_536)) {
    throw new ExpectedError(
      `--base-port ${basePort} leaves no port for each of ${replicas} replicas and ${cloudReplicas} more in the cloud.`,
      `Use a base port below ${65_536 - count}.`,
    );
  }
  const home = Array.from({ length: replicas }, (_, nth) => instance("home", `p${nth}`, basePort + nth));
  const cloud = Array.from({ length: cloudReplicas }, (_, nth) =>
    instance("cloud", `c${nth}`, basePort + replicas + nth),
  );
  return { folder, front, frontPort, instances: [...home, ...cloud], workers };
}

const instance = (pool: Instance["pool"], name: string, port: number): Instance => ({ name, port, pool });

/** The files of a set-up, and where what it keeps goes. */
export function filesOf({ folder }: Pick<Setup, "folder">) {
  const weirState = join(folder, "weir");
  return {
    supervisor: join(folder, "supervisord.conf"),
    supervisorSocket: join(folder, "supervisor.sock"),
    uwsgi: join(folder, "webapp.ini"),
    nginx: join(folder, "nginx.conf"),
    weir: join(folder, "weir.config.ts"),
    weirState,
    /** Weir makes it. */
    adminToken: adminTokenFile(weirState),
    records: join(folder, "records"),
    logs: join(folder, "logs"),
  } as const;
}
