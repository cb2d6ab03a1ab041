/**
 * The loop at the heart of the proxy: pick → attempt → classify → decide, until an answer is worth sending.
 * It is written out, not hidden in wrappers, because it is what a reader of a load balancer came to see.
 */
import type { Way } from "../../../core/connections/keep-alive.ts";
import { judgeFailure, judgeStatus, type Judgement } from "../../../core/health/judgement.ts";
import type { GrantedAnswer } from "../../../core/holder/answer.ts";
import type { Slot } from "../../../core/holder/open-slots.ts";
import type { Millis } from "../../../core/model/upstream.ts";
import type { GrantedPick, Pin, Want } from "../../../core/protocol/pick.ts";
import {
  decide,
  mayRepeat,
  mayResend,
  type AttemptResult,
  type Decision,
  type RetryFacts,
} from "../../../core/resilience/retry.ts";
import type { ActiveUpstream } from "../../active-config.ts";
import type { OriginConfig } from "../../config/sections/origin.ts";
import type { Env } from "../../env.ts";
import type { SlotRenewal } from "../../objects/slot-renewal.ts";
import type { PickAnswer, UpstreamClient } from "../../objects/upstream-client.ts";
import type { RequestEvent } from "../../telemetry/access-log.ts";
import { lostConnection, ownWay, wayTo } from "../../transport/connection-ways.ts";
import type { PreparedRequest } from "../request/prepare-request.ts";
import { pinOf, type RequestSession } from "../request/session.ts";
import type { ProxyError } from "../response/error-response.ts";
import { attempt, type AttemptOutcome } from "./attempt.ts";

/** An origin's answer, and the slot that stays open until its body has ended. */
export interface Served {
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
  /** It came on a connection of its own, so its body is read in JavaScript. */
  readonly isOwn: boolean;
}

export type Failed = { readonly kind: "error"; readonly error: ProxyError };

export interface LoopContext {
  readonly env: Env;
  readonly upstream: ActiveUpstream;
  readonly client: UpstreamClient;
  readonly request: PreparedRequest;
  readonly session: RequestSession;
  readonly event: RequestEvent;
  readonly waitUntil: (work: Promise<unknown>) => void;
}

/** Attempts the request on one origin after the other. Every slot it was granted is closed, but the one it returns. */
export async function attemptInTurn(context: LoopContext): Promise<Served | Failed> {
  const { env, upstream, client, request, session, event, waitUntil } = context;
  const { timeouts, retries } = upstream.config;
  let now = Date.now();
  // From here: what a slow client took to send its body is not the origins' time.
  const deadlineMs = now + timeouts.totalMs;
  const pin = pinOf(session);
  const io = { env, waitUntil, alarm: request.alarm, deadlineMs, clientSignal: request.clientSignal };
  const tried: string[] = [];
  const unknown: string[] = [];
  let reset: string | undefined;
  const passenger = { isRepeatable: mayRepeat(request), logsIn: request.login !== "none" };
  let afterReset = false;
  // What stands if no further attempt can be made: an answer that was worth retrying, or a failure.
  let standing: Served | Failed | undefined;
  // The next attempt goes to the same origin, in the slot that the request has already.
  let kept: (PickAnswer & GrantedAnswer) | undefined;
  let resent = 0;
  for (;;) {
    const picked = kept ?? client.pick(wantOf(request, pin, { tried, unknown, reset }), io, now);
    kept = undefined;
    const answer = picked instanceof Promise ? await picked : picked;
    if (picked instanceof Promise) now = Date.now();
    if (answer.queuedMs !== undefined) event.queuedMs = (event.queuedMs ?? 0) + answer.queuedMs;
    if (answer.kind !== "granted") return standing ?? refused(client, answer);
    const { pick, slot } = answer;
    const origin = client.originOf(pick);
    const remainingMs = deadlineMs - now;
    if (origin === undefined || remainingMs <= 0) {
      client.holder.close(slot, now);
      if (remainingMs <= 0) return standing ?? { kind: "error", error: { kind: "origin-timeout" } };
      // The object has the newer configuration of a deployment that overlaps with this one.
      unknown.push(pick.origin);
      continue;
    }
    if (standing?.kind === "served") {
      await discard(client, standing);
      standing = undefined;
      now = Date.now();
    }
    const sentMs = now;
    note(event, answer);
    const timeoutMs = Math.min(timeouts.headersMs, remainingMs);
    const renewal = (): SlotRenewal => client.renewal(slot, io);
    const way = wayTo(origin, request.platform, { ...passenger, afterReset }, now);
    const own = ownWay(origin, upstream.config.name, way, waitUntil);
    const terms = { sentMs, timeoutMs, renewal, own, upstream: upstream.config.name };
    const outcome = await attempt(request, origin, terms, env);
    now = Date.now();
    afterReset ||= isReset(outcome);
    reset = isReset(outcome) && !tried.includes(pick.origin) ? pick.origin : undefined;
    learn(context, origin, { outcome, way, now });
    const facts = { attempts: event.attempts - resent, remainingMs: deadlineMs - now, rules: retries };
    const decision = decideAfter(outcome, request, facts);
    if (decision.kind === "retry" && isIdleEnd(outcome, way) && mayResend(pick.pool, upstream.config)) {
      kept = { ...answer, queuedMs: undefined };
      resent++;
      continue;
    }
    tried.push(pick.origin);
    standing = settle(client, outcome, { pick, slot, sentMs, answeredMs: now, isOwn: own !== undefined });
    if (decision.kind === "finish") return standing;
  }
}

