/**
 * One phase of the story: clients of one site keep asking while a script breaks and mends things, and lets more of them come.
 * What comes out is plain data, so that the promises are judged from it by pure functions.
 */
import type { RunningFleet } from "../../origin-sim/fleet.ts";
import { runClosedLoop, type LoadRecord } from "../load/closed-loop.ts";
import { setsCookie } from "../load/summary.ts";
import type { AdminClient } from "../local/admin-client.ts";
import type { LoggedRequest } from "../local/logs.ts";
import { hostOf, type SiteFacts, type SiteName } from "./demo-config.ts";
import { watchHome, type HomeUse } from "./home-use.ts";
import { watchWorth } from "./worth.ts";
import { sceneOf, type Joining, type Moment, type Scene, type Visit } from "./scene.ts";

export interface Phase {
  readonly name: PhaseName;
  readonly title: string;
  readonly site: SiteName;
  /** Those that are there when it begins. */
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
  | "recovery"
  | "sessions"
  | "budget"
  | "growth";

export interface PhaseRecord extends LoadRecord {
  /** Which session it belongs to, if its client keeps its cookie. */
  readonly session?: number;
}

export interface Wait {
  readonly waitMs: number;
  /** For how long it was worth waiting then, rather than to go to the cloud. */
  readonly worthMs: number;
}

export interface PhaseResult {
  readonly name: PhaseName;
  readonly title: string;
  /** The most that there were. */
  readonly clients: number;
  readonly records: readonly PhaseRecord[];
  /** By `performance.now()`, as the records' times; one that did not come (in time) is absent. */
  readonly moments: Readonly<Partial<Record<Moment, number>>>;
  readonly endedAtMs: number;
  /** The most requests each origin had open at once, by its own count. */
  readonly peakOpen: ReadonlyMap<string, number>;
  /** How full home was, from moment to moment. */
  readonly homeUse: readonly HomeUse[];
  /** For how long those that home served had waited for a slot; without those that did not wait. */
  readonly waits: readonly Wait[];
}

export interface Stage {
  readonly url: string;
  readonly admin: AdminClient;
  readonly fleet: RunningFleet;
  readonly site: SiteFacts;
  /** Calls back with each line of Weir's access log, until the signal aborts. */
  readonly onLogged: (hear: (request: LoggedRequest) => void, until: AbortSignal) => void;
  /** Hears of each request's end, and of each thing that happens. */
  readonly watcher: {
    readonly onRecord: (record: LoadRecord) => void;
    readonly onEvent: (event: string) => void;
  };
  readonly signal: AbortSignal;
}

/** Runs a phase and waits for its last request. Rejects when the stage's signal aborts. */
export async function runPhase(stage: Stage, phase: Phase): Promise<PhaseResult> {
  const { fleet, signal } = stage;
  for (const origin of fleet.origins) origin.resetStats();
  const over = new AbortController();
  const crowd = new Crowd(stage, phase.site, AbortSignal.any([over.signal, signal]));
  const moments: Partial<Record<Moment, number>> = {};
  const waits: Wait[] = [];
  const worthMs = watchWorth(stage.admin, phase.site, over.signal);
  stage.onLogged(({ upstream, pool, queuedMs }) => {
    if (upstream === phase.site && pool === stage.site.homePool && queuedMs !== undefined)
      waits.push({ waitMs: queuedMs, worthMs: worthMs() ?? stage.site.priceMs });
  }, over.signal);
  const homeUse = watchHome(stage, phase.site, over.signal);
  crowd.join({ clients: phase.clients });
  try {
    await phase.script(sceneOf(stage, phase.site, moments, (joining) => crowd.join(joining)));
  } finally {
    over.abort();
    await crowd.gone();
  }
  const { name, title } = phase;
  const { records, most: clients } = crowd;
  const peakOpen = new Map(fleet.origins.map((origin) => [origin.name, origin.stats().peakOpen]));
  const endedAtMs = performance.now();
  return { name, title, clients, records, moments, endedAtMs, peakOpen, homeUse, waits };
}

/** The clients of a phase: those that are there from its beginning, and those that come later. */
class Crowd {
  readonly records: PhaseRecord[] = [];
  most = 0;
  readonly #stage: Stage;
  readonly #site: SiteName;
  readonly #over: AbortSignal;
  readonly #loads: Promise<void>[] = [];
  #now = 0;
  #sessions = 0;

  constructor(stage: Stage, site: SiteName, over: AbortSignal) {
    this.#stage = stage;
    this.#site = site;
    this.#over = over;
  }

  join({ clients, keepCookies = false, pauseMs = 0 }: Joining): Visit {
    const gone = new AbortController();
    const answered = new Set<number>();
    const bindings = new Map<number, number>();
    const begun = Promise.withResolvers<void>();
    const boundAgain = Promise.withResolvers<void>();
    const firstSession = this.#sessions;
    if (keepCookies) this.#sessions += clients;
    this.#now += clients;
    this.most = Math.max(this.most, this.#now);
    const load = runClosedLoop({
      url: this.#stage.url,
      headers: { host: hostOf(this.#site) },
      clients,
      keepCookies,
      pauseMs,
      signal: AbortSignal.any([gone.signal, this.#over]),
      onRecord: (record, client) => {
        this.records.push(keepCookies ? { ...record, session: firstSession + client } : record);
        this.#stage.watcher.onRecord(record);
        if (answered.add(client).size === clients) begun.resolve();
        if (!keepCookies || !setsCookie(record)) return;
        bindings.set(client, (bindings.get(client) ?? 0) + 1);
        if (bindings.size === clients && Math.min(...bindings.values()) > 1) boundAgain.resolve();
      },
    });
    this.#loads.push(load);
    const leave = (): void => {
      this.#now -= clients;
      gone.abort();
    };
    const beforeEnd = (moment: Promise<void>): Promise<void> => Promise.race([moment, load]);
    return { leave, begun: beforeEnd(begun.promise), boundAgain: beforeEnd(boundAgain.promise) };
  }

  /** Resolves when the last open request has ended. */
  async gone(): Promise<void> {
    await Promise.all(this.#loads);
  }
}
