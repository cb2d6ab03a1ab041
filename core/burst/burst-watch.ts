/**
 * The burst of one upstream, watched by its object: what is seen of home goes in, at messages and at rounds of probes; out
 * come transitions, and which sessions are moved home. A region's object has none: only the root sees all requests.
 */
import type { BurstRules, BurstValues } from "../model/burst-rules.ts";
import type { OriginStatus } from "../model/origin-status.ts";
import type { Millis, Origin, OriginName, Upstream } from "../model/upstream.ts";
import type { OutcomeRun } from "../protocol/outcome.ts";
import type { SessionReturn } from "../protocol/lease.ts";
import type { BurstView } from "../protocol/upstream-view.ts";
import { RecentTraffic } from "../stats/recent-traffic.ts";
import { sessionReturnOf } from "./after-burst.ts";
import { atHome, forgetRuns, observeBurst, type BurstRecord, type BurstTransition } from "./controller.ts";
import { homeUtilisation } from "./home-load.ts";

/** Messages may come by the thousand; home is looked at no more often than this. */
export const observeEveryMs: Millis = 250;

/** What it begins with: what was persisted last, or what another configuration of the upstream knew. */
interface BurstMemory {
  readonly saved?: BurstRecord | undefined;
  readonly before?: BurstWatch | undefined;
}

/** `undefined` where the config asks for none. */
export function watchBurst(upstream: Upstream, now: Millis, memory: BurstMemory): BurstWatch | undefined {
  return upstream.burst && new BurstWatch(upstream, upstream.burst, now, memory);
}

/** What is to be persisted, if anything is, and the transition if there is one. */
export interface WatchedHome {
  readonly record?: BurstRecord;
  readonly transition?: BurstTransition;
}

export type QueueLoad = Pick<BurstValues, "expectedWaitMs" | "queued">;

/** What is seen of home at one moment. */
export interface HomeSeen {
  readonly statusOf: (name: OriginName) => OriginStatus;
  /** Slots by origin that holders may have had before the object lost its memory: they are no evidence that home is in use. */
  readonly doubtful: () => ReadonlyMap<OriginName, number>;
  /** How many wait for home, and for how long the next one would. */
  readonly queue: () => QueueLoad;
}

export class BurstWatch {
  readonly #home: readonly Origin[];
  readonly #homeNames: ReadonlySet<OriginName>;
  readonly #rules: BurstRules;
  readonly #longestSessionMs: Millis;
  readonly #traffic: RecentTraffic;
  #record: BurstRecord;
  #moved: number;

  constructor({ pools, sticky }: Upstream, rules: BurstRules, now: Millis, { saved, before }: BurstMemory) {
    this.#home = pools[0]?.origins ?? [];
    this.#homeNames = new Set(this.#home.map(({ name }) => name));
    this.#rules = rules;
    this.#longestSessionMs = sticky?.ttlMs ?? 0;
    this.#traffic = before === undefined ? new RecentTraffic(now) : before.#traffic;
    this.#record = before === undefined ? (saved ?? atHome(now)) : before.#recordUnder(rules);
    this.#moved = before === undefined ? 0 : before.#moved;
  }

  /** What was measured against the same thresholds goes on: members of the upstream come and go in the middle of a burst. */
  #recordUnder(rules: BurstRules): BurstRecord {
    return this.#rules === rules ? this.#record : forgetRuns(this.#record);
  }

  /** Attempts have ended so. */
  recordOutcomes(run: OutcomeRun, now: Millis): void {
    if (this.#isHome(run.origin)) this.#traffic.add(run, now);
  }

  /**
   * Looks at home. To be called before a message is taken in: what is found then has held since the message before, and what
   * this one brings has not lasted yet. A time that runs towards the end of a burst is persisted with each round of probes: a
   * quiet object may be evicted between any two of them, and would otherwise never see that time pass.
   */
  observeHome({ statusOf, doubtful, queue }: HomeSeen, at: "message" | "probes", now: Millis): WatchedHome {
    if (at === "message" && Math.abs(now - this.#record.observedMs) < observeEveryMs) return {};
    const values: BurstValues = {
      utilisation: homeUtilisation(this.#home, statusOf, doubtful()),
      p95Ms: this.#traffic.p95Ms(now),
      errorRate: this.#traffic.errorRate(now),
      ...queue(),
    };
    const { record, transition } = observeBurst(this.#record, values, this.#rules, now);
    this.#record = record;
    if (transition !== undefined) return { record, transition };
    const isCalming = record.state === "bursting" && record.calmSinceMs !== undefined;
    return at === "probes" && isCalming ? { record } : {};
  }

  /** The sessions that are to come home now; none once the last session that may have begun in the burst is over. */
  sessionReturn(now: Millis): SessionReturn | undefined {
    const { returnedMs = -Infinity } = this.#record;
    if (now - returnedMs > this.#longestSessionMs) return undefined;
    return sessionReturnOf(this.#record, this.#rules, now);
  }

  /** No burst is going on or just over, and home keeps to all thresholds of `exit`. */
  get isAtEase(): boolean {
    return this.#record.state === "home" && this.#record.calmSinceMs !== undefined;
  }

  #isHome(origin: OriginName): boolean {
    return this.#homeNames.has(origin);
  }

  /** A session was brought home. */
  moved(): void {
    this.#moved += 1;
  }

  /** `sessions`: how many are bound to each origin. */
  view(sessions: ReadonlyMap<OriginName, number>): BurstView {
    const { state, sinceMs, evidence, values } = this.#record;
    let sessionsInCloud = 0;
    for (const [origin, count] of sessions) if (!this.#isHome(origin)) sessionsInCloud += count;
    return {
      state,
      sinceMs,
      evidence,
      values: rounded(values),
      sessionsMoved: this.#moved,
      sessionsInCloud,
    };
  }
}

/** As people read it: shares to a thousandth, times to a millisecond. */
function rounded(values: BurstValues): BurstValues {
  const { utilisation, expectedWaitMs, p95Ms, queued, errorRate } = values;
  return {
    utilisation: Number(utilisation.toFixed(3)),
    expectedWaitMs: Math.round(expectedWaitMs),
    p95Ms: Math.round(p95Ms),
    queued,
    errorRate: Number(errorRate.toFixed(3)),
  };
}
