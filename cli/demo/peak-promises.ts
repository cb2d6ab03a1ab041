/** What Weir promises of peaks, each promise a pure function over what was recorded. */
import { setsCookie, summarise } from "../load/summary.ts";
import type { PhaseRecord } from "./phase.ts";
import { enoughRequests, errorText, isHome, isSpilled, ms, phase, type Run, type Seen } from "./run.ts";

export function steadyStaysHome(run: Run): Seen {
  const { records } = phase(run, "steady");
  const spilled = records.filter((record) => !isHome(run, record)).length;
  return {
    kept: spilled === 0 && records.length >= enoughRequests,
    seen: `${spilled} of ${records.length} requests left home`,
  };
}

export function crowdSpills(run: Run): Seen {
  const { records } = phase(run, "flash-crowd");
  const spilled = records.filter((record) => isSpilled(run, record)).length;
  const { errorCount } = summarise(records);
  return {
    kept: spilled > 0 && errorCount === 0 && records.length >= enoughRequests,
    seen: `${spilled} of ${records.length} requests spilled, ${errorText(records)}`,
  };
}

export function slotsAreKept({ site, phases }: Run): Seen {
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

export function sessionsStay(run: Run): Seen {
  const { moments } = phase(run, "sessions");
  const { bursting, returning } = moments;
  if (bursting === undefined || returning === undefined) return { kept: false, seen: "there was no burst" };
  const sessions = sessionsOf(run);
  const moved = sessions.filter(
    ({ boundAtMs: [, again] }) => again !== undefined && again < returning,
  ).length;
  const away = sessions.filter(({ beganHome }) => !beganHome).length;
  return {
    kept: moved === 0 && away > 0 && away < sessions.length,
    seen: `${moved} of ${sessions.length} sessions moved in the burst; ${away} began in the cloud`,
  };
}

export function sessionsComeHome(run: Run): Seen {
  const { moments, records } = phase(run, "sessions");
  if (moments.home === undefined) return { kept: false, seen: "Weir was not back at home" };
  const sessions = sessionsOf(run);
  const away = sessions.filter(({ beganHome }) => !beganHome);
  const returned = away.filter(({ boundAtMs, livesHome }) => boundAtMs.length === 2 && livesHome).length;
  const disturbed = sessions.filter(({ beganHome, boundAtMs }) => beganHome && boundAtMs.length > 1).length;
  const { errorCount } = summarise(records);
  return {
    kept: away.length > 0 && returned === away.length && disturbed === 0 && errorCount === 0,
    seen: `${returned} of ${away.length} moved home once each, ${disturbed} others were moved, ${errorText(records)}`,
  };
}

interface Session {
  readonly beganHome: boolean;
  /** It was bound there last, and served there mostly since: one that is bound there spills while home is full for a moment. */
  readonly livesHome: boolean;
  /** When it was given a cookie: once when it began, and once for each move. */
  readonly boundAtMs: readonly number[];
}

function sessionsOf(run: Run): Session[] {
  const records = phase(run, "sessions").records.filter(({ session }) => session !== undefined);
  const atHome = (visit: PhaseRecord): boolean => isHome(run, visit);
  return [...Map.groupBy(records, ({ session }) => session).values()].map((visits) => {
    const sinceBound = visits.slice(visits.findLastIndex(setsCookie));
    return {
      beganHome: visits.slice(0, 1).every(atHome),
      livesHome:
        sinceBound.slice(0, 1).every(atHome) && 2 * sinceBound.filter(atHome).length > sinceBound.length,
      boundAtMs: visits.filter(setsCookie).map(({ startedAtMs }) => startedAtMs),
    };
  });
}

/** Periods are the hours of UTC: a demo that runs into the next one may spend two budgets. */
export function budgetIsKept(run: Run): Seen {
  const { records } = phase(run, "budget");
  const { requestsPerHour } = run.site;
  const hours = new Set(
    records.map(({ startedAtMs }) => Math.floor((performance.timeOrigin + startedAtMs) / hourMs)),
  );
  const spent = records.filter((record) => isSpilled(run, record));
  const lastMs = Math.max(...spent.map(({ startedAtMs }) => startedAtMs));
  const after = records.filter(({ startedAtMs }) => startedAtMs > lastMs);
  const { errorCount, maxMs } = summarise(after);
  return {
    kept:
      spent.length >= requestsPerHour &&
      spent.length <= requestsPerHour * hours.size &&
      errorCount === 0 &&
      after.length >= enoughRequests,
    seen: `${spent.length} of ${requestsPerHour} by the cloud; then ${after.length} by home in ${ms(maxMs)} at most, ${errorText(records)}`,
  };
}

const hourMs = 3_600_000;

/** Requests that wait for an instance wait at home. */
export function cloudGrows(run: Run): Seen {
  const { records, moments } = phase(run, "growth");
  const { grown, shrunk } = moments;
  if (grown === undefined || shrunk === undefined)
    return { kept: false, seen: grown === undefined ? "no instances came" : "the instances did not go" };
  const served = records.filter((record) => isSpilled(run, record));
  const instances = new Set(
    served.map(({ outcome }) => (outcome.kind === "answered" ? outcome.origin : undefined)),
  );
  const { errorCount } = summarise(records);
  const lastMs = Math.max(...served.map(({ startedAtMs }) => startedAtMs));
  return {
    kept: errorCount === 0 && instances.size > 1 && served.length >= enoughRequests,
    seen: `${instances.size} instances served ${served.length} requests, and were gone ${ms(shrunk - lastMs)} after; ${errorText(records)}`,
  };
}
