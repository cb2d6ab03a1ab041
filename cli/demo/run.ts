/** What was recorded of the demo, and how promises read it. */
import type { LoadRecord } from "../load/closed-loop.ts";
import { errorOf, summarise } from "../load/summary.ts";
import type { SiteFacts } from "./demo-config.ts";
import type { PhaseName, PhaseResult } from "./phase.ts";

export interface Run {
  readonly site: SiteFacts;
  readonly phases: readonly PhaseResult[];
}

/** Whether a promise was kept, and what was seen, in numbers. */
export interface Seen {
  readonly kept: boolean;
  readonly seen: string;
}

/** At least so many requests must show what a promise claims of all of them. */
export const enoughRequests = 20;

/** Latency counts as normal up to this many times the steady phase's p99: machines that run demos are busy. */
const normalFactor = 3;

/** The phase of that name. */
export function phase({ phases }: Run, wanted: PhaseName): PhaseResult {
  const found = phases.find(({ name }) => name === wanted);
  if (found === undefined) throw new TypeError(`The story has no phase ${wanted}.`);
  return found;
}

export const poolOf = ({ site }: Run, { outcome }: LoadRecord): string | undefined =>
  outcome.kind === "answered" && outcome.origin !== undefined
    ? site.origins.get(outcome.origin)?.pool
    : undefined;

/** Answered, and by home. */
export const isHome = (run: Run, record: LoadRecord): boolean =>
  errorOf(record) === undefined && poolOf(run, record) === run.site.homePool;

/** Answered, and by a later pool. */
export const isSpilled = (run: Run, record: LoadRecord): boolean =>
  errorOf(record) === undefined && !isHome(run, record);

export const normalMs = (run: Run): number => normalFactor * summarise(phase(run, "steady").records).p99Ms;

export function errorText(records: readonly LoadRecord[]): string {
  const { errors, errorCount } = summarise(records);
  const kinds = [...errors].map(([error, count]) => `${count} × ${error}`).join(", ");
  return errorCount === 0 ? "0 errors" : `${errorCount} error${errorCount === 1 ? "" : "s"} (${kinds})`;
}

export const ms = (value: number): string => `${Math.round(value)} ms`;
