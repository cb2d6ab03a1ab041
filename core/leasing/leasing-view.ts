/** What leases are made from: the coordinator as the leasing sees it. */
import type { Budgets } from "../budget/budgets.ts";
import type { OriginStatus } from "../model/origin-status.ts";
import type { Millis, Origin, OriginName, Pool, PoolName } from "../model/upstream.ts";
import type { ClosedPool, LineTerms } from "../protocol/lease.ts";
import type { SessionReturn } from "../protocol/session-return.ts";

/** What leases are made from, at one moment. */
export interface LeasingView {
  readonly now: Millis;
  readonly statusOf: (origin: OriginName) => OriginStatus;
  readonly pinEpochOf: (origin: OriginName) => number;
  /** How many slots of the origin there are to be leased. */
  readonly limitOf: (origin: Origin) => number;
  /** For how long they are. */
  readonly leaseMs: Millis;
  /** A region's root has said that the pool takes no more. */
  readonly closedPool: (pool: PoolName) => ClosedPool | undefined;
  /** An ask waits for a slot. */
  readonly isAnybodyWaiting: boolean;
  /** Whether a request that finds the pool full would wait for a slot of it. */
  readonly wouldWaitFor: (pool: Pool) => boolean;
  /** How requests that find the pool full wait at their holders in a crowd; `undefined`: they do not. */
  readonly lineAt: (pool: Pool) => LineTerms | undefined;
  /** Whose turn it is to come home after a burst. */
  readonly sessionReturn?: SessionReturn | undefined;
  /** Absent: no pool has one. */
  readonly budgets?: Pick<Budgets, "closedTo" | "of" | "closed">;
}
