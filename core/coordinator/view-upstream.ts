/** What an upstream's live state is made from. What it looks like is in `core/protocol/upstream-view.ts`. */
import type { BurstWatch } from "../burst/burst-watch.ts";
import { isEjected } from "../health/ejection.ts";
import type { OriginHealth } from "../health/health-book.ts";
import type { EvidenceBook } from "../health/trouble.ts";
import type { OriginReports } from "../load/origin-report.ts";
import type { OperatorOverride } from "../model/operator.ts";
import type { OriginStatus } from "../model/origin-status.ts";
import type { Millis, Origin, OriginName, PoolName, Upstream } from "../model/upstream.ts";
import type { MemberView } from "../protocol/members.ts";
import type { TrafficView, CapacityView, DrainView, OriginView } from "../protocol/origin-view.ts";
import type { PoolBill, QueueView, UpstreamView } from "../protocol/upstream-view.ts";
import { obstacle } from "../selection/eligible.ts";

/** What the view is made from. */
export interface ViewSources {
  readonly now: Millis;
  readonly probedMs: Millis | undefined;
  readonly statusOf: (origin: OriginName) => OriginStatus;
  readonly trafficOf: (origin: OriginName) => TrafficView;
  readonly healthOf: (origin: OriginName) => OriginHealth | undefined;
  /** What its operator has ordered. */
  readonly overrideOf: (origin: OriginName) => Pick<OperatorOverride, "state">;
  readonly evidence?: Pick<EvidenceBook, "troubleOf">;
  readonly reports?: OriginReports | undefined;
  readonly sessions: ReadonlyMap<OriginName, number>;
  readonly capacityOf: (origin: OriginName) => CapacityView | null;
  readonly billOf: (pool: PoolName) => PoolBill;
  readonly drainOf: (origin: Origin) => DrainView;
  readonly holders: number;
  readonly queue: QueueView | null;
  readonly sessionsMoved?: number | undefined;
  readonly burst: Pick<BurstWatch, "view"> | undefined;
  readonly memberOf?: MemberOf | undefined;
}

/** What is known of an origin that has registered itself; `undefined`: it has not. */
export type MemberOf = (origin: OriginName) => MemberView | undefined;

const nothingTried: ReadonlySet<OriginName> = new Set();

export function viewUpstream(upstream: Upstream, from: ViewSources): UpstreamView {
  const pools = upstream.pools.map((pool) => ({
    name: pool.name,
    ...from.billOf(pool.name),
    origins: pool.origins.map((origin): OriginView => {
      const status = from.statusOf(origin.name);
      const health = from.healthOf(origin.name);
      const ejected = health !== undefined && isEjected(health.traffic, from.now);
      const reason = obstacle(origin, status, { tried: nothingTried });
      return {
        name: origin.name,
        weight: origin.weight,
        maxConns: origin.maxConns ?? null,
        capacity: from.capacityOf(origin.name),
        backup: origin.backup,
        inFlight: status.inFlight,
        lent: Math.max(0, (status.taken ?? status.inFlight) - status.inFlight),
        stillOpen: status.taken ?? status.inFlight,
        ...from.drainOf(origin),
        health: health?.verdict.state ?? "unknown",
        healthSinceMs: health?.verdict.sinceMs ?? from.now,
        trouble: (health && from.evidence?.troubleOf(origin.name, health, from.now)) ?? null,
        ejectedUntilMs: ejected ? (health.traffic.ejectedUntilMs ?? null) : null,
        operator: from.overrideOf(origin.name).state,
        sessions: from.sessions.get(origin.name) ?? 0,
        available: reason === undefined,
        unavailableBecause: reason === "unhealthy" && ejected ? "ejected" : (reason ?? null),
        traffic: from.trafficOf(origin.name),
        report: from.reports?.viewOf(origin.name, from.now) ?? null,
        reportsRefused: from.reports?.refusedOf(origin.name) ?? 0,
        registered: from.memberOf?.(origin.name) ?? null,
      };
    }),
  }));
  const { name, policy } = upstream;
  const { holders, queue, probedMs = null, sessionsMoved = null } = from;
  const burst = from.burst?.view(from.sessions) ?? null;
  return { name, policy: policy.name, holders, probedMs, queue, sessionsMoved, burst, pools };
}
