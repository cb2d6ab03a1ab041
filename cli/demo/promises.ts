/**
 * What Weir promises of the story, each promise a pure function over what was recorded. One that is broken says by
 * how much: a demo that cannot fail shows nothing.
 */
import type { LoadRecord } from "../load/closed-loop.ts";
import { errorOf, summarise } from "../load/summary.ts";
import type { SiteFacts } from "./demo-config.ts";
import type { PhaseName, PhaseResult } from "./phase.ts";

export interface Run {
  readonly site: SiteFacts;
  readonly phases: readonly PhaseResult[];
}

export interface Verdict extends Seen {
  readonly promise: string;
}

interface Seen {
  readonly kept: boolean;
  /** In numbers. */
  readonly seen: string;
}

/** How soon traffic is home after its servers are. */
const homeWithinMs = 10_000;

/** Latency counts as normal up to this many times the steady phase's p99: machines that run demos are busy. */
const normalFactor = 3;

/** At least so many requests must show what a promise claims of all of them. */
const enoughRequests = 20;

const promises: readonly { readonly promise: string; readonly judge: (run: Run) => Seen }[] = [
  { promise: "A steady load that fits stays home", judge: steadyStaysHome },
  { promise: "A flash crowd spills into the cloud, and nobody gets an error", judge: crowdSpills },
  {
    promise: "An origin killed under load costs no client an error",
    judge: (run) => noErrors(run, "killed", "revived"),
  },
  {
    promise: "An origin that hangs costs no client an error",
    judge: (run) => noErrors(run, "hanging", "cleared"),
  },
  { promise: "… and at most its headers timeout to those caught in it", judge: caughtAreFreed },
  { promise: "… and nothing to anybody once it is noticed", judge: hangIsForgotten },
  { promise: "With all of on-prem dead the cloud serves, without an error", judge: cloudServes },
  { promise: `Traffic is home within ${homeWithinMs / 1000} s of its servers' return`, judge: trafficIsHome },
  { promise: "No origin ever has more requests open than its maxConns", judge: slotsAreKept },
];

/** Judges every promise. */
export function judgePromises(run: Run): readonly Verdict[] {
  return promises.map(({ promise, judge }) => {
    const { kept, seen } = judge(run);
    return { promise, kept, seen };
  });
}

function steadyStaysHome(run: Run): Seen {
  const { records } = phase(run, "steady");
  const spilled = records.filter((record) => !isHome(run, record)).length;
  return {
    kept: spilled === 0 && records.length >= enoughRequests,
    seen: `${spilled} of ${records.length} requests left home`,
  };
}

function crowdSpills(run: Run): Seen {
  const { records } = phase(run, "flash-crowd");
  const spilled = records.filter((record) => isSpilled(run, record)).length;
  const { errorCount } = summarise(records);
  return {
    kept: spilled > 0 && errorCount === 0 && records.length >= enoughRequests,
    seen: `${spilled} of ${records.length} requests spilled, ${errorText(records)}`,
  };
}

function noErrors(run: Run, broken: PhaseName, mended: PhaseName): Seen {
  const records = [...phase(run, broken).records, ...phase(run, mended).records];
  const { errorCount } = summarise(records);
  return {
    kept:
      errorCount === 0 && records.length >= enoughRequests && phase(run, broken).moments.broken !== undefined,
    seen: `${errorText(records)} in ${records.length} requests`,
  };
}

/** Caught or not, no request may take longer than the timeout and then a normal answer from elsewhere. */
function caughtAreFreed(run: Run): Seen {
  const { records } = phase(run, "hanging");
  const limitMs = run.site.headersTimeoutMs + normalMs(run);
  const { maxMs } = summarise(records);
  const caught = records.filter(({ latencyMs }) => latencyMs >= run.site.headersTimeoutMs).length;
  return {
    kept: maxMs <= limitMs && records.length >= enoughRequests,
    seen: `${caught} caught, the slowest request took ${ms(maxMs)} of at most ${ms(limitMs)}`,
  };
}

