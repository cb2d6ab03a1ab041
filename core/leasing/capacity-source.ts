/**
 * Where the limits come from that a coordinator gives slots by. The upstream's own object has the limits of the config, or those that it
 * has found out, and judges health for itself; a region's object has what its root lends it (`region-link.ts`).
 */
import type { HomeCapacity } from "../capacity/home-capacity.ts";
import type { OriginStatus } from "../model/origin-status.ts";
import type { Millis, Origin, OriginName, PoolName } from "../model/upstream.ts";
import { leaseMs } from "../protocol/clocks.ts";
import type { ClosedPool } from "../protocol/lease.ts";

export interface CapacitySource {
  /** How many slots of the origin there are to be granted and leased. */
  limitOf(origin: Pick<Origin, "name" | "maxConns">, now: Millis): number;
  /** The origin's status, made of what the coordinator itself has seen. */
  statusOf(origin: OriginName, own: OriginStatus, now: Millis): OriginStatus;
  /** `own`: the epoch by the orders that the coordinator has had. */
  pinEpochOf(origin: OriginName, own: number): number;
  /** The object above has said that the pool takes no more. */
  closedPool(pool: PoolName, now: Millis): ClosedPool | undefined;
  /** For how long slots may be leased. */
  leaseMs(now: Millis): Millis;
}

/** That of the upstream's own object. `capacity`: what it has found out of home, if it has. */
export function ownCapacity(capacity: () => HomeCapacity | undefined): CapacitySource {
  return {
    limitOf: ({ name, maxConns = Infinity }, now) => capacity()?.slotsOf(name, now) ?? maxConns,
    statusOf: (origin, own, now) => ({ ...own, ...capacity()?.limitsOf(origin, now) }),
    pinEpochOf: (_, own) => own,
    closedPool: () => undefined,
    leaseMs: () => leaseMs,
  };
}
