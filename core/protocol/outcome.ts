/**
 * What holders tell the object of their requests: how attempts ended, which is the evidence of passive health and what load signals
 * learn from; and what only holders can count.
 */
import type { Millis, OriginName } from "../model/upstream.ts";

export interface OriginReport {
  /** When the origin said it, by its own clock. */
  readonly atMs: Millis;
  /** The part of what it can bear that it bears, at least 0; above 1: it is overloaded. */
  readonly utilisation?: number;
  /** It wants no new sessions and no requests of none. */
  readonly drain?: true;
}

/** How an attempt ended, as far as the origin is to be judged by it. */
export interface Outcome {
  readonly origin: OriginName;
  readonly ok: boolean;
  /** The connection failed, and not the answer: hardly a matter of what was asked. */
  readonly lost?: true | undefined;
  /** No client can bring such a failure about: there was no connection at all. Absent from older isolates. */
  readonly certain?: true | undefined;
  /** A number of 32 bits that stands for the client; absent: not known, as from older isolates. */
  readonly client?: number | undefined;
  /** Of a failure: its session or its key had chosen the origin. */
  readonly bound?: true | undefined;
  /** No failure of its own, but a word about one that was told before: another origin has answered the same request. */
  readonly confirms?: true | undefined;
  /** From sending the request to the headers of a good answer. Absent: the client was still sending its body. */
  readonly headerMs?: Millis | undefined;
  /** From sending the request to the end of a good answer. Absent: it ended with its headers. */
  readonly lastByteMs?: Millis | undefined;
  /** What failed, for the evidence in the log: `reset`, `timeout`, `503` … */
  readonly detail?: string | undefined;
  /** What the origin said of itself, under its signature. */
  readonly report?: OriginReport | undefined;
  /** It said something that was forged, stale or no report. */
  readonly refusedReport?: true | undefined;
}

/** Outcomes of an origin as they travel: a failure alone, good answers without a failure between them together. */
export interface OutcomeRun extends Omit<Outcome, "headerMs" | "lastByteMs" | "refusedReport"> {
  /** How many; absent: one. */
  readonly count?: number | undefined;
  /** They were several clients'; absent: `client`'s, or it is not known. */
  readonly several?: true | undefined;
  /** Times of these, or of a fair part of them. */
  readonly headerMs?: readonly Millis[] | undefined;
  readonly lastByteMs?: readonly Millis[] | undefined;
  /** How many had a report that was refused; absent: none. `report` is the latest. */
  readonly refusedReports?: number | undefined;
}

/** Which counter it is, with its labels' values (`core/telemetry/counters.ts`). */
export interface TallyKey {
  /** The counter's name; of requests that spilled the reason. */
  readonly of: string;
  /** The values of its labels. The first counters had one, the pool. */
  readonly pool: string;
}

/** A number that the holder counts, in its whole life. */
export interface Tally extends TallyKey {
  /** So far as an answer has confirmed that it was counted. */
  readonly from: number;
  readonly to: number;
}

/** Equal for the same number. */
export function keyOf({ pool, of }: TallyKey): string {
  return `${of} ${pool}`;
}
