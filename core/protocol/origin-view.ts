/** An origin's live state as operators, the CLI and metrics see it. Part of the API's contract. */
import type { OperatorState } from "../model/origin-status.ts";
import type { Millis, OriginName } from "../model/upstream.ts";
import type { HolderId } from "./exchange.ts";
import type { MemberView } from "./members.ts";

export interface TrafficView {
  /** Attempts that were answered as they should be, and that were not. */
  readonly answered: number;
  readonly failed: number;
  /** From sending a request to its response headers, of good answers; `null`: there were none. */
  readonly headerMs: { readonly p50: Millis; readonly p95: Millis; readonly p99: Millis } | null;
}

/** An origin's last report, as people see it. */
export interface ReportView {
  readonly utilisation: number | null;
  readonly drain: boolean;
  readonly ageMs: Millis;
}

/** A capacity as people and metrics see it. Part of the API's contract. */
export interface CapacityView {
  /** Open requests that the origin can have, as far as it is known. */
  readonly slots: number;
  /** What an answer of it takes that does not wait for others; `null`: it is not known yet. */
  readonly unhurriedMs: Millis | null;
  /** When that was measured last (milliseconds since 1970); `null`: never. */
  readonly measuredMs: Millis | null;
  /** It is measured at this moment, and has fewer slots. */
  readonly measuring: boolean;
}

/** What keeps an origin from being well. Part of the API's contract. */
export interface Trouble {
  readonly is: "unhealthy" | "ejected" | "suspect" | "unknown";
  /** `null`: since before this object's memory begins. */
  readonly sinceMs: Millis | null;
  /** What was seen last: `probe: 400 in 5 ms`. */
  readonly evidence: string;
  /** When; `null`: nothing was seen since this object's memory, or this config, began. */
  readonly seenMs: Millis | null;
  /** What to look at, or to change; `null`: nothing is known that would help. */
  readonly hint: string | null;
}

/** What stands in the way of stopping an origin. */
export type DrainWait =
  /** No order keeps requests away from it. */
  | { readonly why: "in-service" }
  /**
   * Requests of sessions that are bound to it still go there, as long as it is not `down`. Until then some may come that are not
   * counted, since they have made only one request so far.
   */
  | { readonly why: "sessions"; readonly untilMs: Millis }
  /** The holder has so many requests open there, or may have. */
  | { readonly why: "open"; readonly holder: HolderId; readonly open: number }
  /** The holder has not said yet that it knows the order; it will have by then, or need not. */
  | { readonly why: "unconfirmed"; readonly holder: HolderId; readonly untilMs: Millis }
  /** The holder has fallen silent with requests: it may go on with what it was told last until then. */
  | { readonly why: "silent"; readonly holder: HolderId; readonly untilMs: Millis }
  /** The object has lost its memory: holders that it does not remember may go by what they were told before. */
  | { readonly why: "restarted"; readonly untilMs: Millis }
  /** The last answers are on their way. */
  | { readonly why: "settling"; readonly untilMs: Millis };

/** Whether an origin may be stopped. */
export interface DrainView {
  /** Nothing is open there, and nothing begins before its operator says so. */
  readonly safeToStop: boolean;
  /** What stands in the way; empty when nothing does. The first of many. */
  readonly waitingFor: readonly DrainWait[];
}

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
  /** What it reports of itself; `null`: no report that still holds. And how many reports were not believed. */
  readonly report: ReportView | null;
  readonly reportsRefused: number;
  /** It has registered itself; `null`: it is one of the config's. */
  readonly registered: MemberView | null;
}
