/**
 * What an operator asked of each origin, and how often its sessions were told to leave. Kept beside the
 * configuration, so that it outlives its versions, and beside health, so that neither hides the other.
 */
import type { OperatorState } from "./origin-status.ts";
import type { Millis } from "./upstream.ts";

export interface OperatorOverride {
  readonly state: OperatorState;
  /** Sessions bound in an earlier epoch are no longer bound. */
  readonly pinEpoch: number;
  /** The version of all orders with which this one came (`protocol/origins-out.ts`). Absent: it was given before there were any. */
  readonly order?: number;
  readonly orderedMs?: Millis;
  /** When the log was told that it may be stopped. */
  readonly safeMs?: Millis;
}

/** The orders an operator may give. `undrain` and `up` both return the origin to service. */
export const operatorOrders = ["drain", "undrain", "down", "up"] as const;
export type OperatorOrder = (typeof operatorOrders)[number];

export const noOverride: OperatorOverride = { state: "up", pinEpoch: 1 };

/** The override after the order. Taking an origin down unbinds its sessions for good; draining keeps them. */
export function obey(current: OperatorOverride, order: OperatorOrder): OperatorOverride {
  switch (order) {
    case "drain":
      return { ...current, state: "draining" };
    case "down":
      return current.state === "down" ? current : { state: "down", pinEpoch: current.pinEpoch + 1 };
    case "undrain":
    case "up":
      return { ...current, state: "up" };
  }
}
