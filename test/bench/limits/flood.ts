/** A flood of requests to a limited route, by wrk: all with one key, or each with a key of its own. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { wrk } from "../wrk.ts";

export interface Flood {
  readonly url: string;
  readonly keys: "one" | "random";
  /** Whole. */
  readonly seconds: number;
  /** Of each of its connections, between an answer and the next request. */
  readonly pauseMs: number;
  readonly signal: AbortSignal;
}

export interface Flooded {
  readonly requests: number;
  /** With a status of 400 or above. */
  readonly refused: number;
}

const script = join(import.meta.dirname, "flood.lua");
const connections = 16;
let seed = 1;

/** Resolves when it is over. */
export async function flood({ url, keys, seconds, pauseMs, signal }: Flood): Promise<Flooded> {
  const load = ["--threads=1", `--connections=${connections}`, `--duration=${seconds}s`, "--timeout=5s"];
  const args = [...load, `--script=${script}`, url, "--", keys, String(seed++), String(pauseMs)];
  const { stdout } = await promisify(execFile)(wrk.name, args, { signal });
  const line = /^RESULT (.+)$/m.exec(stdout)?.[1];
  if (line === undefined) throw new Error(`wrk gave no result:\n${stdout}`);
  return JSON.parse(line);
}
