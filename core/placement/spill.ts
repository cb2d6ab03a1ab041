/**
 * Why a request spills, and where it goes: the first pool that can take it, with the reason that it is not an
 * earlier one (`spillReason`). No memory: home takes the next request as soon as it has a free slot, so routing never flaps.
 */
import type { OriginStatus, OriginsNow } from "../model/origin-status.ts";
import type { Millis, OriginName, Pool, PoolName, Priority } from "../model/upstream.ts";
import type { SpillReason } from "../protocol/pick.ts";
import { surveyPool, type RequestDemand, type Obstacle } from "../selection/eligible.ts";
import type { Candidate } from "../selection/policy.ts";

export type Placement =
  | {
      readonly kind: "pool";
      readonly pool: Pool;
      readonly candidates: readonly Candidate[];
      /** Absent: at home. */
      readonly spill?: SpillReason;
      /** The first of the earlier pools that is full: there the request might wait. */
      readonly full?: Pool;
    }
  | { readonly kind: "nowhere"; readonly why: "full" | "down"; readonly full?: Pool }
  /** Only this pool could take the request, and it must not; it is the first of these. */
  | {
      readonly kind: "nowhere";
      readonly why: "budget";
      readonly pool: Pool;
      readonly isHomeFull: boolean;
      readonly full?: Pool;
    };

/** The first pool with a usable origin, in the order of preference. */
export function placeRequest(
  pools: readonly Pool[],
  statusOf: (name: OriginName) => OriginStatus,
  demand: RequestDemand,
): Placement {
  let atHome: readonly Obstacle[] = [];
  let full: Pool | undefined;
  let unpaid: Pool | undefined;
  for (const [index, pool] of pools.entries()) {
    const survey = surveyPool(pool, statusOf, demand);
    if (survey.candidates.length > 0 && demand.unpaid?.has(pool.name)) {
      unpaid ??= pool;
      continue;
    }
    if (survey.candidates.length > 0) {
      const { candidates } = survey;
      const placed = { kind: "pool", pool, candidates } as const;
      if (index === 0) return placed;
      return { ...placed, spill: unpaid ? "budget" : spillReason(atHome), ...(full && { full }) };
    }
    if (index === 0) atHome = survey.obstacles;
    if (survey.obstacles.includes("full")) full ??= pool;
  }
  if (unpaid !== undefined) return refusedFor(unpaid, atHome.includes("full"), full);
  return full === undefined ? { kind: "nowhere", why: "down" } : { kind: "nowhere", why: "full", full };
}

/** What pools may still spend. */
export interface PoolBudgets {
  /** The pools that no request of that priority may go to. `client`: none of this client's; absent: it is not known. */
  closedTo(priority: Priority, now: Millis, client?: number): ReadonlySet<PoolName>;
  /** The pool's budget; `undefined`: it has none. */
  of(pool: PoolName): { renewsInMs(now: Millis): Millis } | undefined;
}

export interface LaterView extends OriginsNow {
  readonly budgets: Pick<PoolBudgets, "closedTo">;
}

/** Whether a request of whatever priority would be served that home does not take. */
export function hasRoomAfterHome([, ...later]: readonly Pool[], view: LaterView): boolean {
  const unpaid = view.budgets.closedTo("low", view.now);
  return placeRequest(later, view.statusOf, { unpaid }).kind === "pool";
}

/** With `queue`, a request that finds home full waits there, as if there were no other pool. */
function refusedFor(pool: Pool, isHomeFull: boolean, full: Pool | undefined): Placement {
  const waits = isHomeFull && pool.budget?.whenUsedUp === "queue";
  const why = waits ? ({ why: "full" } as const) : ({ why: "budget", pool, isHomeFull } as const);
  return { kind: "nowhere", ...why, ...(full && { full }) };
}

/** What an operator bills the request to, from what stood in the way at home. */
export function spillReason(obstacles: readonly Obstacle[]): SpillReason {
  if (obstacles.includes("full")) return "peak";
  const byOperator = obstacles.every((reason) => reason === "draining" || reason === "down");
  return byOperator ? "drain" : "downtime";
}

/** At home a slot may be free at any moment; what is down may be up again before the budget is, and is looked for so often. */
const [soonMs, latestMs] = [2_000, 60_000] as const;

/** When a request that was refused because of a budget has a chance again. `renewsInMs`: 0, it might at any time. */
export function againInMs(isHomeFull: boolean, renewsInMs: Millis): Millis {
  return isHomeFull || renewsInMs === 0 ? soonMs : Math.min(latestMs, Math.max(soonMs, renewsInMs));
}
