/**
 * A rung of the ladder: one thing that stands between the load and the origin, and that is measured like all the
 * others. Each rung is a file in `rungs/` and runs in a process of its own; `ladder.ts` lists them.
 */

import type { ObjectUsage } from "../../core/protocol/upstream-view.ts";
import type { DebianProgram } from "../support/debian-program.ts";

/** The server behind every rung. */
export interface Origin {
  /** Scheme, host and port. */
  readonly url: string;
  readonly pid: number;
}

export interface Rung {
  /** As in `--only` and in the JSON. */
  readonly name: string;
  /** What it adds to the rung above, for the table. */
  readonly what: string;
  /** What has to be installed for it. */
  readonly needs?: DebianProgram;
  /**
   * Starts it in front of the origin and waits until it listens.
   * @param workDir an empty directory of its own; removed after the run.
   */
  start(origin: Origin, workDir: string): Promise<RunningRung>;
}

export interface RunningRung {
  /** Scheme, host and port. */
  readonly url: string;
  /** The one process that does the work: its CPU time and memory are the rung's. */
  readonly pid: number;
  /** What its object has done so far; of those Workers whose bill is made. */
  readonly objectUsage?: () => Promise<ObjectUsage>;
  readonly stop: () => Promise<void>;
}
