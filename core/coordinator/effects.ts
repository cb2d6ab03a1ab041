/** What of an upstream's state is persisted, and what its changes ask of the Durable Object around them. */
import type { Scaled, SavedScale, SeasonChange } from "../autoscale/autoscaler.ts";
import type { BurstRecord, BurstTransition } from "../burst/controller.ts";
import type { CapacityChange, CapacityRecord } from "../capacity/home-capacity.ts";
import type { BudgetRecord } from "../budget/budget.ts";
import type { BudgetChange, PoolNotice } from "../budget/budgets.ts";
import type { HealthTransition, OriginHealth } from "../health/health-book.ts";
import type { HolderCeiling } from "../ledger/ceiling.ts";
import type { HolderId } from "../protocol/exchange.ts";
import type { OperatorOverride } from "../model/operator.ts";
import type { WaitEnd } from "../queue/request-queue.ts";
import type { Session } from "../sessions/sessions.ts";
import type { OriginName, PoolName } from "../model/upstream.ts";

/** What survives the object's eviction. */
export interface SavedState extends SavedScale {
  /** Greater in each incarnation. */
  readonly epoch: number;
  readonly ceilings: readonly HolderCeiling[];
  readonly health: ReadonlyMap<OriginName, OriginHealth>;
  readonly overrides: ReadonlyMap<OriginName, OperatorOverride>;
  readonly sessions: readonly Session[];
  /** Absent: nobody has watched for bursts yet. */
  readonly burst?: BurstRecord;
  readonly budgets: ReadonlyMap<PoolName, BudgetRecord>;
  /** Absent: nothing of home's capacity is found out yet. */
  readonly capacity?: CapacityRecord;
}

/** Something to persist before anything that follows from it is answered. */
export type Change =
  | { readonly kind: "ceiling"; readonly ceiling: HolderCeiling }
  | { readonly kind: "ceilings-gone"; readonly holders: readonly HolderId[] }
  | { readonly kind: "health"; readonly origin: OriginName; readonly health: OriginHealth }
  | { readonly kind: "override"; readonly origin: OriginName; readonly override: OperatorOverride }
  | { readonly kind: "burst"; readonly record: BurstRecord }
  | CapacityChange
  | { readonly kind: "session"; readonly session: Session }
  | { readonly kind: "sessions-gone"; readonly ids: readonly string[] }
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

/** Somebody's waiting may have ended: who waits for its end is to be told. */
export interface ServedEffects extends Effects {
  readonly waited: readonly WaitEnd[];
}

/** The change that a transition of an origin's health comes with. */
export function toChange({ origin, health }: HealthTransition): Change {
  return { kind: "health", origin, health };
}
