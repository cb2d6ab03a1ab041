/**
 * What isolates and the objects of the role `limits` say to each other of requests that are open at a time. A message says in full what an isolate has
 * and wants, so that one that is lost or comes late does no harm: the next one says it all again.
 */
import type { Millis } from "../model/upstream.ts";

export interface HoldAsk {
  readonly kind: "hold";
  /** The two halves of the key's hash. */
  readonly key: readonly [high: number, low: number];
  /** The most requests of the key that may be open in the whole fleet. */
  readonly most: number;
  /** The isolate. */
  readonly holder: string;
  /** Counts the isolate's messages about the key: one that is older than another is not heeded. */
  readonly nth: number;
  /** How many are open at the isolate. */
  readonly open: number;
  /** How many it wants to have open, `open` or more. */
  readonly want: number;
}

export interface HoldReply {
  /** How many the isolate may have open, until `holdLifeMs` after it has sent the message. */
  readonly may: number;
}

/** An isolate of which nothing is heard for so long has nothing open any more. */
export const holdLifeMs: Millis = 30_000;
