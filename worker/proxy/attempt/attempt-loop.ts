/**
 * The loop at the heart of the proxy: pick → try once → decide, until an answer is worth sending. It is written out, not hidden in
 * wrappers, because it is what a reader of a load balancer came to see.
 */
import type { GrantedAnswer } from "../../../core/holder/answer.ts";
import type { Slot } from "../../../core/holder/open-slots.ts";
import type { Millis } from "../../../core/model/upstream.ts";
import type { GrantedPick, Want } from "../../../core/protocol/pick.ts";
import {
  decide,
  mayResend,
  type AttemptResult,
  type Decision,
  type RetryFacts,
} from "../../../core/resilience/retry.ts";
import type { PickAnswer, UpstreamClient } from "../../objects/upstream-client.ts";
import type { LoopEnd, RequestEvent } from "../../telemetry/access-log.ts";
import type { PreparedRequest } from "../request/prepare-request.ts";
import type { ProxyError } from "../response/error-response.ts";
import type { Transaction } from "../transaction.ts";
import type { AttemptOutcome } from "./attempt.ts";
import { FailedAttempts } from "./failed-attempts.ts";
import { isReset, tryOnce, type Tried } from "./try-once.ts";

/** An origin's answer, and the slot that stays open until its body has ended. */
export interface OriginResponse {
  readonly kind: "served";
  readonly response: Response;
  /** 101: a WebSocket. */
  readonly status: number;
  readonly pick: GrantedPick;
  readonly slot: Slot;
  /** When the request was sent, and when its headers had come. */
  readonly sentMs: Millis;
  readonly answeredMs: Millis;
  /** Cuts the connection to the origin. */
  readonly abort: () => void;
  /** A session or a key has chosen the origin. */
  readonly isBound: boolean;
  /** It came on a connection of its own, so its body is read in JavaScript. */
  readonly isOwn: boolean;
}

export type Failed = { readonly kind: "error"; readonly error: ProxyError };

/** Attempts the request on one origin after the other. Every slot it was granted is closed, but the one it returns. */
export async function attemptInTurn(
  tx: Transaction,
  request: PreparedRequest,
): Promise<OriginResponse | Failed> {
  const { client, event, env, waitUntil, alarm } = tx;
  const { timeouts, retries } = tx.upstream.config;
  const finish = <Result>(why: LoopEnd, result: Result): Result => {
    event.finished = why;
    return result;
  };
  let now = Date.now();
  // From here: what a slow client took to send its body is not the origins' time.
  const deadlineMs = now + timeouts.totalMs;
  const io = { env, waitUntil, alarm, deadlineMs, clientSignal: request.clientSignal };
  const known: Known = { tried: [], unknown: [], reset: undefined, failed: new FailedAttempts(tx) };
  let afterReset = false;
  // What stands if no further attempt can be made: an answer that was worth retrying, or a failure.
  let standing: OriginResponse | Failed | undefined;
  // The next attempt goes to the same origin, in the slot that the request has already.
  let kept: (PickAnswer & GrantedAnswer) | undefined;
  let resent = 0;
  for (;;) {
    const picked = kept ?? client.pick(wantOf(tx, request, known), io, now);
    kept = undefined;
    const answer = picked instanceof Promise ? await picked : picked;
    if (picked instanceof Promise) now = Date.now();
    if (answer.queuedMs !== undefined) event.queuedMs = (event.queuedMs ?? 0) + answer.queuedMs;
    if (answer.kind !== "granted") return finish(loopEndOf(answer), standing ?? refused(client, answer));
    const { pick, slot } = answer;
    const origin = client.originOf(pick);
    const remainingMs = deadlineMs - now;
    if (origin === undefined || remainingMs <= 0) {
      client.holder.close(slot, now);
      if (remainingMs <= 0) return finish("no-time-left", standing ?? timedOut);
      // The object has the newer configuration of a deployment that overlaps with this one.
      known.unknown.push(pick.origin);
      continue;
    }
    if (standing?.kind === "served") {
      await discard(client, standing);
      standing = undefined;
      now = Date.now();
    }
    tx.slot = slot;
    note(event, answer);
    const target = { origin, slot, isBound: isBound(pick, request) };
    const once = await tryOnce(tx, request, target, { io, sentMs: now, remainingMs, afterReset });
    known.failed.note(once, target);
    const { outcome } = once;
    now = once.answeredMs;
    afterReset ||= isReset(outcome);
    known.reset = isReset(outcome) && !known.tried.includes(pick.origin) ? pick.origin : undefined;
    const facts = { attempts: event.attempts - resent, remainingMs: deadlineMs - now, rules: retries };
    const decision = decideAfter(outcome, request, facts);
    // As in nginx (`ngx_http_upstream_next`, `u->peer.cached`), this is no retry. The request keeps its slot, as a retry does not wait for
    // another one in a crowd. It happens once a request: after a reset no used connection is tried.
    if (decision.kind === "retry" && once.isIdleEnd && mayResend(pick.pool, tx.upstream.config)) {
      kept = { ...answer, queuedMs: undefined };
      resent++;
      continue;
    }
    known.tried.push(pick.origin);
    standing = settle(client, once, { ...target, pick });
    if (decision.kind === "finish") return finish(decision.why, standing);
  }
}

