/**
 * One phase of the story: so many clients keep asking while a script breaks and mends things. What comes out is
 * plain data, so that the promises are judged from it by pure functions.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { OriginView, UpstreamView } from "../../core/upstream-view.ts";
import type { RunningFleet } from "../../origin-sim/fleet.ts";
import type { Fault } from "../../origin-sim/model/fault.ts";
import { runClosedLoop, type LoadRecord } from "../load/closed-loop.ts";
import { awaitUpstreams, originsOf, type AdminClient } from "../local/admin-client.ts";

export interface Phase {
  readonly name: PhaseName;
  readonly title: string;
  readonly clients: number;
  /** What happens while the clients ask. The phase is over when it resolves. */
  readonly script: (scene: Scene) => Promise<void>;
}

export type PhaseName =
  | "steady"
  | "flash-crowd"
  | "killed"
  | "revived"
  | "hanging"
  | "cleared"
  | "all-dead"
  | "recovery";

/** Moments of a phase: something was broken or mended, and Weir's verdict says so. */
type Moment = "broken" | "broken-seen" | "mended" | "mended-seen";

export interface PhaseResult {
  readonly name: PhaseName;
  readonly title: string;
  readonly clients: number;
  readonly records: readonly LoadRecord[];
  /** By `performance.now()`, as the records' times; one that did not come (in time) is absent. */
  readonly moments: Readonly<Partial<Record<Moment, number>>>;
  readonly endedAtMs: number;
  /** The most requests each origin had open at once, by its own count. */
  readonly peakOpen: ReadonlyMap<string, number>;
}

/** What a script can do. */
interface Scene {
  /** Lets the load go on. */
  readonly wait: (ms: number) => Promise<void>;
  readonly kill: (...origins: string[]) => Promise<void>;
  readonly revive: (...origins: string[]) => Promise<void>;
  readonly setFault: (origin: string, fault: Fault) => void;
  /** Waits until Weir judges all of these origins so, 10 s at most; then the moment is noted. */
  readonly untilJudged: (verdict: "healthy" | "unhealthy", ...origins: string[]) => Promise<void>;
}

export interface Stage {
  readonly url: string;
  readonly admin: AdminClient;
  readonly fleet: RunningFleet;
  /** Hears of each request's end, and of each thing that happens. */
  readonly watcher: {
    readonly onRecord: (record: LoadRecord) => void;
    readonly onEvent: (event: string) => void;
  };
  readonly signal: AbortSignal;
}

/** Detection takes two probes, a second apart; so long is only waited for if something is wrong. */
const verdictDeadlineMs = 10_000;

/** Runs a phase and waits for its last request. Rejects when the stage's signal aborts. */
export async function runPhase(stage: Stage, { name, title, clients, script }: Phase): Promise<PhaseResult> {
  const { url, fleet, watcher, signal } = stage;
  for (const origin of fleet.origins) origin.resetStats();
  const records: LoadRecord[] = [];
  const moments: Partial<Record<Moment, number>> = {};
  const over = new AbortController();
  const load = runClosedLoop({
    url,
    clients,
    signal: AbortSignal.any([over.signal, signal]),
    onRecord: (record) => {
      records.push(record);
      watcher.onRecord(record);
    },
  });
  try {
    await script(sceneOf(stage, moments));
  } finally {
    over.abort();
    await load;
  }
  const peakOpen = new Map(fleet.origins.map((origin) => [origin.name, origin.stats().peakOpen]));
  return { name, title, clients, records, moments, endedAtMs: performance.now(), peakOpen };
}

function sceneOf(stage: Stage, moments: Partial<Record<Moment, number>>): Scene {
  const { fleet, admin, watcher, signal } = stage;
  const note = (moment: Moment, event: string): void => {
    moments[moment] = performance.now();
    watcher.onEvent(event);
  };
  const named = (names: readonly string[]) => fleet.origins.filter(({ name }) => names.includes(name));
  return {
    wait: (ms) => sleep(ms, undefined, { signal }),
    kill: async (...names) => {
      note("broken", `${names.join(", ")} killed`);
      await Promise.all(named(names).map((origin) => origin.kill()));
    },
    revive: async (...names) => {
      await Promise.all(named(names).map((origin) => origin.revive()));
      note("mended", `${names.join(", ")} revived`);
    },
    setFault: (name, fault) => {
      for (const origin of named([name])) origin.setFault(fault);
      if (fault.kind === "none") note("mended", `${name} answers again`);
      else note("broken", `${name}: ${fault.kind}`);
    },
    untilJudged: async (verdict, ...names) => {
      const judged = (upstreams: readonly UpstreamView[]): boolean =>
        originsOf(upstreams)
          .filter(({ name }) => names.includes(name))
          .every((origin) => isJudged(origin, verdict));
      const tookMs = await awaitUpstreams(admin, judged, verdictDeadlineMs, signal);
      if (tookMs === undefined) watcher.onEvent(`Weir has not seen it within ${verdictDeadlineMs / 1000} s`);
      else
        note(verdict === "healthy" ? "mended-seen" : "broken-seen", `Weir sees it after ${seconds(tookMs)}`);
    },
  };
}

/** Healthy is what may be given requests again; an ejection by traffic is as good as a verdict of the probes. */
const isJudged = (
  { health, available, ejectedUntilMs }: OriginView,
  verdict: "healthy" | "unhealthy",
): boolean =>
  verdict === "healthy"
    ? health === "healthy" && ejectedUntilMs === null
    : health === "unhealthy" || (ejectedUntilMs !== null && !available);

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