/** What the attempt says of the request, of the origin's connections, and of the origin. */
function learn(
  { client, request, event }: LoopContext,
  origin: OriginConfig,
  { outcome, way, now }: { readonly outcome: AttemptOutcome; readonly way: Way; readonly now: Millis },
): void {
  noteFailure(outcome, event);
  if (isLost(outcome, way)) lostConnection(origin);
  const judgement = judge(outcome, request, way);
  if (judgement !== undefined) client.holder.recordOutcome({ origin: origin.name, ...judgement }, now);
}

function decideAfter(
  outcome: AttemptOutcome,
  { method, idempotencyKey, replayable }: PreparedRequest,
  { attempts, remainingMs, rules }: Pick<RetryFacts, "attempts" | "remainingMs" | "rules">,
): Decision {
  const isReplayable = replayable || isUntouched(outcome);
  const facts = { method, idempotencyKey, replayable: isReplayable, attempts, remainingMs, rules };
  return decide(toResult(outcome), facts);
}

/** What is asked for. */
function wantOf(
  { key, priority }: PreparedRequest,
  pin: Pin | undefined,
  { tried, unknown, reset }: { tried: string[]; unknown: string[]; reset: string | undefined },
): Want {
  return {
    tried,
    unknown: unknown.length > 0 ? unknown : undefined,
    key,
    pin,
    priority: priority === "normal" ? undefined : priority,
    reset,
  };
}

const isReset = (outcome: AttemptOutcome): boolean =>
  outcome.kind === "failed" && outcome.failure.kind === "reset";

/** A connection of its own that never came about has not touched the request's body. */
const isUntouched = (outcome: AttemptOutcome): boolean =>
  outcome.kind === "failed" && outcome.failure.sent === "no" && outcome.failure.untouched === true;

/**
 * The connection had been used before, and ended at the very moment: that says nothing of the origin. So the request keeps its slot, as a
 * retry does not wait for another one in a crowd; and it is not counted as a retry, as in nginx (`ngx_http_upstream_next`,
 * `u->peer.cached`). It happens once a request: after a reset no used connection is tried.
 */
const isIdleEnd = (outcome: AttemptOutcome, way: Way): boolean => way.kind === "reused" && isReset(outcome);

/** What was known of the origin's connections is known no more. */
const isLost = (outcome: AttemptOutcome, way: Way): boolean =>
  (outcome.kind === "failed" && outcome.failure.kind === "refused") || isIdleEnd(outcome, way);

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

function judge(outcome: AttemptOutcome, request: PreparedRequest, way: Way): Judgement | undefined {
  switch (outcome.kind) {
    case "given-up":
      return undefined;
    case "failed":
      // If it was more than the end of an idle connection, the next attempt, on a connection of its own, finds it out.
      return isIdleEnd(outcome, way) ? undefined : judgeFailure(outcome.failure.kind, request.isUploaded());
    case "response":
      return judgeStatus(outcome.status);
  }
}

function noteFailure(outcome: AttemptOutcome, event: RequestEvent): void {
  if (outcome.kind === "failed") event.failure = outcome.failure.kind;
  else if (outcome.kind === "response" && outcome.status >= 500) event.failure = String(outcome.status);
}

/** What the outcome comes to if it is the last one; without a response to send on, its slot ends here. */
function settle(
  client: UpstreamClient,
  outcome: AttemptOutcome,
  attempted: Pick<Served, "pick" | "slot" | "sentMs" | "answeredMs" | "isOwn">,
): Served | Failed {
  if (outcome.kind === "response") {
    const { response, status, abort } = outcome;
    return { kind: "served", response, status, abort, ...attempted };
  }
  client.holder.close(attempted.slot, attempted.answeredMs);
  if (outcome.kind === "given-up") return { kind: "error", error: outcome.error };
  const kind = outcome.failure.kind === "timeout" ? "origin-timeout" : "origin-failed";
  return { kind: "error", error: { kind } };
}

async function discard(client: UpstreamClient, { response, slot }: Served): Promise<void> {
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

/** No origin may take the request. The bill has a line for requests that a budget turned away. */
function refused(client: UpstreamClient, answer: Exclude<PickAnswer, { kind: "granted" }>): Failed {
  if (answer.kind === "unavailable" && answer.why === "budget")
    client.holder.tally(answer.pool, "refused", 1);
  return { kind: "error", error: refusal(answer) };
}

function refusal(answer: Exclude<PickAnswer, { kind: "granted" }>): ProxyError {
  switch (answer.kind) {
    case "client-gone":
      return { kind: "client-gone" };
    case "lost":
      return { kind: "coordinator-lost" };
    case "no-retry-budget":
      return { kind: "origin-failed" };
    case "unavailable":
      return answer.why === "budget"
        ? { kind: "unavailable", why: "budget", againInMs: answer.againInMs }
        : { kind: "unavailable", why: answer.why, retryAfterS: answer.retryAfterS };
  }
}
