/**
 * What an origin is held to: what the object hears of an attempt, for passive health and for policies that go by time.
 * A failure counts against an origin only if it hardly lies in what was asked: one client must not be able to take
 * servers out of service by sending them what they rightly refuse.
 */
import type { Millis } from "../model/upstream.ts";
import type { Outcome } from "../protocol/outcome.ts";
import { isFailure, type FailureRules } from "./judges/statuses.ts";

/** Why an attempt got no answer. */
export type FailureKind =
  /** The origin turned the connection away. */
  | "refused"
  /** A connection, or the Worker at its end, broke before the response headers. */
  | "reset"
  | "timeout"
  /** What the origin answered is no answer by HTTP's rules. */
  | "malformed"
  | "dns"
  | "tls"
  /** There was no way to the origin: no route, no tunnel, or an internal error of the platform. */
  | "unreachable"
  /** The platform would not send the request: a limit or a policy. */
  | "rejected"
  /** The origin's binding is missing, or the platform sees a loop. */
  | "misconfigured"
  /** The client's request is one that the platform cannot send: a method or a body that it does not know. */
  | "unsendable"
  /** Weir or the client gave up. */
  | "aborted";

/** How an answer ended. */
export type AnswerEnd =
  | "complete"
  | "cut-by-origin"
  | "cut-by-weir"
  | "client-gone"
  /** A WebSocket of which one end does not read what it is sent. */
  | "unread";

/** What is said of the attempt's origin; nothing is said where nothing follows for it. */
export type Judgement = Omit<Outcome, "origin" | "client" | "bound" | "confirms">;

/** The connection failed: nothing that an application answers, but for one that hangs up on what it does not like. */
const lostConnection: ReadonlySet<FailureKind> = new Set(["refused", "reset", "dns", "tls", "unreachable"]);

/**
 * Of these, those that a client can bring about, by what makes a server hang up: heads that it finds too large, uploads that it does not
 * read, a page that takes too long. Without a connection nothing has been asked yet.
 */
const mayBeAsked: ReadonlySet<FailureKind> = new Set(["reset"]);

/** Switching Protocols: the answer is a WebSocket. */
const switching = 101;

/** Judges an attempt without an answer. `uploaded`: the origin has had the request's body as a whole. */
export function judgeFailure(kind: FailureKind, uploaded: boolean): Judgement | undefined {
  // The request cannot be sent; or it was too long for the origin, which hung up in the middle of it.
  if (kind === "unsendable" || (kind === "reset" && !uploaded)) return undefined;
  const failed = { ok: false, detail: kind } as const;
  if (!lostConnection.has(kind)) return failed;
  return mayBeAsked.has(kind) ? { ...failed, lost: true } : { ...failed, lost: true, certain: true };
}

/** Judges an answer by its status, when its headers are there. A good one is judged by its end: headers are not worth much. */
export function judgeStatus(status: number, rules: FailureRules): Judgement | undefined {
  return isFailure(status, rules) ? { ok: false, detail: String(status) } : undefined;
}

/** An answer that is over. Times count from when the request was sent. */
export interface EndedAnswer {
  readonly end: AnswerEnd;
  readonly status: number;
  readonly headerMs: Millis;
  readonly endMs: Millis;
  /** The body was sent while the client sent it: the time that the answer took is the client's. */
  readonly streamedUp: boolean;
  /** The longest that headers may take. */
  readonly headersTimeoutMs: Millis;
  readonly rules: FailureRules;
}

/**
 * Judges an answer by its end. A cut is the origin's failure if it comes early; a late one may be its patience with a
 * client that does not read (nginx's `send_timeout`). A WebSocket was judged when it opened, and any may be closed.
 */
export function judgeEnd(answer: EndedAnswer): Judgement | undefined {
  const { end, status, headerMs, endMs, streamedUp, headersTimeoutMs, rules } = answer;
  if (status === switching || end === "client-gone" || end === "cut-by-weir") return undefined;
  if (end === "cut-by-origin") return endMs < headersTimeoutMs ? { ok: false, detail: "cut" } : undefined;
  // Judged by its status, or one that only says something about the request.
  if (status >= 500 || isFailure(status, rules)) return undefined;
  if (streamedUp) return { ok: true };
  return endMs === headerMs ? { ok: true, headerMs } : { ok: true, headerMs, lastByteMs: endMs };
}