/** What the request has found out about origins. */
interface Known {
  readonly tried: string[];
  /** This isolate does not know them. */
  readonly unknown: string[];
  /** The last attempt was reset there. */
  reset: string | undefined;
  readonly failed: FailedAttempts;
}

const timedOut: Failed = { kind: "error", error: { kind: "origin-timeout" } };

function decideAfter(
  outcome: AttemptOutcome,
  { method, idempotencyKey, replayable }: PreparedRequest,
  { attempts, remainingMs, rules }: Pick<RetryFacts, "attempts" | "remainingMs" | "rules">,
): Decision {
  const isReplayable = replayable || isUntouched(outcome);
  const facts = { method, idempotencyKey, replayable: isReplayable, attempts, remainingMs, rules };
  return decide(toResult(outcome), facts);
}

/** A session or a key has chosen the origin. */
const isBound = ({ pin }: GrantedPick, { key }: PreparedRequest): boolean =>
  pin === "kept" || key !== undefined;

/** What is asked for. */
function wantOf(tx: Transaction, { key, priority }: PreparedRequest, { tried, unknown, reset }: Known): Want {
  return {
    tried,
    unknown: unknown.length > 0 ? unknown : undefined,
    key,
    pin: tx.pin,
    priority: priority === "normal" ? undefined : priority,
    reset,
    client: tx.accountNumber,
    mostWaiting: tx.config.limits.client.queue,
  };
}

/** A connection of its own that never came about has not touched the request's body. */
const isUntouched = (outcome: AttemptOutcome): boolean =>
  outcome.kind === "failed" && outcome.failure.sent === "no" && outcome.failure.untouched === true;

function note(event: RequestEvent, { pick, mode, alone }: GrantedAnswer): void {
  event.attempts++;
  event.pool = pick.pool;
  event.origin = pick.origin;
  event.mode = mode;
  event.alone = alone;
  event.spill = pick.spill;
  if (pick.panic === true) event.panic = true;
  if (pick.excess === true) event.excess = true;
}

/** What the attempt comes to if it is the last one; without a response to send on, its slot ends here. */
function settle(
  client: UpstreamClient,
  { outcome, sentMs, answeredMs, isOwn }: Tried,
  { pick, slot, isBound }: Pick<OriginResponse, "pick" | "slot" | "isBound">,
): OriginResponse | Failed {
  if (outcome.kind === "response") {
    const { response, status, abort } = outcome;
    return { kind: "served", response, status, abort, pick, slot, isBound, sentMs, answeredMs, isOwn };
  }
  client.holder.close(slot, answeredMs);
  if (outcome.kind === "given-up") return { kind: "error", error: outcome.error };
  return outcome.failure.kind === "timeout" ? timedOut : { kind: "error", error: { kind: "origin-failed" } };
}

async function discard(client: UpstreamClient, { response, slot }: OriginResponse): Promise<void> {
  try {
    await response.body?.cancel();
  } catch {
    // The origin cut the body of an answer that is discarded: there is nothing to report.
  }
  client.holder.close(slot, Date.now());
}

function toResult(outcome: AttemptOutcome): AttemptResult {
  switch (outcome.kind) {
    case "response":
      return { kind: "response", status: outcome.status };
    case "failed": {
      const cause = outcome.failure.kind === "timeout" ? "timeout" : "connect";
      return { kind: "failed", cause, sent: outcome.failure.sent };
    }
    case "given-up":
      return outcome;
  }
}

type PickRefusal = Exclude<PickAnswer, { kind: "granted" }>;

function loopEndOf(answer: PickRefusal): LoopEnd {
  switch (answer.kind) {
    case "unavailable":
      return "no-origin";
    case "lost":
      return "coordinator-lost";
    case "client-gone":
      return "client-gone";
    case "no-retry-budget":
      return answer.of === "client" ? "client-retry-budget" : "no-retry-budget";
  }
}

/** No origin may take the request. The bill has a line for requests that a budget turned away. */
function refused(client: UpstreamClient, answer: PickRefusal): Failed {
  if (answer.kind === "unavailable" && answer.why === "budget")
    client.holder.count("refused", { pool: answer.pool });
  return { kind: "error", error: refusal(answer) };
}

function refusal(answer: PickRefusal): ProxyError {
  switch (answer.kind) {
    case "client-gone":
      return { kind: "client-gone" };
    case "lost":
      return { kind: "coordinator-lost" };
    case "no-retry-budget":
      return { kind: "origin-failed" };
    case "unavailable":
      if (answer.why === "full" && answer.of === "client") return { kind: "client-queue" };
      return answer.why === "budget"
        ? { kind: "unavailable", why: "budget", againInMs: answer.againInMs, of: answer.of }
        : { kind: "unavailable", why: answer.why, retryAfterS: answer.retryAfterS };
  }
}
