/** Brings the stack up, under supervisor, as a user's machine would; and down again. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { openSync, closeSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { request } from "undici";
import { ExpectedError } from "../../../cli/expected-error.ts";
import { requireFreePorts } from "../../../cli/local/port.ts";
import { filesOf, type Setup } from "../setup/setup.ts";
import { frontProgram } from "../setup/supervisor-conf.ts";
import { writeSetup } from "../setup/write.ts";
import { guardSupervisor } from "./guard.ts";
import { environment, requirePackages } from "./programs.ts";
import { supervisorOf, type Supervisor } from "./supervisor.ts";

export interface RunningStack {
  readonly setup: Setup;
  /** Where browsers go. */
  readonly url: string;
  readonly supervisor: Supervisor;
  /** Resolves when supervisor has ended, for whatever reason. */
  readonly ended: Promise<void>;
  /** Stops everything; resolves when it is gone. */
  readonly stop: () => Promise<void>;
}

const pollMs = 100;
/** Weir builds its Worker first; a busy machine takes its time. */
const readyWithinMs = 60_000;

/**
 * Writes the set-up and starts it; resolves when the site answers through what stands in front of it.
 * @throws ExpectedError if a program is missing, a port is taken, or the site does not answer within a minute. Then nothing
 *   is left running.
 */
export async function bringUp(setup: Setup, signal?: AbortSignal): Promise<RunningStack> {
  requirePackages(setup.front);
  const instances = setup.instances.map(({ name, port }) => ({ owner: `the instance ${name}`, port }));
  await requireFreePorts(setup.frontPort, instances);
  await writeSetup(setup);
  const files = filesOf(setup);
  const log = openSync(join(files.logs, "supervisor-output.log"), "a", 0o600);
  const child = spawn("/usr/bin/supervisord", ["-n", "-c", files.supervisor], {
    stdio: ["ignore", log, log],
    env: environment,
    detached: true,
  });
  closeSync(log);
  const exited = once(child, "exit");
  await once(child, "spawn");
  const dismissGuard = guardSupervisor(child.pid ?? Number.NaN, files.supervisor);
  const ended = exited.then(() => dismissGuard());
  const supervisor = supervisorOf(setup);
  const stop = async (): Promise<void> => {
    // All at once; a supervisor that shuts down stops one program after the other.
    await supervisor.run("stop", "all");
    child.kill("SIGTERM");
    await ended;
  };
  const stack = {
    setup,
    url: `http://127.0.0.1:${setup.frontPort}`,
    supervisor: supervisorOf(setup),
    ended,
    stop,
  };
  try {
    await Promise.race([
      answers(stack, signal),
      ended.then(() => {
        throw new ExpectedError("supervisord has ended.", `Its words are in ${files.logs}.`);
      }),
    ]);
  } catch (error) {
    await stop();
    throw error;
  }
  return stack;
}

/** Resolves when each instance answers by itself, and one of them through the front. */
async function answers({ setup, url }: RunningStack, signal: AbortSignal | undefined): Promise<void> {
  const deadlineMs = performance.now() + readyWithinMs;
  const wanted = [...setup.instances.map(({ port }) => `http://127.0.0.1:${port}`), url];
  for (const each of wanted) {
    while (!(await isOfSite(each))) {
      signal?.throwIfAborted();
      if (performance.now() > deadlineMs) {
        const program = setup.instances.find(({ port }) => each.endsWith(`:${port}`))?.name ?? frontProgram;
        throw new ExpectedError(
          `The site does not answer at ${each}.`,
          `See ${join(filesOf(setup).logs, `${program}.log`)}.`,
        );
      }
      await sleep(pollMs);
    }
  }
}

async function isOfSite(url: string): Promise<boolean> {
  try {
    const { headers, body } = await request(url, { reset: true });
    await body.dump();
    return headers["x-instance"] !== undefined;
  } catch {
    return false;
  }
}

/**
 * Stops what another process has brought up in this folder.
 * @returns `false` if nothing ran there.
 */
export async function takeDown(folder: string): Promise<boolean> {
  const supervisor = supervisorOf({ folder });
  const pid = Number((await supervisor.run("pid")).stdout);
  if (!(pid > 0)) return false;
  await supervisor.run("stop", "all");
  await supervisor.run("shutdown");
  while (isAlive(pid)) await sleep(pollMs);
  return true;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
