/**
 * The health of all origins of an upstream: what probes say and what traffic says, kept apart, joined in one
 * question. What changes the answer is a transition with its evidence, so that it is logged once; only the end of an
 * ejection comes by itself, with time.
 */
import type { OriginStatus } from "../model/origin-status.ts";
import type { Millis, Origin, OriginName, Pool, Upstream } from "../model/upstream.ts";
import type { HolderId } from "../protocol/exchange.ts";
import type { OutcomeRun } from "../protocol/outcome.ts";
import type { ProbeResult } from "../protocol/probe-round.ts";
import { warmth } from "../resilience/slow-start.ts";
import {
  cleanRecord,
  groundOf,
  isEjected,
  isOnTrial,
  isSuspect,
  maxEjected,
  observeProbeOf,
  observeSuccess,
  pardon,
} from "./ejection.ts";
import type { WordSetAside } from "./judges/one-holder.ts";
import { TrafficHealth } from "./traffic-health.ts";
import { isProbedGood, type HealthTransition, type OriginHealth, type Probed } from "./transition.ts";
import { observeProbe, unknownVerdict } from "./verdict.ts";

/** Who tells of an outcome, and how the origins stand otherwise. */
export interface Telling {
  /** Which origins the operator lets serve; absent: all. */
  readonly isUp?: (origin: OriginName) => boolean;
  /** Absent: it is not known. */
  readonly holder?: HolderId;
}

export class HealthBook {
  #upstream: Upstream;
  readonly #traffic: TrafficHealth;
  readonly #byOrigin = new Map<OriginName, OriginHealth>();
  /** An origin that has registered itself has only said that it can serve. */
  #registered: ReadonlySet<OriginName> = new Set();

  constructor(upstream: Upstream, saved: ReadonlyMap<OriginName, OriginHealth>, now: Millis) {
    this.#upstream = upstream;
    this.#traffic = new TrafficHealth(upstream);
    for (const [origin, health] of saved) this.#byOrigin.set(origin, health);
    this.#know(upstream, { verdict: unknownVerdict(now), traffic: cleanRecord });
  }

  /** Keeps what is known of origins that stay, begins anew with those that are new. These start slowly. */
  reconfigure(upstream: Upstream, now: Millis): void {
    this.#know(upstream, { verdict: unknownVerdict(now), traffic: cleanRecord, startedMs: now });
  }

