/**
 * The filter in front of every policy: which origins may serve this request, and what takes an origin out. Health, the operator's orders, the
 * limit and what was already tried meet here and nowhere else.
 */
import type { OriginStatus } from "../model/origin-status.ts";
import type { Origin, OriginName, Pool, PoolName } from "../model/upstream.ts";
import type { Candidate } from "./policy.ts";

export type Obstacle = "tried" | "down" | "draining" | "unhealthy" | "failing" | "full";

/** The request's side of eligibility. */
export interface RequestDemand {
  /** Origins the request must not go to any more; absent: it may go to all. */
  readonly tried?: ReadonlySet<OriginName>;
  /** The session is bound to the origin: a drain lets it stay. */
  readonly bound?: boolean;
  /**
   * What the failures of others mean to this request. `wary`, the default: it does not go to suspects; `cautious`,
   * after a failure of its own: not where the last outcome was one; `bold`, if there is no other way: nothing.
   */
  readonly care?: "bold" | "wary" | "cautious" | undefined;
  /** Pools not to be used: they have failed the request already. */
  readonly avoid?: ReadonlySet<PoolName> | undefined;
  /** Pools whose budget is used up for it. */
  readonly unpaid?: ReadonlySet<PoolName> | undefined;
  /** No origin is healthy: health is ignored, the operator is not. */
  readonly panic?: boolean;
}

/** Why the origin cannot take the request, gravest first; `undefined` if it can. */
export function obstacle(origin: Origin, status: OriginStatus, demand: RequestDemand): Obstacle | undefined {
  if (demand.tried?.has(origin.name) === true) return "tried";
  if (status.operator === "down" || (origin.weight === 0 && demand.bound !== true)) return "down";
  const isDraining = status.operator === "draining" || status.leaving === true || origin.leaving === true;
  if (isDraining && demand.bound !== true) return "draining";
  const isKept = status.keepsSessions === true && demand.bound === true;
  if (!status.healthy && !isKept && demand.panic !== true) return "unhealthy";
  if (status.suspect === true && demand.care !== "bold") return "failing";
  if (status.failing === true && demand.care === "cautious") return "failing";
  if ((status.taken ?? status.inFlight) >= (status.limit ?? origin.maxConns ?? Infinity)) return "full";
  return undefined;
}

/** The origin's weight as it counts at this moment. */
export function weightNow({ weight }: Origin, { share = 1, warmth = 1 }: OriginStatus): number {
  return weight * share * warmth;
}

/** Of a status, what others are told of slow start. */
export function slowStartOf({ warmth }: Pick<OriginStatus, "warmth">): Pick<OriginStatus, "warmth"> {
  return warmth === undefined ? {} : { warmth };
}

export interface PoolSurvey {
  /** The usable origins: the regular ones, or the backups if no regular one is usable. */
  readonly candidates: readonly Candidate[];
  /** What stands in the way of the others. */
  readonly obstacles: readonly Obstacle[];
}

/** Looks a pool over for one request. `statusOf` must know every origin of the pool. */
export function surveyPool(
  pool: Pool,
  statusOf: (name: OriginName) => OriginStatus,
  demand: RequestDemand,
): PoolSurvey {
  if (demand.avoid?.has(pool.name)) return { candidates: [], obstacles: ["failing"] };
  const regular: Candidate[] = [];
  const backups: Candidate[] = [];
  const obstacles: Obstacle[] = [];
  for (const origin of pool.origins) {
    const status = statusOf(origin.name);
    const reason = obstacle(origin, status, demand);
    if (reason !== undefined) {
      obstacles.push(reason);
      continue;
    }
    (origin.backup ? backups : regular).push(candidateOf(origin, status));
  }
  return { candidates: regular.length > 0 ? regular : backups, obstacles };
}

function candidateOf(origin: Origin, status: OriginStatus): Candidate {
  const { inFlight, ageMs, coming, warmth } = status;
  const candidate = { name: origin.name, weight: weightNow(origin, status), inFlight, ageMs };
  // Most have neither of these, and an object put together of parts costs more.
  if (coming === undefined && warmth === undefined) return candidate;
  return {
    ...candidate,
    ...(coming !== undefined && { coming }),
    ...(warmth !== undefined && { starting: true }),
  };
}

/**
 * Slots of the pool's origins that serve, taken or not; `Infinity` where one of them has no limit. A moment's measurement makes
 * none fewer: machines would be ordered for it.
 */
export function slotsInService({ origins }: Pool, statusOf: (name: OriginName) => OriginStatus): number {
  let slots = 0;
  for (const origin of origins) {
    const status = statusOf(origin.name);
    const reason = obstacle(origin, status, { care: "bold" });
    if (reason === undefined || reason === "full")
      slots += status.capacity ?? status.limit ?? origin.maxConns ?? Infinity;
  }
  return slots;
}
