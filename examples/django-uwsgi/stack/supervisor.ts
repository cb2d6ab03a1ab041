/** What `supervisorctl` is asked to do, and says: http://supervisord.org/running.html#supervisorctl-actions */
import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { filesOf, type Setup } from "../setup/setup.ts";
import { environment } from "./programs.ts";

export type Supervisor = ReturnType<typeof supervisorOf>;

const pollMs = 100;

/** Supervisor's own control of the programs of a set-up. */
export function supervisorOf(setup: Pick<Setup, "folder">) {
  const run = (...args: readonly string[]) => supervisorctl(setup, args);

  /** Programs by name, with supervisor's word for their state, such as `RUNNING`. */
  const states = async (): Promise<ReadonlyMap<string, string>> => {
    const { stdout } = await run("status");
    const words = stdout.split("\n").map((line) => line.split(/\s+/));
    return new Map(words.flatMap(([name, state]) => (name && state ? [[name, state]] : [])));
  };

  return {
    run,
    states,
    /** Resolves to `false` if not all programs run after `withinMs`. */
    allRun: async (withinMs: number): Promise<boolean> => {
      const deadlineMs = performance.now() + withinMs;
      for (;;) {
        const known = [...(await states()).values()];
        if (known.length > 0 && known.every((state) => state === "RUNNING")) return true;
        if (performance.now() > deadlineMs) return false;
        await sleep(pollMs);
      }
    },
    /** The processes of a program, the one that supervisor started first. Supervisor gives each a process group of its own. */
    processesOf: async (program: string): Promise<readonly number[]> => {
      const pid = Number((await run("pid", program)).stdout);
      return pid > 0 ? groupOf(pid) : [];
    },
  };
}

interface Said {
  /** The exit code; 0 if all is well. */
  readonly code: number;
  readonly stdout: string;
}

function supervisorctl(setup: Pick<Setup, "folder">, args: readonly string[]): Promise<Said> {
  const all = ["-c", filesOf(setup).supervisor, ...args];
  return new Promise((done) => {
    execFile("/usr/bin/supervisorctl", all, { env: environment }, (error, stdout) =>
      done({ code: error === null ? 0 : Number(error.code ?? 1), stdout }),
    );
  });
}

/** All processes of a group, its leader first; see proc_pid_stat(5). */
async function groupOf(leader: number): Promise<readonly number[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const groups = await Promise.all(
    pids.map(async (pid) => {
      const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
      // The name, in brackets, may have spaces and brackets in it.
      const [, , group] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      return { pid: Number(pid), group: Number(group) };
    }),
  );
  const members = groups.filter(({ group }) => group === leader).map(({ pid }) => pid);
  return members.toSorted((a, b) => Number(b === leader) - Number(a === leader) || a - b);
}
