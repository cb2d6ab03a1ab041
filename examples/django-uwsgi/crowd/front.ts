/** How an operator takes a server out of what stands in front, and knows when it may be stopped. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { projectDir } from "../../../cli/project.ts";
import { nginxConf } from "../setup/nginx-conf.ts";
import { filesOf, type Instance } from "../setup/setup.ts";
import { frontProgram } from "../setup/supervisor-conf.ts";
import type { RunningStack } from "../stack/up.ts";
import { requestsIn, type LoggedRequest } from "./spills.ts";

export interface FrontControl {
  /** Gives the instance nothing new, and resolves when the front says that it may be stopped; `false`: it did not in time. */
  readonly drain: (instance: Instance) => Promise<boolean>;
  readonly undrain: (instance: Instance) => Promise<void>;
}

const weirCommand = join(projectDir, "cli/weir.ts");
const safeWithinMs = 30_000;
const pollMs = 50;

export function frontControl(stack: RunningStack): FrontControl {
  switch (stack.setup.front) {
    case "weir":
      return weirControl(stack);
    case "nginx":
      return nginxControl(stack);
  }
}

/** By the documented commands (docs/api.md): `weir drain ORIGIN --wait` ends when the server can be stopped. */
function weirControl({ url, setup }: RunningStack): FrontControl {
  const where = ["--url", url, "--token-file", filesOf(setup).adminToken];
  const weir = (...args: readonly string[]): Promise<boolean> =>
    succeeds(process.execPath, [weirCommand, ...args, ...where]);
  return {
    drain: ({ name }) => weir("drain", name, "--wait", "--timeout", String(safeWithinMs / 1_000)),
    undrain: async ({ name }) => {
      if (!(await weir("up", name))) throw new Error(`weir up ${name} failed.`);
    },
  };
}

async function succeeds(command: string, args: readonly string[]): Promise<boolean> {
  const child = spawn(command, args, { stdio: ["ignore", "ignore", "inherit"] });
  const [code] = await once(child, "exit");
  return code === 0;
}

/** By its configuration: the server is marked `down`, and the workers that began before the reload have ended. */
function nginxControl({ setup, supervisor }: RunningStack): FrontControl {
  const drained = new Set<string>();
  const reload = async (): Promise<readonly number[]> => {
    const before = await supervisor.processesOf(frontProgram);
    await writeFile(filesOf(setup).nginx, nginxConf(setup, drained), { mode: 0o600 });
    await supervisor.run("signal", "HUP", frontProgram);
    return before.slice(1);
  };
  return {
    drain: async ({ name }) => {
      drained.add(name);
      const workers = await reload();
      return until(async () => (await alive(workers)).length === 0);
    },
    undrain: async ({ name }) => {
      drained.delete(name);
      await reload();
    },
  };
}

async function until(condition: () => Promise<boolean>): Promise<boolean> {
  const deadlineMs = performance.now() + safeWithinMs;
  while (performance.now() < deadlineMs) {
    if (await condition()) return true;
    await sleep(pollMs);
  }
  return false;
}

async function alive(pids: readonly number[]): Promise<readonly number[]> {
  const here = new Set(await readdir("/proc"));
  return pids.filter((pid) => here.has(String(pid)));
}

/** The requests in Weir's access log since `fromByte`, and the log's length now. */
export async function logSince(
  accessLog: string,
  fromByte: number,
): Promise<{ readonly requests: readonly LoggedRequest[]; readonly bytes: number }> {
  const log = await readFile(accessLog);
  return { requests: requestsIn(log.subarray(fromByte).toString()), bytes: log.length };
}
