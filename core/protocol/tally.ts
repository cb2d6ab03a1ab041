/** What holders count for the bill: numbers that only grow, so that a message that is lost or comes twice does no harm. */
import type { PoolName } from "../model/upstream.ts";
import type { SpillReason } from "./pick.ts";

/** A number that the holder counts of a pool, in its whole life; for the bill. */
export interface Tally {
  readonly pool: PoolName;
  /** Requests that it took by spilling, and why; requests refused because its budget was used up; bytes it has sent. */
  readonly of: SpillReason | "refused" | "bytes";
  /** So far as an answer has confirmed that it was counted. */
  readonly from: number;
  readonly to: number;
}

/** Equal for the same number. */
export function keyOf({ pool, of }: Pick<Tally, "pool" | "of">): string {
  return `${of} ${pool}`;
}
