/** A pool as leases see it: which of its origins take requests at all. Whether an origin is full is a matter of slots, and not looked at here. */
import type { OriginStatus } from "../model/origin-status.ts";
import type { Origin, OriginName, Pool } from "../model/upstream.ts";
import { obstacle, type Obstacle } from "../selection/eligible.ts";

export interface LeasablePool {
  readonly pool: Pool;
  /** Those that new requests may go to: the regular ones, or the backups if no regular one serves. */
  readonly serving: readonly Origin[];
  /** Those that only bound sessions may go to. */
  readonly bound: readonly Origin[];
  /** What stands in the way of the others. */
  readonly obstacles: readonly Obstacle[];
}

export function surveyForLease(pool: Pool, statusOf: (origin: OriginName) => OriginStatus): LeasablePool {
  const regular: Origin[] = [];
  const backups: Origin[] = [];
  const bound: Origin[] = [];
  const obstacles: Obstacle[] = [];
  for (const origin of pool.origins) {
    const status = { ...statusOf(origin.name), taken: 0 };
    const reason = obstacle(origin, status, {});
    if (reason === undefined) {
      (origin.backup ? backups : regular).push(origin);
      continue;
    }
    obstacles.push(reason);
    if (obstacle(origin, status, { bound: true }) === undefined) bound.push(origin);
  }
  return { pool, serving: regular.length > 0 ? regular : backups, bound, obstacles };
}
