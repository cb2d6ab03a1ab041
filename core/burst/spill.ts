/**
 * Where a request goes when its home is full or down: the first pool that can take it, and why it is not an
 * earlier one. Memoryless: home takes the next request as soon as it has a free slot, so routing never flaps.
 */
import { surveyPool, type Demand, type Obstacle, type OriginStatus } from "../selection/eligible.ts";
import type { Candidate } from "../selection/policy.ts";
import type { OriginName, Pool } from "../upstream.ts";

/**
 * Why a request is not served at home: home is healthy but full (`peak`), it cannot serve (`downtime`), its
 * operator emptied it (`drain`), or its session is bound elsewhere (`policy`).
 */
export type SpillReason = "peak" | "downtime" | "drain" | "policy";

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
  | { readonly kind: "nowhere"; readonly why: "full" | "down"; readonly full?: Pool };

/** The first pool with a usable origin, in the order of preference. */
export function placeRequest(
  pools: readonly Pool[],
  statusOf: (name: OriginName) => OriginStatus,
  demand: Demand,
): Placement {
  let atHome: readonly Obstacle[] = [];
  let full: Pool | undefined;
  for (const [index, pool] of pools.entries()) {
    const survey = surveyPool(pool, statusOf, demand);
    if (survey.candidates.length > 0) {
      const { candidates } = survey;
      const placed = { kind: "pool", pool, candidates } as const;
      return index === 0 ? placed : { ...placed, spill: spillReason(atHome), ...(full && { full }) };
    }
    if (index === 0) atHome = survey.obstacles;
    if (survey.obstacles.includes("full")) full ??= pool;
  }
  return full === undefined ? { kind: "nowhere", why: "down" } : { kind: "nowhere", why: "full", full };
}

/** What an operator bills the request to, from what stood in the way at home. */
export function spillReason(obstacles: readonly Obstacle[]): SpillReason {
  if (obstacles.includes("full")) return "peak";
  const byOperator = obstacles.every((reason) => reason === "draining" || reason === "down");
  return byOperator ? "drain" : "downtime";
}
