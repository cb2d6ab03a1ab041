/** Which sessions come home, as a lease says it: a time and a share of a hash space, so that every isolate comes to the same answer. */
import type { Millis } from "../model/upstream.ts";

/** The sessions whose turn it is; serialises. */
export interface SessionReturn {
  /** Only those that began before this: by the end of the burst. Absent: whenever they began. */
  readonly begunBeforeMs?: Millis;
  /** The part of the hash space, 0–1. */
  readonly share: number;
  /** Where that part begins, 0–1; it goes on from 0 where it passes 1. Absent: 0. */
  readonly from?: number;
}
