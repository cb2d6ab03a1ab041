/**
 * One attempt with all that belongs to it: the way to the origin, the attempt's deadlines, and what it says of the request, of the
 * origin's connections, and of the origin. What follows from it is the loop's to decide (`attempt-loop.ts`). An attempt has nothing in
 * common with another one but the request, so that two may run side by side.
 */
import { judgeFailure, judgeStatus, type Judgement } from "../../../core/health/judgement.ts";
import type { FailureRules } from "../../../core/health/judges/statuses.ts";
import type { Slot } from "../../../core/holder/open-slots.ts";
import type { Millis } from "../../../core/model/upstream.ts";
import { mayRepeat } from "../../../core/resilience/retry.ts";
import type { OriginConfig } from "../../config/sections/origin.ts";
import type { RequestIo } from "../../objects/request-io.ts";
import type { SlotRenewal } from "../../objects/slot-renewal.ts";
import { gotNoAnswer, gotThrough, lostConnection, ownWay, wayTo } from "../../transport/connection-ways.ts";
import type { PreparedRequest } from "../request/prepare-request.ts";
import type { Transaction } from "../transaction.ts";
import { attempt, type AttemptOutcome } from "./attempt.ts";

/** What an attempt came to. */
export interface Tried {
  readonly outcome: AttemptOutcome;
  /** It went on a connection of its own, so the body of its answer is read in JavaScript. */
  readonly isOwn: boolean;
  /** When it was sent, and when its headers had come, or it had failed. */
  readonly sentMs: Millis;
  readonly answeredMs: Millis;
  /** The connection had been used before, and ended at the very moment: that says nothing of the origin. */
  readonly isIdleEnd: boolean;
  /** It is held against the origin. */
  readonly isHeldAgainst: boolean;
}

/** Where the request goes, and how it came to that. */
export interface AttemptTarget {
  readonly origin: OriginConfig;
  readonly slot: Slot;
  /** A session or a key has chosen the origin. */
  readonly isBound: boolean;
}

export interface TryTerms {
  readonly io: RequestIo;
  /** Now, and until when the request as a whole may last. */
  readonly sentMs: Millis;
  readonly remainingMs: Millis;
  /** An attempt before was reset: no used connection is tried again. */
  readonly afterReset: boolean;
}

/** Sends the request to the origin, in the slot, which stays open. Never rejects. */
export async function tryOnce(
  tx: Transaction,
  request: PreparedRequest,
  { origin, slot, isBound }: AttemptTarget,
  { io, sentMs, remainingMs, afterReset }: TryTerms,
): Promise<Tried> {
  const { client, env, waitUntil } = tx;
  const { name: upstream, timeouts } = tx.upstream.config;
  const passenger = { isRepeatable: mayRepeat(request), logsIn: request.login !== "none", afterReset };
  const way = wayTo(origin, request.platform, passenger, sentMs);
  const own = ownWay(origin, upstream, way, waitUntil);
  const timeoutMs = Math.min(timeouts.headersMs, remainingMs);
  const renewal = (): SlotRenewal => client.renewal(slot, io);
  const { alarm } = io;
  const outcome = await attempt(request, origin, { alarm, sentMs, timeoutMs, renewal, own, upstream }, env);
  const answeredMs = Date.now();
  const isIdleEnd = way.kind === "reused" && isReset(outcome);
  const tried = { outcome, isOwn: own !== undefined, sentMs, answeredMs, isIdleEnd };
  return { ...tried, isHeldAgainst: learn(tx, request, { origin, isBound }, tried) };
}

export const isReset = (outcome: AttemptOutcome): boolean =>
  outcome.kind === "failed" && outcome.failure.kind === "reset";

function learn(
  { client, clientNumber, event, upstream }: Transaction,
  request: PreparedRequest,
  { origin, isBound }: Omit<AttemptTarget, "slot">,
  { outcome, isOwn, isIdleEnd, sentMs, answeredMs }: Omit<Tried, "isHeldAgainst">,
): boolean {
  if (outcome.kind === "failed") event.failure = outcome.failure.kind;
  else if (outcome.kind === "response" && outcome.status >= 500) event.failure = String(outcome.status);
  // What was known of the origin's connections is known no more.
  if (isIdleEnd || (outcome.kind === "failed" && outcome.failure.kind === "refused")) lostConnection(origin);
  if (outcome.kind === "failed") gotNoAnswer(origin, answeredMs);
  else if (outcome.kind === "response" && isOwn) gotThrough(origin, sentMs);
  const judgement = judge(outcome, request, isIdleEnd, upstream.config);
  if (judgement === undefined) return false;
  const bound = isBound || undefined;
  client.holder.recordOutcome({ ...judgement, origin: origin.name, client: clientNumber, bound }, answeredMs);
  return true;
}

function judge(
  outcome: AttemptOutcome,
  request: PreparedRequest,
  isIdleEnd: boolean,
  rules: FailureRules,
): Judgement | undefined {
  switch (outcome.kind) {
    case "given-up":
      return undefined;
    case "failed":
      // If it was more than the end of an idle connection, the next attempt, on a connection of its own, finds it out.
      return isIdleEnd ? undefined : judgeFailure(outcome.failure.kind, request.isUploaded());
    case "response":
      return judgeStatus(outcome.status, rules);
  }
}
