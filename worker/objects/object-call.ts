/**
 * Calls to an upstream's object, and for how long their answers are waited for: an exchange, and a call that the object holds open until
 * it has something to say, which may be never: the client goes away, or the time. Only time in which this isolate runs
 * counts against an answer (`core/holder/answer-deadline.ts`).
 */
import { AnswerDeadline } from "../../core/holder/answer-deadline.ts";
import type { Millis } from "../../core/model/upstream.ts";
import type { Alarm } from "../alarm.ts";

export interface CallTerms {
  readonly alarm: Alarm;
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
    waitFor(terms, reject);
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
    terms.alarm.set(forMs, () => waitFor({ ...terms, now: Date.now() }, reject), terms.now);
    call()
      .then(resolve, reject)
      .finally(() => client.removeEventListener("abort", leave));
  });
}

function waitFor({ alarm, exchangeMs, now }: CallTerms, lose: (error: Error) => void): void {
  const deadline = new AnswerDeadline(exchangeMs, now);
  const ring = (): void => {
    const rangMs = Date.now();
    if (deadline.isOver(rangMs)) lose(new Error(deadline.lossText));
    else alarm.set(deadline.inMs, ring, rangMs);
  };
  alarm.set(deadline.inMs, ring, now);
}
