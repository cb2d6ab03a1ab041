/**
 * What isolates and the objects of the role `limits` say to each other. A key is spread by its hash over these objects, so that each object
 * decides alone. A message that is lost costs its key some of its requests, and never admits more than the limit: an isolate has only what
 * it was granted.
 */
import type { Millis } from "../model/upstream.ts";

/** The role's name. */
export const limitsRole = "limits";

/** A request, or several to come, of one key. */
export interface RateAsk {
  /** The two halves of the key's hash. */
  readonly key: readonly [high: number, low: number];
  /** The time that pays for one request. */
  readonly intervalMs: Millis;
  readonly burst: number;
  /** How long a request may be held back, in its turn. */
  readonly delayMs?: Millis;
  /** How many requests, 0 and above. Of one, it is sent at once or refused; more are a budget to be spent within `budgetLifeMs`. 0 only asks how it stands. */
  readonly want: number;
  /** The key is lent budgets: what comes within `aheadMs` may be given, too. */
  readonly isLeased?: true;
}

export interface RateReply {
  /** How many requests were granted. They are counted from now on, whether they are sent or not. */
  readonly granted: number;
  /** The one request that was granted is to wait for so long. */
  readonly waitMs?: Millis;
  /** When the key has all of its burst again, from now. */
  readonly fullInMs: Millis;
  /** When this isolate is to ask again, from now; 0: whenever it likes. */
  readonly againInMs: Millis;
}

/** A budget that an isolate was granted is spent within this time of the message that asked for it, or lost. */
export const budgetLifeMs: Millis = 750;

/** Budgets may have what a key earns within this time to come: else the burst alone would have to last from message to message. */
export const aheadMs: Millis = 250;

/**
 * How far limits that are not exact may be exceeded: in any time T there are at most burst + rate × (T + this) requests. What is sent was counted at
 * most `budgetLifeMs` before, and what was counted was at most `aheadMs` ahead.
 */
export const leasedSlackMs: Millis = budgetLifeMs + aheadMs;
