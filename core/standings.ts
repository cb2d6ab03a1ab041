/**
 * How each origin of an upstream stands, slots apart: what probes and traffic say of it, what its operator has ordered,
 * what it says of itself, and what it has answered.
 */
import { toChange, type Change, type SavedState } from "./effects.ts";
import { HealthBook, type HealthTransition, type ProbeResult } from "./health/health-book.ts";
import type { OutcomeRun } from "./leases/exchange.ts";
import { OriginReports } from "./load/origin-report.ts";
import { noOverride, obey, type OperatorOrder, type OperatorOverride } from "./operator.ts";
import type { OriginStatus } from "./selection/eligible.ts";
import { OriginTraffic } from "./stats/origin-traffic.ts";
import type { Millis, OriginName, Upstream } from "./upstream.ts";
import type { ViewSources } from "./upstream-view.ts";

/** What has changed, to be persisted, and which origins serve or do not from now on. */
export interface Judged {
  readonly changes: Change[];
  readonly transitions: HealthTransition[];
}

export class Standings {
  readonly #health: HealthBook;
  readonly #overrides: Map<OriginName, OperatorOverride>;
  readonly #traffic = new OriginTraffic();
  readonly #reports: OriginReports;
  #probedMs: Millis | undefined;

  constructor(upstream: Upstream, saved: Pick<SavedState, "health" | "overrides">, now: Millis) {
    this.#health = new HealthBook(upstream, saved.health, now);
    this.#overrides = new Map(saved.overrides);
    this.#reports = new OriginReports(upstream.loadReports);
  }

  /** Keeps what is known of origins that stay. */
  reconfigure(upstream: Upstream, now: Millis): void {
    const origins = upstream.pools.flatMap((pool) => pool.origins);
    this.#health.reconfigure(upstream, now);
    this.#traffic.keep(origins);
    this.#reports.reconfigure(origins, upstream.loadReports);
  }

  /** Takes in how attempts on an origin of the upstream ended. */
  heard(run: OutcomeRun, now: Millis): Judged {
    this.#traffic.add(run);
    this.#reports.heard(run, now);
    const transition = this.#health.observed(run, now, this.#isUp);
    if (transition === undefined) return { changes: [], transitions: [] };
    return { changes: [toChange(transition)], transitions: [transition] };
  }

  /** Takes in a round of probes. */
  probed(results: readonly ProbeResult[], now: Millis): Judged {
    this.#probedMs = now;
    const judged: Judged = { changes: [], transitions: [] };
    for (const result of results) {
      const probed = this.#health.probed(result, now);
      if (probed === undefined) continue;
      judged.changes.push({ kind: "health", origin: result.origin, health: probed.health });
      if (probed.transition !== undefined) judged.transitions.push(probed.transition);
    }
    return judged;
  }

  /** One of the upstream's, or one that has left it under an operator's order. */
  knows(origin: OriginName): boolean {
    return this.#health.of(origin) !== undefined || this.#overrides.has(origin);
  }

  /** Carries out an operator's order. One that was down starts slowly. */
  operate(origin: OriginName, order: OperatorOrder, now: Millis): Change[] {
    const before = this.overrideOf(origin);
    const override = obey(before, order);
    this.#overrides.set(origin, override);
    const changes: Change[] = [{ kind: "override", origin, override }];
    if (before.state !== "down" || override.state !== "up") return changes;
    const health = this.#health.started(origin, now);
    return health === undefined ? changes : [...changes, { kind: "health", origin, health }];
  }

  readonly overrideOf = (origin: OriginName): OperatorOverride => this.#overrides.get(origin) ?? noOverride;

  /** The origin's status, with the slots that are in use and taken. */
  statusOf(origin: OriginName, slots: Pick<OriginStatus, "inFlight" | "taken">, now: Millis): OriginStatus {
    return {
      healthy: this.#health.isHealthy(origin, now),
      failing: this.#health.isFailing(origin),
      suspect: this.#health.isSuspect(origin, now),
      operator: this.overrideOf(origin).state,
      ...this.#health.slowStartOf(origin, now),
      ...this.#reports.statusOf(origin, now),
      ...slots,
    };
  }

  /** For people and metrics. */
  get view(): Pick<ViewSources, "probedMs" | "trafficOf" | "reports" | "healthOf"> {
    return {
      probedMs: this.#probedMs,
      trafficOf: (origin) => this.#traffic.viewOf(origin),
      reports: this.#reports,
      healthOf: (origin) => this.#health.of(origin),
    };
  }

  readonly #isUp = (origin: OriginName): boolean => this.overrideOf(origin).state === "up";
}
