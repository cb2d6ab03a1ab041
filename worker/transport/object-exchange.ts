/**
 * The exchange on the wire: a string to an upstream's object and one back, and the config's section if it asks for that. An
 * isolate writes to an object in this way, and so does a region's object to its root. And for how long answers are waited for: those of
 * an exchange, and of a call that the object holds open until it has something to say, which may be never. Only time in which this
 * isolate runs counts against an answer (`core/holder/answer-deadline.ts`).
 */
import type { AskName } from "../../core/protocol/pick.ts";
import type { ConfigSection } from "../../core/protocol/config-section.ts";
import type { ExchangeMessage } from "../../core/protocol/exchange.ts";
import type { Remote } from "../../core/protocol/object-namespace.ts";
import type {
  UpstreamObject,
  Addressed,
  ExchangeResult,
  WaitResult,
} from "../../core/protocol/upstream-object.ts";
import { AnswerDeadline } from "../../core/holder/answer-deadline.ts";
import type { Millis } from "../../core/model/upstream.ts";
import type { Alarm } from "../alarm.ts";

/** The platform tries calls again by itself for up to ten seconds; here a lost message is made good by the next one. */
export const onlyOnce = { retry: { maxRetries: 0 } };

/**
 * The object's answer. Rejects when the object cannot be reached, or refuses the configuration; waits as long as it
 * takes, which is the caller's to limit. `stub` makes a new one: none can be used again after it has failed.
 */
export async function exchange(
  stub: () => Remote<UpstreamObject>,
  message: Addressed<ExchangeMessage>,
  section: ConfigSection,
): Promise<Extract<ExchangeResult, { kind: "reply" }>> {
  const json = JSON.stringify(message);
  const first: ExchangeResult = JSON.parse(await stub().exchange(json));
  if (first.kind === "reply") return first;
  const second: ExchangeResult = JSON.parse(await stub().exchange(json, section));
  if (second.kind === "reply") return second;
  throw new Error("the object refused this configuration");
}

/**
 * What becomes of an ask that waits in the object's queue. Waits for as long as it does, and rejects when the object cannot
 * be reached or loses its memory.
 */
export async function waitFor(stub: Remote<UpstreamObject>, ask: Addressed<AskName>): Promise<WaitResult> {
  return JSON.parse(await stub.wait(JSON.stringify(ask)));
}

export interface CallTerms {
  readonly alarm: Pick<Alarm, "set">;
  /** How long an answer may take that the object has no reason to hold back. */
  readonly exchangeMs: Millis;
  readonly now: Millis;
}

export interface HeldUntil extends CallTerms {
  /** For so long the object may hold the call open. */
  readonly forMs: Millis;
  readonly client: AbortSignal;
}

/** The call's answer. Rejects as the call does, and when there is none in time. Not `Promise.race`, which costs twice as much. */
export function answered<Answer>(terms: CallTerms, call: () => Promise<Answer>): Promise<Answer> {
  return new Promise((resolve, reject) => {
    loseWhenLate(terms, reject);
    call().then(resolve, reject);
  });
}

/** The call's result, unless the client goes away first. Rejects as the call does, and when the time is over. */
export function heldCall<Result>(
  { forMs, client, ...terms }: HeldUntil,
  call: () => Promise<Result>,
): Promise<Result | "client-gone"> {
  return new Promise((resolve, reject) => {
    const leave = (): void => resolve("client-gone");
    if (client.aborted) return leave();
    client.addEventListener("abort", leave, { once: true });
    terms.alarm.set(forMs, () => loseWhenLate({ ...terms, now: Date.now() }, reject), terms.now);
    call()
      .then(resolve, reject)
      .finally(() => client.removeEventListener("abort", leave));
  });
}

function loseWhenLate({ alarm, exchangeMs, now }: CallTerms, lose: (error: Error) => void): void {
  const deadline = new AnswerDeadline(exchangeMs, now);
  const ring = (): void => {
    const rangMs = Date.now();
    if (deadline.isOver(rangMs)) lose(new Error(deadline.lossText));
    else alarm.set(deadline.inMs, ring, rangMs);
  };
  alarm.set(deadline.inMs, ring, now);
}
