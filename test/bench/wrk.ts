/**
 * The load comes from wrk: one thread of C that saturates any proxy here while it takes little of the machine
 * itself, which no generator in JavaScript does. It is a closed loop: so many connections, each of which asks
 * again as soon as it is answered. So latencies are those at full load, and comparable only between rungs.
 */
import { spawn, spawnSync } from "node:child_process";
import { join } from "node:path";
import { text as readText } from "node:stream/consumers";
import { ExpectedError } from "../../cli/expected-error.ts";
import { requestHeaders } from "./traffic.ts";

export interface LoadOptions {
  readonly url: string;
  readonly connections: number;
  /** Whole: wrk takes no fractions. */
  readonly seconds: number;
  readonly signal: AbortSignal;
}

export interface LoadResult {
  readonly requests: number;
  readonly durationMs: number;
  /** Received, heads included. */
  readonly bytes: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** By kind: of the sockets (`connect`, `read`, `write`, `timeout`), or `status` of 400 and above. */
  readonly errors: Readonly<Record<string, number>>;
}

const wrk = "wrk";
const install = ["apt-get", ["install", "-y", wrk]] as const;
const script = join(import.meta.dirname, "wrk.lua");

/**
 * Makes sure that wrk is there, and returns its version. Installs it where that needs no more than asking: as
 * root, on a Debian.
 * @throws ExpectedError that says how to install it.
 */
export function requireWrk(): string {
  const version = wrkVersion();
  if (version !== undefined) return version;
  if (process.getuid?.() === 0) {
    console.error(`wrk, the load generator, is missing: ${install.flat().join(" ")}`);
    spawnSync(...install, { stdio: ["ignore", "ignore", "inherit"] });
    const installed = wrkVersion();
    if (installed !== undefined) return installed;
  }
  throw new ExpectedError(
    "wrk, the load generator, is not installed.",
    "sudo apt-get update && sudo apt-get install -y wrk   (elsewhere: https://github.com/wg/wrk)",
  );
}

/** `wrk -v` says "wrk debian/4.1.0-3+b2 [epoll] Copyright …" and exits with 1. */
function wrkVersion(): string | undefined {
  const { error, stdout } = spawnSync(wrk, ["-v"], { encoding: "utf8" });
  return error === undefined ? /^wrk (\S+)/.exec(stdout)?.[1] : undefined;
}

/** A load that runs. */
export interface RunningLoad {
  /** Stands still, with its requests in the air, and goes on. */
  readonly pause: () => void;
  readonly resume: () => void;
  /** Ends it before its time. */
  readonly finish: () => void;
  /** Resolves at its end. */
  readonly result: Promise<LoadResult>;
}

/** Starts the load. */
export function startLoad({ url, connections, seconds, signal }: LoadOptions): RunningLoad {
  const headers = Object.entries(requestHeaders).map(([name, value]) => `${name}: ${value}`);
  const load = ["--threads=1", `--connections=${connections}`, `--duration=${seconds}s`, "--timeout=5s"];
  const child = spawn(wrk, [...load, `--script=${script}`, url, "--", ...headers], {
    stdio: ["ignore", "pipe", "inherit"],
    signal,
  });
  const failed = new Promise<never>((_, fail) => {
    child.once("error", fail);
  });
  const result = async (): Promise<LoadResult> => {
    const output = await Promise.race([readText(child.stdout), failed]);
    const line = /^RESULT (.+)$/m.exec(output)?.[1];
    if (line === undefined) throw new Error(`wrk gave no result:\n${output}`);
    return JSON.parse(line);
  };
  return {
    pause: () => child.kill("SIGSTOP"),
    resume: () => child.kill("SIGCONT"),
    finish: () => {
      child.kill("SIGINT");
      child.kill("SIGCONT");
    },
    result: result(),
  };
}

/** Runs the load to its end. */
export function runLoad(options: LoadOptions): Promise<LoadResult> {
  return startLoad(options).result;
}
