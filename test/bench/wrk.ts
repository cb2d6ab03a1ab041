/**
 * The load comes from wrk: one thread of C that saturates any proxy here while it takes little of the machine
 * itself, which no generator in JavaScript does. It is a closed loop: so many connections, each of which asks
 * again as soon as it is answered. So latencies are those at full load, and comparable only between rungs.
 */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { text as readText } from "node:stream/consumers";
import type { DebianProgram } from "../support/debian-program.ts";
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

/** `wrk -v` says "wrk debian/4.1.0-3+b2 [epoll] Copyright …" and exits with 1. */
export const wrk: DebianProgram = {
  name: "wrk",
  purpose: "the load generator",
  askVersion: ["-v"],
  version: /^wrk (\S+)/,
  home: "https://github.com/wg/wrk",
};

const script = join(import.meta.dirname, "wrk.lua");

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
  const child = spawn(wrk.name, [...load, `--script=${script}`, url, "--", ...headers], {
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
