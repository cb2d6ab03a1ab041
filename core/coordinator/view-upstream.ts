/** An upstream's live state for people and metrics, made from what its object knows. */
import type { Budgets } from "../budget/budgets.ts";
import { isEjected } from "../health/ejection.ts";
import type { OriginsNow } from "../model/origin-status.ts";
import type { OriginName, PoolName, Upstream } from "../model/upstream.ts";
import type { MemberView } from "../protocol/members.ts";
import type { OriginView } from "../protocol/origin-view.ts";
import type { SpillReason } from "../protocol/pick.ts";
import type { PoolTally, QueueView, UpstreamView } from "../protocol/upstream-view.ts";
import { obstacle } from "../selection/eligible.ts";
import type { FleetCounts } from "../telemetry/fleet-counts.ts";
import type { Drains } from "./drains.ts";
import type { Home } from "./home.ts";
import type { OriginRecords } from "./origin-records.ts";

export interface ViewSources extends OriginsNow {
  readonly records: OriginRecords;
  readonly home: Home;
  readonly budgets: Budgets;
  readonly counts: FleetCounts;
  readonly drains: Drains;
  /** Bound to each origin. */
  readonly sessions: ReadonlyMap<OriginName, number>;
  readonly holders: number;
  readonly queue: QueueView | null;
  readonly memberOf: MemberOf | undefined;
}

/** What is known of an origin that has registered itself; `undefined`: it has not. */
export type MemberOf = (origin: OriginName) => MemberView | undefined;

export function viewUpstream(upstream: Upstream, from: ViewSources): UpstreamView {
  const { now, records, home, sessions, holders, queue } = from;
  const pools = upstream.pools.map((pool) => ({
    name: pool.name,
    ...tallyOf(pool.name, from.counts),
    budget: from.budgets.viewOf(pool.name, now),
    origins: pool.origins.map((origin): OriginView => {
      const status = from.statusOf(origin.name);
      const health = records.health.of(origin.name);
      const ejected = health !== undefined && isEjected(health.traffic, now);
      const reason = obstacle(origin, status, {});
      return {
        name: origin.name,
        weight: origin.weight,
        maxConns: origin.maxConns ?? null,
        capacity: home.capacity?.view(origin.name, now) ?? null,
        backup: origin.backup,
        inFlight: status.inFlight,
        lent: Math.max(0, (status.taken ?? status.inFlight) - status.inFlight),
        stillOpen: status.taken ?? status.inFlight,
        ...from.drains.view(origin, now),
        health: health?.verdict.state ?? "unknown",
        healthSinceMs: health?.verdict.sinceMs ?? now,
        trouble: (health && records.evidence.troubleOf(origin.name, health, now)) ?? null,
        ejectedUntilMs: ejected ? (health.traffic.ejectedUntilMs ?? null) : null,
        operator: records.overrideOf(origin.name).state,
        sessions: sessions.get(origin.name) ?? 0,
        available: reason === undefined,
        unavailableBecause: reason === "unhealthy" && ejected ? "ejected" : (reason ?? null),
        traffic: records.traffic.viewOf(origin.name),
        report: records.reports.viewOf(origin.name, now),
        reportsRefused: records.reports.refusedOf(origin.name),
        registered: from.memberOf?.(origin.name) ?? null,
      };
    }),
  }));
  const { name, policy } = upstream;
  const { probedMs = null } = records;
  const { sessionsMoved = null } = home;
  const burst = home.burst?.view(sessions) ?? null;
  const counters = from.counts.view();
  return { name, policy: policy.name, holders, probedMs, queue, sessionsMoved, burst, counters, pools };
}

function tallyOf(pool: PoolName, counts: FleetCounts): PoolTally {
  const spilled = (reason: SpillReason): number => counts.of("spilled", { pool, reason });
  return {
    spilled: {
      peak: spilled("peak"),
      downtime: spilled("downtime"),
      drain: spilled("drain"),
      policy: spilled("policy"),
      budget: spilled("budget"),
    },
    refused: counts.of("refused", { pool }),
    bytes: counts.of("bytes", { pool }),
  };
}
