/**
 * How attempts ended, on their way to the object: numbered, and kept until it has counted them. Good answers of an
 * origin between two failures travel together, so that a busy isolate's message does not grow with its traffic.
 */
import type { Millis, OriginName } from "../upstream.ts";
import type { Outcome, OutcomeRun } from "./exchange.ts";

/** Older evidence is dropped first when the object has not been reachable for so many runs. */
const maxRuns = 512;

/** Of a run at most so many times travel; if there are more, every other one is left out, again and again. */
const maxTimes = 128;

type Run = Omit<OutcomeRun, "count" | "headerMs" | "lastByteMs"> & {
  count?: number;
  headerMs?: Millis[];
  lastByteMs?: Millis[];
};

export class OutcomeLog {
  #runs: Run[] = [];
  /** The number of the first. */
  #from = 0;
  /** Runs of each origin that no message has said yet, and that may still grow. */
  readonly #growing = new Map<OriginName, Run>();

  get from(): number {
    return this.#from;
  }

  add(outcome: Outcome): void {
    const run = this.#growing.get(outcome.origin);
    if (outcome.ok && run?.ok === true) return extend(run, outcome);
    const begun = begin(outcome);
    this.#growing.set(outcome.origin, begun);
    this.#append(begun);
  }

  /** Takes over what a region's holders have told it. */
  forward(runs: readonly OutcomeRun[]): void {
    for (const run of runs) {
      const growing = this.#growing.get(run.origin);
      if (run.ok && growing?.ok === true) {
        join(growing, run);
        continue;
      }
      const taken = copy(run);
      this.#growing.set(run.origin, taken);
      this.#append(taken);
    }
  }

  /** What a message says: all that is not yet known to have arrived. */
  say(): readonly OutcomeRun[] {
    if (this.#growing.size > 0) this.#growing.clear();
    return this.#runs.slice();
  }

  /** The object has counted those below this number. */
  seen(below: number): void {
    const count = below - this.#from;
    if (count <= 0) return;
    this.#runs.splice(0, count);
    this.#from += count;
  }

  #append(run: Run): void {
    this.#runs.push(run);
    if (this.#runs.length <= maxRuns) return;
    this.#runs.shift();
    this.#from++;
  }
}

function copy({ headerMs, lastByteMs, ...rest }: OutcomeRun): Run {
  const run: Run = rest;
  if (headerMs !== undefined) run.headerMs = headerMs.slice();
  if (lastByteMs !== undefined) run.lastByteMs = lastByteMs.slice();
  return run;
}

function join(run: Run, { count = 1, headerMs = [], lastByteMs = [] }: OutcomeRun): void {
  run.count = (run.count ?? 1) + count;
  for (const time of headerMs) run.headerMs = noting(run.headerMs, time);
  for (const time of lastByteMs) run.lastByteMs = noting(run.lastByteMs, time);
}

function begin({ headerMs, lastByteMs, ...rest }: Outcome): Run {
  const run: Run = rest;
  if (headerMs !== undefined) run.headerMs = [headerMs];
  if (lastByteMs !== undefined) run.lastByteMs = [lastByteMs];
  return run;
}

function extend(run: Run, { headerMs, lastByteMs }: Outcome): void {
  run.count = (run.count ?? 1) + 1;
  if (headerMs !== undefined) run.headerMs = noting(run.headerMs, headerMs);
  if (lastByteMs !== undefined) run.lastByteMs = noting(run.lastByteMs, lastByteMs);
}

function noting(times: Millis[] | undefined, time: Millis): Millis[] {
  if (times === undefined) return [time];
  times.push(time);
  return times.length <= maxTimes ? times : times.filter((_, index) => index % 2 === 0);
}
