/** What Weir promises of outages, each promise a pure function over what was recorded. */
import { summarise } from "../load/summary.ts";
import type { PhaseName } from "./phase.ts";
import {
  enoughRequests,
  errorText,
  isHome,
  isSpilled,
  ms,
  normalMs,
  phase,
  type Run,
  type Seen,
} from "./run.ts";

/** How soon traffic is home after its servers are. */
export const homeWithinMs = 10_000;

export function noErrors(run: Run, broken: PhaseName, mended: PhaseName): Seen {
  const records = [...phase(run, broken).records, ...phase(run, mended).records];
  const { errorCount } = summarise(records);
  return {
    kept:
      errorCount === 0 && records.length >= enoughRequests && phase(run, broken).moments.broken !== undefined,
    seen: `${errorText(records)} in ${records.length} requests`,
  };
}

/** Caught or not, no request may take longer than the timeout and then a normal answer from elsewhere. */
export function caughtAreFreed(run: Run): Seen {
  const { records } = phase(run, "hanging");
  const limitMs = run.site.headersTimeoutMs + normalMs(run);
  const { maxMs } = summarise(records);
  const caught = records.filter(({ latencyMs }) => latencyMs >= run.site.headersTimeoutMs).length;
  return {
    kept: maxMs <= limitMs && records.length >= enoughRequests,
    seen: `${caught} caught, the slowest request took ${ms(maxMs)} of at most ${ms(limitMs)}`,
  };
}

export function hangIsForgotten(run: Run): Seen {
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

export function cloudServes(run: Run): Seen {
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

export function trafficIsHome(run: Run): Seen {
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