  #know(upstream: Upstream, ifNew: OriginHealth): void {
    this.#upstream = upstream;
    this.#traffic.reconfigure(upstream);
    const all = upstream.pools.flatMap((pool) => pool.origins);
    this.#registered = new Set(all.filter(({ registered }) => registered === true).map(({ name }) => name));
    const names = new Set(all.map(({ name }) => name));
    for (const name of this.#byOrigin.keys()) if (!names.has(name)) this.#byOrigin.delete(name);
    for (const name of names) if (!this.#byOrigin.has(name)) this.#byOrigin.set(name, ifNew);
  }

  of(origin: OriginName): OriginHealth | undefined {
    return this.#byOrigin.get(origin);
  }

  /** Whether health lets the origin serve. An origin without active health is judged by its traffic alone. */
  isHealthy(origin: OriginName, now: Millis): boolean {
    const health = this.#byOrigin.get(origin);
    if (health === undefined) return false;
    const { state } = health.verdict;
    const down = state === "unhealthy" || (state === "unknown" && this.#registered.has(origin));
    return !(down && this.#upstream.health !== undefined) && !isEjected(health.traffic, now);
  }

  /** Whether the last outcome of the origin's traffic was a failure. */
  isFailing(origin: OriginName): boolean {
    return (this.#byOrigin.get(origin)?.traffic.failuresInRow ?? 0) > 0;
  }

  /** Whether connections to it have failed in a row, though its pool cannot spare it. */
  isSuspect(origin: OriginName, now: Millis): boolean {
    const health = this.#byOrigin.get(origin);
    return health !== undefined && isSuspect(health.traffic, now);
  }

  /** It is ejected, but probes find it well: sessions that are bound to it stay, since it serves them. */
  keepsSessions(origin: OriginName, now: Millis): boolean {
    const health = this.#byOrigin.get(origin);
    if (health === undefined || !isEjected(health.traffic, now)) return false;
    return groundOf(health.traffic) !== "lost" && isProbedGood(health.verdict);
  }

  /**
   * How many requests may be open there at once while the origin shows that it is well again; `undefined`: no such limit. None where its
   * pool has no other that serves; nor where sessions have stayed, which show it, too.
   */
  trialLimit(origin: OriginName, isUp: (origin: OriginName) => boolean, now: Millis): number | undefined {
    const health = this.#byOrigin.get(origin);
    if (health === undefined || !isOnTrial(health.traffic, now)) return undefined;
    const haveStayed =
      this.#upstream.sticky !== undefined &&
      groundOf(health.traffic) !== "lost" &&
      isProbedGood(health.verdict);
    return !haveStayed && this.#hasOthers(origin, isUp, now) ? 1 : undefined;
  }

  /** What follows for the origin's status from its having begun to serve a while ago, or being back from an ejection. */
  slowStartOf(origin: OriginName, now: Millis): Pick<OriginStatus, "warmth"> | undefined {
    const { slowStartMs } = this.#upstream;
    if (slowStartMs === undefined) return undefined;
    const { startedMs = -Infinity, traffic } = this.#byOrigin.get(origin) ?? {};
    const sinceMs = Math.max(startedMs, traffic?.ejectedUntilMs ?? -Infinity);
    const part = warmth(sinceMs, slowStartMs, now);
    return part < 1 ? { warmth: part } : undefined;
  }

  /** The origin begins to serve now, by an operator's order. What to persist; `undefined`: there is no such origin. */
  beginService(origin: OriginName, now: Millis): OriginHealth | undefined {
    const health = this.#byOrigin.get(origin);
    if (health === undefined) return undefined;
    const next = { ...health, startedMs: now };
    this.#byOrigin.set(origin, next);
    return next;
  }

  /**
   * Folds in one probe; `undefined` if it changed nothing. Probes that see an origin come back pardon what
   * traffic held against it. Also a row of probes that has not yet changed the verdict is to be persisted:
   * an object may be evicted between any two of them, and would otherwise never count to `fall`.
   */
  probed(result: ProbeResult, now: Millis): Probed | undefined {
    const rules = this.#upstream.health;
    const health = this.#byOrigin.get(result.origin);
    if (rules === undefined || health === undefined) return undefined;
    const { verdict, changed } = observeProbe(health.verdict, result.good, rules, now);
    // A probe is a connection, too: where a later one succeeds, those of traffic need not be feared.
    const { suspectSinceMs = -Infinity } = health.traffic;
    const later = (result.startedMs ?? now) >= suspectSinceMs;
    const cleared = result.good && later && isSuspect(health.traffic, now);
    const startedMs = result.startedMs ?? now;
    const traffic = cleared
      ? observeSuccess(health.traffic, now)
      : observeProbeOf(health.traffic, { good: result.good, startedMs }, rules.rise, now);
    if (verdict === health.verdict && traffic === health.traffic) return undefined;
    const answersAgain = isEjected(health.traffic, now) && !isEjected(traffic, now);
    const cameBack = changed && health.verdict.state === "unhealthy";
    const begins = cameBack || answersAgain || (changed && this.#registered.has(result.origin));
    const next = {
      ...health,
      verdict,
      traffic: cameBack ? pardon(traffic, now) : traffic,
      ...(begins && { startedMs: now }),
    };
    this.#byOrigin.set(result.origin, next);
    if (!(changed || answersAgain) || verdict.state === "unknown") return { health: next };
    const { origin, hint } = result;
    const seen = { evidence: `probe: ${result.evidence}`, ...(hint !== undefined && { hint }) };
    return { health: next, transition: { origin, to: verdict.state, ...seen, health: next } };
  }

  /** Folds in how attempts ended, or one more word about that. */
  observed(
    run: OutcomeRun,
    now: Millis,
    { isUp = () => true, holder }: Telling = {},
  ): HealthTransition | undefined {
    if (this.#upstream.passive === undefined) return undefined;
    return this.#traffic.observed(run, holder, {
      now,
      of: (origin) => this.#byOrigin.get(origin),
      keep: (origin, health) => this.#byOrigin.set(origin, health),
      serves: (origin) => isUp(origin) && this.isHealthy(origin, now),
      canSpare: (origin) => this.#canSpare(origin, isUp, now),
    });
  }

  /** Holders whose word was set aside since this was asked last. */
  takeWordsSetAside(): readonly WordSetAside[] {
    return this.#traffic.takeWordsSetAside();
  }

  /** Origins that have lost connections and are not back, and for how long the one that lost them last has been gone. */
  lostOrigins(now: Millis): { readonly origins: readonly OriginName[]; readonly forMs: Millis } {
    const origins: OriginName[] = [];
    let forMs = Infinity;
    for (const [origin, { traffic, verdict }] of this.#byOrigin) {
      if (traffic.lostSinceMs === undefined) continue;
      const isGone = isEjected(traffic, now) || isSuspect(traffic, now) || verdict.state === "unhealthy";
      if (!isGone) continue;
      origins.push(origin);
      forMs = Math.min(forMs, now - traffic.lostSinceMs);
    }
    return { origins, forMs };
  }

  /** Whether the origin's pool may lose it: not the last one that serves, nor more than the pool's share. */
  #canSpare(name: OriginName, isUp: (origin: OriginName) => boolean, now: Millis): boolean {
    const { origins = [] } = this.#poolOf(name) ?? {};
    const ejected = origins.filter((origin) => origin.name !== name && this.#isEjected(origin, now)).length;
    return this.#hasOthers(name, isUp, now) && ejected < maxEjected(origins.length);
  }

  #hasOthers(name: OriginName, isUp: (origin: OriginName) => boolean, now: Millis): boolean {
    const { origins = [] } = this.#poolOf(name) ?? {};
    return origins.some(
      (other) =>
        other.name !== name && other.weight > 0 && isUp(other.name) && this.isHealthy(other.name, now),
    );
  }

  #poolOf(name: OriginName): Pool | undefined {
    return this.#upstream.pools.find(({ origins }) => origins.some((origin) => origin.name === name));
  }

  #isEjected(origin: Origin, now: Millis): boolean {
    const health = this.#byOrigin.get(origin.name);
    return health !== undefined && isEjected(health.traffic, now);
  }
}
