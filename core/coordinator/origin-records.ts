/**
 * How each origin of an upstream stands, slots apart: what probes and traffic say of it, what its operator has ordered,
 * what it says of itself, and what it has answered.
 */
import { HealthBook } from "../health/health-book.ts";
import type { HealthTransition } from "../health/transition.ts";
import { BusyOrigins } from "../health/too-busy.ts";
import { EvidenceBook } from "../health/trouble.ts";
import { OriginReports } from "../load/origin-report.ts";
import { Departures, type Departure } from "../membership/departures.ts";
import { noOverride, obey, type OperatorOrder, type OperatorOverride } from "../model/operator.ts";
import type { OriginStatus } from "../model/origin-status.ts";
import type { Millis, OriginName, Upstream } from "../model/upstream.ts";
import { urgentProbes } from "../probes/schedule.ts";
import type { HolderId } from "../protocol/exchange.ts";
import type { OriginsOut } from "../protocol/origins-out.ts";
import type { OutcomeRun } from "../protocol/outcome.ts";
import type { ProbeResult, UrgentProbes } from "../protocol/probe-round.ts";
import { OriginTraffic } from "../stats/origin-traffic.ts";
import type { Outbox } from "./outbox.ts";
import { rows } from "./rows.ts";
import type { SavedState } from "./saved-state.ts";

/** What keeps requests away from an origin: its operator, or that it leaves. */
export type OutOrder = Pick<OperatorOverride, "state" | "order" | "orderedMs">;

/** No life of an object has more orders than this, so that none has a version that was seen in an earlier one. */
const ordersALife = 1_000_000;

export class OriginRecords {
  readonly #outbox: Outbox;
  readonly #upstreamName: string;
  readonly health: HealthBook;
  readonly evidence = new EvidenceBook();
  readonly #busy: BusyOrigins;
  readonly #overrides: Map<OriginName, OperatorOverride>;
  readonly #departures = new Departures();
  readonly traffic = new OriginTraffic();
  readonly reports: OriginReports;
  /** When the last round of probes came in. */
  probedMs: Millis | undefined;
  /** The versions of earlier lives of the object are not above this. */
  readonly #earlier: number;
  #out: OriginsOut;

  constructor(
    upstream: Upstream,
    saved: Pick<SavedState, "epoch" | "health" | "overrides">,
    outbox: Outbox,
    now: Millis,
  ) {
    this.#outbox = outbox;
    this.#upstreamName = upstream.name;
    this.health = new HealthBook(upstream, saved.health, now);
    this.#busy = new BusyOrigins(upstream);
    this.#overrides = new Map(saved.overrides);
    this.#earlier = (saved.epoch - 1) * ordersALife;
    this.#out = outBy(latestOf(this.#overrides), this.#overrides, this.#departures.all);
    this.reports = new OriginReports(upstream.loadReports);
    this.#follow(upstream, now);
  }

  /** Keeps what is known of origins that stay. */
  reconfigure(upstream: Upstream, now: Millis): void {
    const origins = upstream.pools.flatMap((pool) => pool.origins);
    this.health.reconfigure(upstream, now);
    this.evidence.forget();
    this.#busy.reconfigure(upstream);
    this.traffic.keep(origins);
    this.reports.reconfigure(origins, upstream.loadReports);
    this.#follow(upstream, now);
  }

