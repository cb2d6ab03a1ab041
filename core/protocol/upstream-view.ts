/** An upstream's live state as operators, the CLI and metrics see it. Part of the API's contract. */
import type { BurstValues, BurstState } from "../model/burst-rules.ts";
import type { Millis, WhenUsedUp, PolicyName, PoolName } from "../model/upstream.ts";
import type { OriginView } from "./origin-view.ts";
import type { SpillReason } from "./pick.ts";

/** What a limit has left; of money in the operator's currency. */
export interface LimitView {
  readonly limit: number;
  /** In this hour, or day; after a loss of memory perhaps a little more than there was. */
  readonly spent: number;
  readonly left: number;
  /** When the next hour, or day, begins (milliseconds since 1970). */
  readonly renewsMs: Millis;
}

export interface BudgetView {
  readonly whenUsedUp: WhenUsedUp;
  readonly isUsedUp: boolean;
  /** `null`: there is no such limit. */
  readonly requestsPerHour: LimitView | null;
  readonly moneyPerDay: LimitView | null;
}

export interface PoolTally {
  /** Requests that came by spilling, by reason: as many as the log has lines that say so (of one that was retried, the last attempt). */
  readonly spilled: Readonly<Record<SpillReason, number>>;
  /** Requests refused because its budget was used up. */
  readonly refused: number;
  /** Bytes of responses' bodies, where the pool's cost goes by them. */
  readonly bytes: number;
}

/** A pool's bill, since the object last started, and what its budget has left; `null`: it has none. */
export interface PoolBill extends PoolTally {
  readonly budget: BudgetView | null;
}

export interface QueueView {
  readonly length: number;
  /** The most that may wait for slots of home at this moment: what the config says, or what can be served in time. */
  readonly limit: number;
  readonly longestMs: Millis;
  /** How long the first request should wait before it goes to a later pool; `null`: no request waits, or it has no later pool. */
  readonly worthMs: Millis | null;
}

/** A burst as people and metrics see it. Part of the API's contract. */
export interface BurstView {
  readonly state: BurstState;
  readonly sinceMs: Millis;
  /** What brought it there; empty: nothing yet. */
  readonly evidence: string;
  /** What was seen of home last. */
  readonly values: BurstValues;
  /** Moved home after a burst, since the object last started. */
  readonly sessionsMoved: number;
  /** Bound to origins of later pools. */
  readonly sessionsInCloud: number;
}

/** Of a counter, how many for these values of its labels. */
export interface CountView {
  readonly labels: Readonly<Record<string, string>>;
  readonly count: number;
}

/** By counter (`core/telemetry/counters.ts`). */
export type CountersView = Readonly<Record<string, readonly CountView[]>>;

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
  /** Requests that wait for a slot, and the longest time that one of them has waited; `null`: none may wait. */
  readonly queue: QueueView | null;
  /** Sessions that were bound to a later pool and have come home, since the object last lost its memory; `null`: none is moved. */
  readonly sessionsMoved: number | null;
  /** `null`: the config does not ask for bursts to be watched. */
  readonly burst: BurstView | null;
  /** What the fleet has counted, since the object last lost its memory. */
  readonly counters: CountersView;
  readonly pools: readonly PoolView[];
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
