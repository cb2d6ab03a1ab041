/** What probers tell an upstream's object, and what they are told. */
import type { Millis, OriginName } from "../model/upstream.ts";

export interface ProbeResult {
  readonly origin: OriginName;
  readonly good: boolean;
  /** No answer came in its time: perhaps the origin was too busy to give one (`too-busy.ts`). */
  readonly isLate?: true;
  /** When it began; absent: just now. */
  readonly startedMs?: Millis;
  /** What was seen: `200 in 12 ms`, `connection refused` … */
  readonly evidence: string;
  /** Of a bad one: what to look at, or to change. */
  readonly hint?: string;
}

export interface Round {
  readonly endedMs: number;
  readonly results: readonly ProbeResult[];
}

/** Origins that are to be probed besides the regular rounds, and when. */
export interface UrgentProbes {
  readonly origins: readonly OriginName[];
  /** From the start of one round of them to the start of the next. */
  readonly everyMs: Millis;
}