  /** Members come and go. In an earlier life of the object holders may have been told of some that are back: they are told anew. */
  #follow({ pools }: Upstream, now: Millis): void {
    const origins = pools.flatMap((pool) => pool.origins);
    const hasChanged = this.#departures.follow(origins, this.#nextOrder, now);
    const isNew = this.#out.version <= this.#earlier && origins.some(({ registered }) => registered === true);
    if (hasChanged || isNew) this.#tell();
  }

  readonly #nextOrder = (): number => Math.max(this.#out.version, this.#earlier) + 1;

  #tell(): void {
    this.#out = outBy(this.#nextOrder(), this.#overrides, this.#departures.all);
  }

  /** Takes in how attempts on an origin of the upstream ended, as `holder` tells. */
  recordOutcomes(run: OutcomeRun, holder: HolderId, now: Millis): void {
    if (run.confirms !== true) {
      this.traffic.add(run);
      this.#busy.recordOutcomes(run, now);
      this.reports.recordReport(run, now);
    }
    const transition = this.health.observed(run, now, { isUp: this.#isUp, holder });
    for (const word of this.health.takeWordsSetAside())
      this.#outbox.log({ event: "word-set-aside", upstream: this.#upstreamName, ...word });
    if (transition === undefined) return;
    this.evidence.judgedByTraffic(transition, now);
    this.#outbox.put(rows.health.of(transition.origin), transition.health);
    this.#tellHealth(transition);
  }

  #tellHealth({ origin, to, by, evidence, hint, isUrgent }: HealthTransition): void {
    this.#outbox.log({ event: "health", upstream: this.#upstreamName, origin, to, by, evidence, hint });
    if (isUrgent === true) this.#outbox.hurryProbes();
  }

  /** Takes in a round of probes. `statusOf`: with the slots that are in use. */
  probed(results: readonly ProbeResult[], statusOf: (origin: OriginName) => OriginStatus, now: Millis): void {
    this.probedMs = now;
    for (const result of results) {
      if (this.#busy.excuses(result, statusOf(result.origin), now)) continue;
      this.evidence.probed(result, now);
      const probed = this.health.probed(result, now);
      if (probed === undefined) continue;
      this.#outbox.put(rows.health.of(result.origin), probed.health);
      if (probed.transition !== undefined) this.#tellHealth(probed.transition);
    }
  }

  /** The origins that probes are to say of soon whether they are back. */
  urgentProbes(now: Millis): UrgentProbes | undefined {
    const { origins, forMs } = this.health.lostOrigins(now);
    return urgentProbes(origins, forMs);
  }

  /** One of the upstream's, or one that has left it under an operator's order. */
  knows(origin: OriginName): boolean {
    return this.health.of(origin) !== undefined || this.#overrides.has(origin);
  }

  /** Carries out an operator's order; whether it changes anything. An origin that was down starts slowly. */
  operate(origin: OriginName, order: OperatorOrder, now: Millis): boolean {
    const before = this.overrideOf(origin);
    const { state, pinEpoch } = obey(before, order);
    if (state === before.state) return false;
    const override = { state, pinEpoch, order: this.#nextOrder(), orderedMs: now };
    this.#overrides.set(origin, override);
    this.#tell();
    this.#outbox.put(rows.overrides.of(origin), override);
    const health =
      before.state === "down" && state === "up" ? this.health.beginService(origin, now) : undefined;
    if (health !== undefined) this.#outbox.put(rows.health.of(origin), health);
    return true;
  }

  /** A member that leaves takes nothing any more, not even of sessions that are bound to it. */
  close(member: OriginName): void {
    if (this.#departures.close(member, this.#nextOrder)) this.#tell();
  }

  /** What keeps requests away from the origin; the stricter, if it leaves and its operator has an order, too. */
  orderOf(origin: OriginName): OutOrder {
    const override = this.overrideOf(origin);
    const departure = this.#departures.of(origin);
    return departure === undefined || strictness(override) >= strictness(departure) ? override : departure;
  }

  /** The log was told that the origin may be stopped. */
  told(origin: OriginName, now: Millis): void {
    const override = { ...this.overrideOf(origin), safeMs: now };
    this.#overrides.set(origin, override);
    this.#outbox.put(rows.overrides.of(origin), override);
  }

  /** What holders are to know of the orders. */
  get out(): OriginsOut {
    return this.#out;
  }

  /** Origins of which there is an order. */
  get ordered(): OriginName[] {
    return [...this.#overrides.keys()];
  }

  readonly overrideOf = (origin: OriginName): OperatorOverride => this.#overrides.get(origin) ?? noOverride;

  /** The origin's status, with the slots that are in use and taken. */
  statusOf(
    origin: OriginName,
    slots: Pick<OriginStatus, "inFlight" | "ageMs" | "taken" | "coming">,
    now: Millis,
  ): OriginStatus {
    return {
      healthy: this.health.isHealthy(origin, now),
      failing: this.health.isFailing(origin),
      suspect: this.health.isSuspect(origin, now),
      ...(this.health.keepsSessions(origin, now) && { keepsSessions: true }),
      operator: this.orderOf(origin).state,
      ...this.health.slowStartOf(origin, now),
      ...this.reports.statusOf(origin, now),
      ...slots,
    };
  }

  /** How many requests may be open on the origin at once, by its trial; `undefined`: it has none to pass. */
  trialLimit(origin: OriginName, now: Millis): number | undefined {
    return this.health.trialLimit(origin, this.#isUp, now);
  }

  /** The status with the limit of the origin's trial, if it is on trial; that limit takes no machine's place. */
  onTrial(origin: OriginName, status: OriginStatus, now: Millis): OriginStatus {
    const trial = this.trialLimit(origin, now);
    if (trial === undefined) return status;
    const { limit = Infinity, capacity = limit } = status;
    return { ...status, limit: Math.min(limit, trial), capacity };
  }

  readonly #isUp = (origin: OriginName): boolean => this.overrideOf(origin).state === "up";
}

function outBy(
  version: number,
  overrides: ReadonlyMap<OriginName, OperatorOverride>,
  departures: ReadonlyMap<OriginName, Departure>,
): OriginsOut {
  const of = (state: OperatorOverride["state"]): OriginName[] => [
    ...new Set(
      [...overrides, ...departures].flatMap(([origin, order]) => (order.state === state ? [origin] : [])),
    ),
  ];
  return { version, draining: of("draining"), down: of("down") };
}

/** Orders that were given before they had versions count as the first. */
function latestOf(overrides: ReadonlyMap<OriginName, OperatorOverride>): number {
  const versions = Array.from(overrides.values(), ({ state, order = state === "up" ? 0 : 1 }) => order);
  return Math.max(0, ...versions);
}

const strictness = ({ state }: OutOrder): number => ["up", "draining", "down"].indexOf(state);
