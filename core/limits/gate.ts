/**
 * The isolate's side of one key of a rate limit: whether a request may pass, and when the key's object has to be asked. `exact-gate.ts` asks
 * for each request that may pass, `leased-gate.ts` for a budget of several.
 */
import type { Millis } from "../model/upstream.ts";
import type { RateReply } from "../protocol/rate-limits.ts";
import { conformingNow, judgeOne, type RequestRate } from "./gcra.ts";

/** A rate limit, as its gates go by it. */
export interface RateTerms extends RequestRate {
  /** How long a request may be held back, in its turn. */
  readonly delayMs: Millis;
  readonly isExact: boolean;
}

/** What becomes of a request. Times are from now. */
export type GateVerdict =
  | { readonly kind: "admit"; readonly waitMs: Millis }
  | { readonly kind: "refuse"; readonly againInMs: Millis }
  /** The object is to be asked for so many: `asked`, then `answered` or `lost`. */
  | { readonly kind: "ask"; readonly want: number }
  /** What another request has asked for may do for this one, too: it is to come again. */
  | { readonly kind: "come-again"; readonly inMs: Millis };

/** What an isolate knows of a key, so that a client can be told. */
export interface KeyOutlook {
  /** How many requests would pass now. */
  readonly left: number;
  /** When there will be one more. */
  readonly moreInMs: Millis;
}

export interface Gate {
  /** A request comes; `again`: one that was told to come again. */
  decide(now: Millis, again?: boolean): GateVerdict;
  /** The object has answered the ask of a request, which was sent at `sentMs`. */
  answered(reply: RateReply, want: number, sentMs: Millis, now: Millis): GateVerdict;
  /** There is no answer to the ask. */
  lost(want: number): void;
  /** Without the object: by what this isolate alone has let pass. */
  decideAlone(now: Millis): GateVerdict;
  outlook(now: Millis): KeyOutlook;
}

/** Decides without the object, and returns the new state beside the verdict. */
export function alone(
  fullAtMs: Millis,
  now: Millis,
  terms: RateTerms,
): { readonly verdict: GateVerdict; readonly fullAtMs: Millis } {
  const judged = judgeOne(fullAtMs, now, terms, terms.delayMs);
  return judged.kind === "conforms"
    ? { verdict: { kind: "admit", waitMs: judged.waitMs }, fullAtMs: judged.fullAtMs }
    : { verdict: { kind: "refuse", againInMs: judged.againInMs }, fullAtMs };
}

export function outlookOf(fullAtMs: Millis, now: Millis, rate: RequestRate): KeyOutlook {
  const left = conformingNow(fullAtMs, now, rate);
  const usedMs = Math.max(0, fullAtMs - now);
  const moreInMs = Math.max(0, usedMs - (rate.burst - left - 1) * rate.intervalMs);
  return { left, moreInMs };
}
