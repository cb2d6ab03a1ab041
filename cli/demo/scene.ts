/** What the script of a phase can do: break things and mend them, let clients come and go, and wait until Weir has noticed. */
import { setTimeout as sleep } from "node:timers/promises";
import type { BurstState } from "../../core/model/burst-rules.ts";
import type { OriginView } from "../../core/protocol/origin-view.ts";
import type { UpstreamView } from "../../core/protocol/upstream-view.ts";
import type { Fault } from "../../origin-sim/model/fault.ts";
import { awaitUpstreams, originsOf } from "../local/admin-client.ts";
import type { SiteName } from "./demo-config.ts";
import type { Stage } from "./phase.ts";

/**
 * Moments of a phase: something was broken or mended, and Weir's verdict says so; its burst has a new state; all instances serve
 * that may, or none is left.
 */
export type Moment = "broken" | "broken-seen" | "mended" | "mended-seen" | BurstState | "grown" | "shrunk";

/** Clients that come in the middle of a phase. */
export interface Joining {
  readonly clients: number;
  /** Each of them is one session. */
  readonly keepCookies?: boolean;
  /** Between an answer and the next request. */
  readonly pauseMs?: number;
}

/** Clients that have come. */
export interface Visit {
  /** Lets them go again. */
  readonly leave: () => void;
  /** Resolves when each of them has had its first answer, or the phase is over. */
  readonly begun: Promise<void>;
  /** Resolves when each of their sessions has been given a second cookie, or the phase is over. */
  readonly boundAgain: Promise<void>;
}

export interface Scene {
  /** Lets the load go on. */
  readonly wait: (ms: number) => Promise<void>;
  /** More clients come. */
  readonly join: (joining: Joining) => Visit;
  readonly kill: (...origins: string[]) => Promise<void>;
  readonly revive: (...origins: string[]) => Promise<void>;
  readonly setFault: (origin: string, fault: Fault) => void;
  /** Waits until Weir judges all of these origins so, 10 s at most; then the moment is noted. */
  readonly untilJudged: (verdict: "healthy" | "unhealthy", ...origins: string[]) => Promise<void>;
  /** Waits until Weir's burst is in this state, 20 s at most; then the moment is noted. */
  readonly untilBurst: (state: BurstState) => Promise<void>;
  /** Waits until so many instances have registered and are well, 40 s at most; then the moment is noted. */
  readonly untilInstances: (count: number) => Promise<void>;
}

/** Detection takes two probes, a second apart; so long is only waited for if something is wrong. */
const verdictDeadlineMs = 10_000;

const burstDeadlineMs = 20_000;

/** Orders, starts and farewells take their time. */
const instancesDeadlineMs = 40_000;

/** The scene of a phase. `moments` is where what happens is noted. */
export function sceneOf(
  { fleet, admin, watcher, signal }: Stage,
  site: SiteName,
  moments: Partial<Record<Moment, number>>,
  join: Scene["join"],
): Scene {
  const note = (moment: Moment, event: string): void => {
    moments[moment] = performance.now();
    watcher.onEvent(event);
  };
  const named = (names: readonly string[]) => fleet.origins.filter(({ name }) => names.includes(name));
  const until = async (
    condition: Condition,
    deadlineMs: number,
    moment: Moment,
    event: string,
  ): Promise<void> => {
    const tookMs = await awaitUpstreams(admin, condition, deadlineMs, signal);
    if (tookMs === undefined) watcher.onEvent(`not within ${seconds(deadlineMs)}: ${event}`);
    else note(moment, `${event} after ${seconds(tookMs)}`);
  };
  return {
    wait: (ms) => sleep(ms, undefined, { signal }),
    join,
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
    untilJudged: (verdict, ...names) => {
      const moment = verdict === "healthy" ? "mended-seen" : "broken-seen";
      return until(allJudged(names, verdict), verdictDeadlineMs, moment, "Weir sees it");
    },
    untilBurst: (state) => until(inBurst(site, state), burstDeadlineMs, state, `Weir's burst is ${state}`),
    untilInstances: (count) => {
      const moment = count === 0 ? "shrunk" : "grown";
      return until(haveInstances(count), instancesDeadlineMs, moment, `${count} instances serve`);
    },
  };
}

type Condition = (upstreams: readonly UpstreamView[]) => boolean;

const allJudged =
  (names: readonly string[], verdict: "healthy" | "unhealthy"): Condition =>
  (upstreams) =>
    originsOf(upstreams)
      .filter(({ name }) => names.includes(name))
      .every((origin) => isJudged(origin, verdict));

const inBurst =
  (site: SiteName, state: BurstState): Condition =>
  (upstreams) =>
    upstreams.find(({ name }) => name === site)?.burst?.state === state;

const haveInstances =
  (count: number): Condition =>
  (upstreams) => {
    const members = originsOf(upstreams).filter(({ registered }) => registered !== null);
    return members.length === count && members.every(({ health }) => health === "healthy");
  };

/** Healthy is what may be given requests again; an ejection by traffic is as good as a verdict of the probes. */
const isJudged = (
  { health, available, ejectedUntilMs }: OriginView,
  verdict: "healthy" | "unhealthy",
): boolean =>
  verdict === "healthy"
    ? health === "healthy" && ejectedUntilMs === null
    : health === "unhealthy" || (ejectedUntilMs !== null && !available);

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
