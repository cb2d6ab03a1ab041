/** What leases are made from: the coordinator as the leasing sees it. */
import type { Budgets } from "../budget/budgets.ts";
import type { Millis, Origin, Pool, PoolName } from "../model/upstream.ts";
import type { PickView } from "../placement/picker.ts";
import type { ClosedPool, LineTerms } from "../protocol/lease.ts";

/** What leases are made from, at one moment. */
export interface LeasingView extends PickView {
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
  readonly budgets?: Pick<Budgets, "closedTo" | "of" | "closed">;
}
