/**
 * What an upstream is, as the rules see it: pools in order of preference, and in each pool origins that are
 * alike. How an origin is reached (its URL, a binding) is no business of a rule, so it is not here: the
 * config's types extend these (`worker/config/config.ts`).
 */
import type { BurstRules } from "./burst-rules.ts";

/** A point in time or a duration, in milliseconds. The caller's clock; `core/` never reads one. */
export type Millis = number;

export type OriginName = string;
export type PoolName = string;

/** The balancing rules that `core/selection` implements; the config accepts exactly these. */
export const policyNames = [
  "adaptive",
  "round_robin",
  "least_conn",
  "least_time",
  "random_two",
  "peak_ewma",
  "hash",
  "ip_hash",
  "first",
] as const;
export type PolicyName = (typeof policyNames)[number];

/** Which of an answer's two times a rule goes by: that of its headers, or that of its last byte. */
export const answerTimes = ["header", "last_byte"] as const;
export type AnswerTime = (typeof answerTimes)[number];

/** A balancing rule with its options. */
export type Policy =
  | { readonly name: "adaptive" | "round_robin" | "least_conn" | "peak_ewma" | "ip_hash" | "first" }
  | {
      readonly name: "least_time";
      readonly by: AnswerTime;
      /** Requests that are still open count too, by their age. */
      readonly inflight: boolean;
    }
  | { readonly name: "random_two"; readonly by: "least_conn" | "least_time" }
  | {
      readonly name: "hash";
      readonly key: HashKey;
      /** No origin takes more than its share of the open requests, and a quarter. */
      readonly bounded: boolean;
    };

/** What of a request is hashed. `name` is that of the header (lower case), cookie or query parameter. */
export type HashKey =
  | { readonly from: "path" | "address" }
  | { readonly from: "header" | "cookie" | "query"; readonly name: string };

export interface Origin {
  /** Unique in its upstream. */
  readonly name: OriginName;
  /** Relative share, 0–1000. An origin of weight 0 is never picked. */
  readonly weight: number;
  /** The most slots (open requests) it may have, fleet-wide; absent: no limit. */
  readonly maxConns?: number;
  /** Used only while no other origin of its pool can be. */
  readonly backup: boolean;
  /** It has registered itself (`core/membership/`), and serves only when a probe has found it well, if there are probes. */
  readonly registered?: true;
  /** It has registered itself, and is to go: it takes the requests of sessions that are bound to it. */
  readonly leaving?: true;
}

/** What happens when a pool's budget is used up: requests wait at home, the less important go first, or none is served there. */
export const whenUsedUps = ["queue", "shed-low-priority", "fail"] as const;
export type WhenUsedUp = (typeof whenUsedUps)[number];

/** What a pool costs, in the operator's own currency. */
export interface PoolCost {
  /** Money for each request that is sent there, the second attempts included. */
  readonly perRequest: number;
  /** Money for 10^9 bytes of responses' bodies. */
  readonly perGb: number;
}

/** How much may be spent on a pool. At least one of the two limits. */
export interface PoolBudget {
  /** Requests in an hour of UTC. */
  readonly requestsPerHour?: number;
  /** Money in a day of UTC, in the currency of the pool's cost. */
  readonly moneyPerDay?: number;
  readonly whenUsedUp: WhenUsedUp;
}

export interface Pool {
  readonly name: PoolName;
  readonly origins: readonly Origin[];
  /** What its origins can have open is found out, and `maxConns` only bounds it (`core/capacity/`). Only of home. */
  readonly capacity?: "auto";
  /** What a request costs here, as the time that a user may be kept waiting at home instead, 0–60 s; absent: nothing. */
  readonly priceMs?: Millis;
  /** Absent: it costs nothing that is counted. */
  readonly cost?: PoolCost;
  /** Absent: it may cost what it will. Never at home. */
  readonly budget?: PoolBudget;
}

/** How urgent a request is: of those that wait for a slot, the higher go first. */
export const priorities = ["high", "normal", "low"] as const;
export type Priority = "high" | "normal" | "low";

/** Requests that find every slot taken may wait for one, in a queue that the whole fleet shares. */
export interface QueueRules {
  /** The most that wait at once, 1–10,000; absent: as many as can be served in time (`core/queue/queue-length.ts`). */
  readonly length?: number;
  /** The longest that one waits, 10 ms – 60 s. */
  readonly timeoutMs: Millis;
  /** Of requests whose route says nothing of it. */
  readonly priority: Priority;
}

