/** An upstream's live state as operators, the CLI and metrics see it. Part of the API's contract. */
import type { PoolBill } from "../budget/budgets.ts";
import type { BurstView, BurstWatch } from "../burst/burst-watch.ts";
import type { CapacityView } from "../capacity/home-capacity.ts";
import { isEjected } from "../health/ejection.ts";
import type { OriginHealth } from "../health/health-book.ts";
import type { EvidenceBook, Trouble } from "../health/trouble.ts";
import type { DrainWait } from "../ledger/drain-confirmation.ts";
import type { OriginReports, ReportView } from "../load/origin-report.ts";
import type { MemberView } from "../membership/members.ts";
import type { OperatorOverride } from "../model/operator.ts";
import type { OperatorState, OriginStatus } from "../model/origin-status.ts";
import type { Millis, Origin, OriginName, PolicyName, PoolName, Upstream } from "../model/upstream.ts";
import type { QueueView } from "../queue/request-queue.ts";
import { obstacle } from "../selection/eligible.ts";
import type { TrafficView } from "../stats/origin-traffic.ts";
import type { DrainView } from "./drains.ts";

export interface OriginView {
  readonly name: OriginName;
  readonly weight: number;
  /** `null`: no limit. */
  readonly maxConns: number | null;
  /** What it can have open, as found out; `null`: the config says it. */
  readonly capacity: CapacityView | null;
  readonly backup: boolean;
  /** Slots in use, fleet-wide. */
  readonly inFlight: number;
  /** Slots that isolates were lent beyond these. */
  readonly lent: number;
  /** Requests that may be open there: both together. */
  readonly stillOpen: number;
  /** Whether it can be stopped without a request being lost, and what stands in the way. */
  readonly safeToStop: boolean;
  readonly waitingFor: readonly DrainWait[];
  /** What probes say, and since when (milliseconds since 1970). */
  readonly health: "unknown" | "healthy" | "unhealthy";
  readonly healthSinceMs: Millis;
  /** Why it is not well, since when, and what would change it; `null`: it is well, or not known yet. */
  readonly trouble: Trouble | null;
  /** Taken out on the evidence of traffic until this time; `null`: not. */
  readonly ejectedUntilMs: Millis | null;
  readonly operator: OperatorState;
  /** Sessions bound to it. */
  readonly sessions: number;
  /** Whether the next request may go to it, and if not, why. */
  readonly available: boolean;
  readonly unavailableBecause: string | null;
  /** What it has answered since the object last started. */
  readonly traffic: TrafficView;
  /** What it says of itself; `null`: nothing of late. And how often that was not to be believed. */
  readonly report: ReportView | null;
  readonly reportsRefused: number;
  /** It has registered itself; `null`: it is one of the config's. */
  readonly registered: MemberView | null;
}

export interface PoolView extends PoolBill {
  readonly name: PoolName;
  readonly origins: readonly OriginView[];
}

export interface UpstreamView {
  readonly name: string;
  readonly policy: PolicyName;
  /** Isolates that hold slots, or did a moment ago. */
  readonly holders: number;
  /** When the last round of probes came in, as far as the object remembers; `null`: it was not probed since. */
  readonly probedMs: Millis | null;
  /** Requests that wait for a slot, and how long the one has waited who has waited longest; `null`: none may. */
  readonly queue: QueueView | null;
  /** Sessions that were bound to a later pool and have come home, since the object last lost its memory; `null`: none is moved. */
  readonly sessionsMoved: number | null;
  /** `null`: the config does not ask for bursts to be watched. */
  readonly burst: BurstView | null;
  readonly pools: readonly PoolView[];
}

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

/** What an upstream's object has done since it last started: what it is billed for. It counts for itself. */
export interface ObjectUsage {
  /** Messages of the data path. */
  readonly exchanges: number;
  readonly rowsRead: number;
  readonly rowsWritten: number;
}

/** An upstream in the API's answer. */
export type UpstreamReport = UpstreamView & ObjectUsage;
