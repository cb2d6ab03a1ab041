/**
 * Which failed attempts are retried, and which never: an attempt's answer goes to the client, or the request is tried elsewhere. One pure
 * decision, so that it can be read, and tested, as a table. Whether the fleet's retry budget has room is
 * asked later, of the object, together with the next pick.
 */
import { idempotentMethods } from "./idempotent.ts";
import {
  retryCauses,
  type Millis,
  type Pool,
  type PoolName,
  type Retries,
  type RetryCause,
} from "../model/upstream.ts";

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

export type Decision = { readonly kind: "finish" } | { readonly kind: "retry"; readonly cause: RetryCause };

/** An attempt is not worth starting with less time than this left. */
const minRemainingMs = 50;

/** Whether the request may be sent again though it may have been carried out. */
export function mayRepeat({ method, idempotencyKey, replayable }: Repeatability): boolean {
  return replayable && (idempotencyKey || idempotentMethods.has(method));
}

export function decide(result: AttemptResult, facts: RetryFacts): Decision {
  const cause = retryCause(result);
  if (cause === undefined || !facts.rules.on.includes(cause)) return { kind: "finish" };
  if (facts.attempts > facts.rules.attempts || facts.remainingMs < minRemainingMs) return { kind: "finish" };
  const unsent = facts.replayable && result.kind === "failed" && result.sent === "no";
  return unsent || mayRepeat(facts) ? { kind: "retry", cause } : { kind: "finish" };
}

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
      return retryCauses.find((cause) => cause === String(result.status));
    case "failed":
      return result.cause;
    case "given-up":
      return undefined;
  }
}