/** How probes judge an origin: `rise` good probes in a row make it healthy, `fall` bad ones unhealthy. */
export interface ActiveHealth {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Accepted statuses, inclusive ranges. */
  readonly expect: readonly { readonly from: number; readonly to: number }[];
  readonly intervalMs: Millis;
  readonly timeoutMs: Millis;
  /** Share of the interval by which each round is moved at random, 0–0.5. */
  readonly jitter: number;
  readonly rise: number;
  readonly fall: number;
}

/** How real traffic judges an origin: `failures` in a row take it out for a while. */
export interface PassiveHealth {
  readonly failures: number;
  /** The first ejection's length; the n-th lasts n times as long. */
  readonly ejectMs: Millis;
  readonly maxEjectMs: Millis;
  /** Also an origin that is several times slower than its peers is taken out; absent: it is not. */
  readonly slow?: boolean;
  /** The statuses that are failures, inclusive ranges; absent: by `core/health/judges/statuses.ts`. */
  readonly statuses?: readonly { readonly from: number; readonly to: number }[];
}

export interface Sticky {
  readonly cookie: string;
  /** A session ends this long after it began … */
  readonly ttlMs: Millis;
  /** … or after this long without a request. */
  readonly idleMs: Millis;
  readonly path: string;
  readonly domain?: string;
  /** A session that was bound to a later pool is moved home when that has room, once. */
  readonly homecoming: boolean;
}

export interface Timeouts {
  /** Per attempt, from the moment it is sent to the origin's response headers. */
  readonly headersMs: Millis;
  /** The whole request with its picks and retries, to the response headers. */
  readonly totalMs: Millis;
  /** A body or WebSocket that goes on keeps its slot as long as its holder is heard of, and so much longer. */
  readonly maxHoldMs: Millis;
  /** One exchange with the object. */
  readonly exchangeMs: Millis;
}

/** A failure that a second attempt on another origin may cure; a number is a status of an answer, 400–599. */
export type RetryCause = "connect" | "timeout" | `${number}`;

/** Those that are retried unless the config says others. */
export const retryCauses: readonly RetryCause[] = ["connect", "timeout", "502", "503", "504"];

/** How many instances a burst pool should have (`core/autoscale/autoscaler.ts`). */
export interface Autoscale {
  readonly pool: PoolName;
  /** Requests that an instance can have open at once. */
  readonly slots: number;
  /** From asking for an instance to its first request. */
  readonly startsInMs: Millis;
  /** Fewer are asked for only after they would have done for so long; absent: a minute. */
  readonly shrinkAfterMs?: Millis;
  readonly min: number;
  readonly max: number;
  /** While home is not enough the pool can do so much at least, as a part of what home can, 0–10; absent: 0. */
  readonly reserve?: number;
}

/** How origins report on themselves (`core/load/origin-report.ts`). */
export interface LoadReports {
  /** What they sign with. */
  readonly secret: string;
  /** A report is believed when it is no older, and holds for so long. */
  readonly maxAgeMs: Millis;
}

export interface Retries {
  /** Further attempts after the first, 0–3. */
  readonly attempts: number;
  readonly on: readonly RetryCause[];
  /** Retries allowed as a share of requests, fleet-wide, 0–1. */
  readonly budget: number;
  /** The application vouches that it may carry out any request twice, whatever the method. */
  readonly nonIdempotent: boolean;
}

/**
 * How isolates come to their picks: by asking the object for each, under a lease, or (`auto`) in whichever way the
 * object finds better for the isolate.
 */
export const coordinations = ["auto", "strict", "leased"] as const;
export type Coordination = (typeof coordinations)[number];

/** What happens to a request when the object cannot be reached and no slot is left: served above the limit, or refused. */
export const onCoordinatorLosses = ["exceed", "refuse"] as const;
export type OnCoordinatorLoss = (typeof onCoordinatorLosses)[number];

export interface Upstream {
  readonly name: string;
  readonly policy: Policy;
  readonly coordination: Coordination;
  readonly onCoordinatorLoss: OnCoordinatorLoss;
  /** Where objects stand between the isolates and the upstream's own; empty: nowhere, isolates ask that itself. */
  readonly regions: readonly string[];
  /** Home first, then where it spills to. */
  readonly pools: readonly Pool[];
  readonly health?: ActiveHealth;
  readonly passive?: PassiveHealth;
  readonly sticky?: Sticky;
  readonly loadReports?: LoadReports;
  readonly autoscale?: Autoscale;
  readonly timeouts: Timeouts;
  readonly retries: Retries;
  /** How long the share of an origin grows that is new or back (`core/resilience/slow-start.ts`); absent: not at all. */
  readonly slowStartMs?: Millis;
  /** Absent: no request waits. */
  readonly queue?: QueueRules;
  /** Absent: bursts are not watched for. */
  readonly burst?: BurstRules;
}
