/**
 * What real traffic makes of origins: each outcome goes to the judges (`judges/`), and what they accuse an origin of has its
 * consequence (`ejection.ts`). One holder's word is set aside where only its own way to the origins fails (`judges/one-holder.ts`).
 */
import type { Millis, OriginName, Pool, Upstream } from "../model/upstream.ts";
import type { HolderId } from "../protocol/exchange.ts";
import type { OutcomeRun } from "../protocol/outcome.ts";
import type { HealthEvent } from "../telemetry/events.ts";
import {
  convict,
  countFailure,
  isEjected,
  isOnTrial,
  observeFailedTrial,
  observeSuccess,
  type Circumstances,
  type JudgedTraffic,
} from "./ejection.ts";
import type { Accusation } from "./judges/judge.ts";
import { Judges, type Surroundings } from "./judges/judges.ts";
import { HolderWords, type WordSetAside } from "./judges/one-holder.ts";
import { isProbedGood, transitionBy, type HealthTransition, type OriginHealth } from "./transition.ts";

/** How health stands as a whole, at one moment. */
export interface HealthNow {
  readonly now: Millis;
  readonly of: (origin: OriginName) => OriginHealth | undefined;
  readonly keep: (origin: OriginName, health: OriginHealth) => void;
  readonly serves: (origin: OriginName) => boolean;
  /** Whether the origin's pool may lose it. */
  readonly canSpare: (origin: OriginName) => boolean;
}

export class TrafficHealth {
  #upstream: Upstream;
  readonly #judges: Judges;
  readonly #words = new HolderWords();

  constructor(upstream: Upstream) {
    this.#upstream = upstream;
    this.#judges = new Judges(upstream);
  }

  /** Keeps what was seen of origins that stay. */
  reconfigure(upstream: Upstream): void {
    this.#upstream = upstream;
    this.#judges.reconfigure(upstream);
  }

  /** Folds in how attempts ended. `holder`: the one that tells; `undefined`: it is not known. */
  observed(run: OutcomeRun, holder: HolderId | undefined, health: HealthNow): HealthTransition | undefined {
    const { now } = health;
    const known = health.of(run.origin);
    if (known === undefined || this.#isSetAside(run, holder, now)) return undefined;
    if (run.ok) {
      const traffic = observeSuccess(known.traffic, now, run.count);
      if (traffic !== known.traffic) health.keep(run.origin, { ...known, traffic });
      const accusation = this.#judges.good(run, now, this.#surroundings(health));
      return accusation && this.#accuse(run, accusation, health);
    }
    if (isEjected(known.traffic, now)) return undefined;
    const accusation = this.#failed(run, known, health);
    return this.#observeTrial(run, health) ?? (accusation && this.#accuse(run, accusation, health));
  }

  /** Holders whose word was set aside since this was asked last. */
  takeWordsSetAside(): readonly WordSetAside[] {
    return this.#words.take();
  }

  #isSetAside(run: OutcomeRun, holder: HolderId | undefined, now: Millis): boolean {
    const pool = this.#poolOf(run.origin);
    if (holder === undefined || pool === undefined || run.confirms === true) return false;
    const { origin, ok, count = 1 } = run;
    this.#words.note({ holder, origin, good: ok ? count : 0, failed: ok ? 0 : 1 }, now);
    return !ok && this.#words.isSetAside(holder, origin, pool, now);
  }

  #failed(run: OutcomeRun, known: OriginHealth, health: HealthNow): Accusation | undefined {
    const around = this.#surroundings(health);
    if (run.confirms === true) return this.#judges.confirmed(run, health.now, around);
    health.keep(run.origin, { ...known, traffic: countFailure(known.traffic, health.now) });
    return this.#judges.failed(run, health.now, around);
  }

  #accuse(run: OutcomeRun, { by, of, reason }: Accusation, health: HealthNow): HealthTransition | undefined {
    const evidence = run.ok ? reason : `${reason}, last: ${run.detail ?? "failed"}`;
    return this.#follow(run, { by, evidence }, health, ({ traffic }, rules, circumstances) =>
      convict(traffic, rules, { ...circumstances, ground: of }, health.now),
    );
  }

  /** A failure of an origin on trial counts if it is not one client's, or if no probe speaks for the origin. */
  #observeTrial(run: OutcomeRun, health: HealthNow): HealthTransition | undefined {
    const known = health.of(run.origin);
    if (known === undefined || !isOnTrial(known.traffic, health.now)) return undefined;
    const isSure = this.#judges.isBorneOut(run.origin);
    if (!isSure && (run.confirms === true || run.bound === true || this.#isProbedGood(known)))
      return undefined;
    const evidence = `failed on trial: ${run.detail ?? "failed"}`;
    return this.#follow(run, { by: "trial", evidence }, health, ({ traffic }, rules, circumstances) =>
      observeFailedTrial(traffic, rules, { ...circumstances, isSure }, health.now),
    );
  }

  #follow(
    { origin }: OutcomeRun,
    { by, evidence }: Required<Pick<HealthEvent, "by" | "evidence">>,
    health: HealthNow,
    judge: (
      known: OriginHealth,
      rules: NonNullable<Upstream["passive"]>,
      circumstances: Omit<Circumstances, "ground">,
    ) => JudgedTraffic,
  ): HealthTransition | undefined {
    const { passive: rules, health: probes } = this.#upstream;
    const known = health.of(origin);
    if (known === undefined || rules === undefined) return undefined;
    const isProbed = probes !== undefined;
    const isProbedBad = isProbed && known.verdict.state !== "unknown" && !isProbedGood(known.verdict);
    const { record, became } = judge(known, rules, {
      mayEject: health.canSpare(origin),
      isProbed,
      isProbedBad,
    });
    const next = { ...known, traffic: record };
    health.keep(origin, next);
    if (became === undefined) return undefined;
    // What is seen of it when it is back is to be judged by itself.
    if (became === "ejected") this.#judges.forget(origin);
    return transitionBy(origin, { to: became, by, evidence, health: next }, health.now);
  }

  #surroundings({ of, serves }: HealthNow): Surroundings {
    return { isProbedGood: (origin) => this.#isProbedGood(of(origin)), serves };
  }

  #isProbedGood(known: OriginHealth | undefined): boolean {
    return this.#upstream.health !== undefined && known !== undefined && isProbedGood(known.verdict);
  }

  #poolOf(name: OriginName): Pool | undefined {
    return this.#upstream.pools.find(({ origins }) => origins.some((origin) => origin.name === name));
  }
}
