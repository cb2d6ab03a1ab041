/** What of an upstream's state is persisted, and what its changes ask of the Durable Object around them. */
import type { Scaled, SavedScale, SeasonChange } from "../autoscale/autoscaler.ts";
import type { BudgetRecord, PoolNotice } from "../budget/budget.ts";
import type { BudgetChange } from "../budget/budgets.ts";
import type { BurstChange, BurstRecord, BurstTransition } from "../burst/controller.ts";
import type { CapacityChange, CapacityRecord } from "../capacity/home-capacity.ts";
import type { HealthChange, HealthTransition, OriginHealth } from "../health/health-book.ts";
import type { CeilingChange, HolderCeiling } from "../ledger/ceiling.ts";
import type { OperatorOverride, OverrideChange } from "../model/operator.ts";
import type { OriginName, PoolName } from "../model/upstream.ts";
import type { WaitEnd } from "../protocol/pick.ts";
import type { Session, SessionChange } from "../sessions/sessions.ts";

/** What survives the object's eviction. */
export interface SavedState extends SavedScale {
  /** Greater in each incarnation. */
  readonly epoch: number;
  readonly ceilings: readonly HolderCeiling[];
  readonly health: ReadonlyMap<OriginName, OriginHealth>;
  readonly overrides: ReadonlyMap<OriginName, OperatorOverride>;
  readonly sessions: readonly Session[];
  /** Absent: bursts have not been watched for yet. */
  readonly burst?: BurstRecord;
  readonly budgets: ReadonlyMap<PoolName, BudgetRecord>;
  /** Absent: nothing of home's capacity is found out yet. */
  readonly capacity?: CapacityRecord;
}

/** Something to persist before anything that follows from it is answered. */
export type Change =
  | CeilingChange
  | HealthChange
  | OverrideChange
  | BurstChange
  | CapacityChange
  | SessionChange
  | SeasonChange
  | BudgetChange;

export interface Effects {
  readonly changes: readonly Change[];
  readonly transitions: readonly HealthTransition[];
  /** A new order for instances. */
  readonly scale?: Scaled;
  /** The upstream has begun or ended a burst. */
  readonly burst?: BurstTransition;
  /** What of budgets is worth a log line; absent: nothing. */
  readonly notices?: readonly PoolNotice[];
}

/** Asks in the queue may have ended: the calls that the object holds open for them are to be answered. */
export interface ServedEffects extends Effects {
  readonly waited: readonly WaitEnd[];
}
