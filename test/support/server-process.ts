/** A server that is a program of its own, not a part of this project: started on a free port, awaited, and ended with us. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { request } from "undici";
import { guardProcessGroup } from "../../cli/workerd/guard.ts";
import { environment } from "./debian-program.ts";
import { patienceMs } from "./patience.ts";

export interface ServerProcess {
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

const pollMs = 20;

/**
 * Starts it and waits until it answers.
 * @param url where it was told to listen.
 * @throws Error with what it wrote to stderr, if it ends instead, or does not answer.
 */
export async function startServerProcess(
  command: string,
  args: readonly string[],
  url: string,
): Promise<ServerProcess> {
  const child = spawn(command, args, {
    // What it logs is made and written, but to nowhere.
    stdio: ["ignore", "ignore", "pipe"],
    env: environment,
    detached: true,
  });
  const lastWords = text(child.stderr);
  const exited = once(child, "exit");
  await once(child, "spawn");
  const { pid } = child;
  if (pid === undefined) throw new TypeError(`${command} has no process.`);
  const dismissGuard = guardProcessGroup(pid);
  const stop = async (): Promise<void> => {
    try {
      // With the processes that it has started itself.
      process.kill(-pid, "SIGKILL");
    } catch {
      // Nothing is left of one that has ended by itself; why it has is told.
    }
    await exited;
    dismissGuard();
  };
  const failed = exited.then(async ([code]) => {
    throw new Error(`${command} ended with code ${code}: ${await lastWords}`);
  });
  failed.catch(() => {});
  try {
    await Promise.race([answers(url), failed]);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, pid, stop };
}

async function answers(url: string): Promise<void> {
  const deadlineMs = performance.now() + patienceMs;
  for (;;) {
    const answer = await request(`${url}/small`, { reset: true }).catch((error: unknown) => error);
    if (!(answer instanceof Error)) return;
    if (performance.now() > deadlineMs) throw new Error(`${url} does not answer: ${answer.message}`);
    await sleep(pollMs);
  }
}
