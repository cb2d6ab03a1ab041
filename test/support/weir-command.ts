/** The `weir` command as a process of its own, as a person runs it, with what it prints. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

const project = join(import.meta.dirname, "..", "..");

export interface WeirCommand {
  readonly child: ChildProcess;
  /** What it has printed so far. */
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Resolves when it has ended and said all it had to say: the exit code, or `null` after a signal. */
  readonly ended: Promise<number | null>;
}

/**
 * Runs `weir ARGUMENTS` in the project. It has no terminal, so it prints no colours.
 * @param launcher what Node is given: `cli/weir.ts`, or `cli/weir.js` with flags before it.
 */
export function runWeir(args: readonly string[], launcher: readonly string[] = ["cli/weir.ts"]): WeirCommand {
  return run(process.execPath, [...launcher, ...args]);
}

/** Runs `npm start -- ARGUMENTS` in the project: the process is npm's. */
export const runNpmStart = (args: readonly string[]): WeirCommand =>
  run("npm", ["start", "--silent", "--", ...args]);

function run(command: string, args: readonly string[]): WeirCommand {
  const env = { ...process.env, NO_COLOR: "1" };
  const child = spawn(command, args, {
    cwd: project,
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const said = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (said.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said.stderr += text));
  const ended = new Promise<number | null>((done) => child.once("close", (code) => done(code)));
  return { child, stdout: () => said.stdout, stderr: () => said.stderr, ended };
}

/** Runs a line as a POSIX shell would, and returns what it prints on stdout. */
export async function shell(line: string): Promise<string> {
  const child = spawn("/bin/sh", ["-c", line], { stdio: ["ignore", "pipe", "ignore"] });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  await once(child, "close");
  return output;
}