function hangIsForgotten(run: Run): Seen {
  const { records, moments } = phase(run, "hanging");
  const seenAtMs = moments["broken-seen"];
  if (seenAtMs === undefined) return { kept: false, seen: "Weir did not notice" };
  const after = records.filter(({ startedAtMs }) => startedAtMs > seenAtMs);
  const { p99Ms } = summarise(after);
  return {
    kept: p99Ms <= normalMs(run) && after.length >= enoughRequests,
    seen: `p99 of ${after.length} requests after it: ${ms(p99Ms)} of at most ${ms(normalMs(run))}`,
  };
}

function cloudServes(run: Run): Seen {
  const { records, moments } = phase(run, "all-dead");
  const seenAtMs = moments["broken-seen"];
  if (seenAtMs === undefined) return { kept: false, seen: "Weir did not notice" };
  const after = records.filter(({ startedAtMs }) => startedAtMs > seenAtMs);
  const served = after.filter((record) => isSpilled(run, record)).length;
  const { errorCount } = summarise(records);
  return {
    kept: errorCount === 0 && served === after.length && after.length >= enoughRequests,
    seen: `${errorText(records)} in ${records.length} requests; once noticed, ${served} of ${after.length} by the cloud`,
  };
}

function trafficIsHome(run: Run): Seen {
  const { records, moments, endedAtMs } = phase(run, "recovery");
  const mendedAtMs = moments.mended;
  if (mendedAtMs === undefined) return { kept: false, seen: "the servers did not return" };
  const away = records.filter((record) => !isHome(run, record)).map(({ startedAtMs }) => startedAtMs);
  const homeAtMs = Math.max(mendedAtMs, ...away);
  const after = records.filter(({ startedAtMs }) => startedAtMs > homeAtMs).length;
  if (after < enoughRequests) {
    return { kept: false, seen: `${ms(endedAtMs - mendedAtMs)} after it requests still leave home` };
  }
  return {
    kept: homeAtMs - mendedAtMs <= homeWithinMs,
    seen: `the last request left home after ${ms(homeAtMs - mendedAtMs)}`,
  };
}

function slotsAreKept({ site, phases }: Run): Seen {
  const fullest = new Map<string, { text: string; share: number }>();
  for (const [name, { pool, maxConns }] of site.origins) {
    const peak = Math.max(...phases.map(({ peakOpen }) => peakOpen.get(name) ?? 0));
    const share = peak / maxConns;
    if (share > (fullest.get(pool)?.share ?? -1))
      fullest.set(pool, { text: `${name} ${peak} of ${maxConns}`, share });
  }
  const peaks = [...fullest.values()];
  return {
    kept: peaks.every(({ share }) => share <= 1),
    seen: `the fullest of each pool: ${peaks.map(({ text }) => text).join(", ")}`,
  };
}

function phase({ phases }: Run, wanted: PhaseName): PhaseResult {
  const found = phases.find(({ name }) => name === wanted);
  if (found === undefined) throw new TypeError(`The story has no phase ${wanted}.`);
  return found;
}

const poolOf = ({ site }: Run, { outcome }: LoadRecord): string | undefined =>
  outcome.kind === "answered" && outcome.origin !== undefined
    ? site.origins.get(outcome.origin)?.pool
    : undefined;

const isHome = (run: Run, record: LoadRecord): boolean =>
  errorOf(record) === undefined && poolOf(run, record) === run.site.homePool;

/** Answered, and by a later pool. */
const isSpilled = (run: Run, record: LoadRecord): boolean =>
  errorOf(record) === undefined && !isHome(run, record);

const normalMs = (run: Run): number => normalFactor * summarise(phase(run, "steady").records).p99Ms;

function errorText(records: readonly LoadRecord[]): string {
  const { errors, errorCount } = summarise(records);
  const kinds = [...errors].map(([error, count]) => `${count} × ${error}`).join(", ");
  return errorCount === 0 ? "0 errors" : `${errorCount} error${errorCount === 1 ? "" : "s"} (${kinds})`;
}

const ms = (value: number): string => `${Math.round(value)} ms`;
