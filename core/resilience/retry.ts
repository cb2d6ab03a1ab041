/**
 * Which failed attempts are retried, and which never: an attempt's answer goes to the client, or the request is tried elsewhere. One pure
 * decision, so that it can be read, and tested, as a table. Whether the fleet's retry budget has room is
 * asked later, of the object, together with the next pick.
 */
import { idempotentMethods } from "./idempotent.ts";
import type { Millis, Pool, PoolName, Retries, RetryCause } from "../model/upstream.ts";

/** How an attempt ended. `sent: "no"`: it surely never reached the origin. */
export type AttemptResult =
  | { readonly kind: "response"; readonly status: number }
  | { readonly kind: "failed"; readonly cause: "connect" | "timeout"; readonly sent: "no" | "maybe" }
  /** Given up: the client has gone or stalled, its body is too large, or the slot was lost. It is no origin's failure. */
  | { readonly kind: "given-up" };

/** What of a request says whether it may be sent twice. */
export interface Repeatability {
  readonly method: string;
  /** The client vouches, by an `Idempotency-Key`, that the request may be carried out twice. */
  readonly idempotencyKey: boolean;
  /** The body, if any, can be sent again. */
  readonly replayable: boolean;
}

export interface RetryFacts extends Repeatability {
  /** Attempts made so far, at least 1. */
  readonly attempts: number;
  readonly remainingMs: Millis;
  readonly rules: Retries;
}

/**
 * Why a request is not sent again. `answered`: the answer is none that `retries.on` names; `not-retried`: nor is the failure;
 * `given-up`: the attempt was.
 */
export type FinishReason =
  | "answered"
  | "not-retried"
  | "given-up"
  | "no-attempts-left"
  | "no-time-left"
  | "not-repeatable";

export type Decision =
  | { readonly kind: "finish"; readonly why: FinishReason }
  | { readonly kind: "retry"; readonly cause: RetryCause };

/** An attempt is not worth starting with less time than this left. */
const minRemainingMs = 50;

/**
 * Whether the request may be sent again though it may have been carried out, as its method and its client say. Where only the application
 * says so (`retries.nonIdempotent`), it may be repeated behind a failure, but is kept away from connections that invite one.
 */
export function mayRepeat({ method, idempotencyKey, replayable }: Repeatability): boolean {
  return replayable && (idempotencyKey || idempotentMethods.has(method));
}

/** Whether the attempt's result stands, and why, or the request is tried again. */
export function decide(result: AttemptResult, facts: RetryFacts): Decision {
  const cause = retryCause(result);
  if (cause === undefined || !facts.rules.on.includes(cause)) return finish(finalAs[result.kind]);
  if (facts.attempts > facts.rules.attempts) return finish("no-attempts-left");
  if (facts.remainingMs < minRemainingMs) return finish("no-time-left");
  if (mayRepeat(facts)) return { kind: "retry", cause };
  const unsent = result.kind === "failed" && result.sent === "no";
  const isAllowed = facts.replayable && (unsent || facts.rules.nonIdempotent);
  return isAllowed ? { kind: "retry", cause } : finish("not-repeatable");
}

const finish = (why: FinishReason): Decision => ({ kind: "finish", why });

/** A result that is no cause to retry. */
const finalAs: Readonly<Record<AttemptResult["kind"], FinishReason>> = {
  response: "answered",
  failed: "not-retried",
  "given-up": "given-up",
};

/**
 * Whether a request that met the end of a used connection goes again in its slot, without asking: the object may allow no retries, and
 * counts what is sent to a pool with a budget.
 */
export function mayResend(
  pool: PoolName,
  { pools, retries }: { readonly pools: readonly Pool[]; readonly retries: Pick<Retries, "budget"> },
): boolean {
  return retries.budget > 0 && pools.find(({ name }) => name === pool)?.budget === undefined;
}

function retryCause(result: AttemptResult): RetryCause | undefined {
  switch (result.kind) {
    case "response":
      return `${result.status}`;
    case "failed":
      return result.cause;
    case "given-up":
      return undefined;
  }
}
