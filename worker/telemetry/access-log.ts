/**
 * One wide event per request, written once, when the request is over, however it ended. Its fields are a
 * contract (`docs/logs.md`). No query, no header, no cookie: nothing in it is a secret.
 */
import type { AccessRefusal } from "../../core/access/access.ts";
import type { AnswerEnd } from "../../core/health/judgement.ts";
import type { AloneReason } from "../../core/holder/answer.ts";
import type { Leaseholder } from "../../core/holder/leaseholder.ts";
import type { Millis } from "../../core/model/upstream.ts";
import type { SpillReason, PickMode } from "../../core/protocol/pick.ts";
import type { FinishReason } from "../../core/resilience/retry.ts";
import type { TokenProblem } from "../proxy/request/token-check.ts";
import { logEvent } from "./log-event.ts";

/** Why no further attempt was made: what the last one came to, or that no origin could take the request. */
export type LoopEnd =
  | FinishReason
  | "no-origin"
  | "no-retry-budget"
  | "client-retry-budget"
  | "coordinator-lost"
  | "client-gone";

/** Why a guard of the route refused the request. */
export type Denial =
  | AccessRefusal
  | "no-login"
  | "malformed-login"
  | "unknown-user"
  | "wrong-password"
  | "too-many-logins"
  | "no-token"
  | TokenProblem;

/** What is noted of a request while it lives. The comments are Markdown, from which docs/logs.md has its table. */
export interface RequestEvent {
  readonly event: "request";
  /** also in the response's `X-Request-Id`, in error pages, and in the `X-Request-Id` that the origin gets */
  readonly requestId: string;
  /** of the request */
  readonly method: string;
  /** of the request, without its port */
  readonly host: string;
  /** of the request, without its query */
  readonly path: string;
  /** When it came: the line has its duration instead. */
  readonly startedMs: Millis;
  /** how many attempts were made, also of one origin. 0: the request reached no origin */
  attempts: number;
  /** the status that the client got; 499: the client was gone first, as far as Weir could see that; or the origin said so */
  status: number | undefined;
  /** if a route matched: its `name`, or what it matches: `shop.example.com/api/*`, `*=/login` (this path only, on any host) */
  route?: string | undefined;
  /**
   * if one answered: the option of the route or its upstream that answered in place of an origin: `ambiguousPaths`, `https`, `maintenance`,
   * `cors`, `access`, `rateLimits`, `basicAuth`, `jwt`, `cloudflareAccess`, `concurrency`, `forwardAuth`, `methods`, `rules`, `maxRequestBody`, `limits`, or `errors` (the answer of the origin was intercepted)
   */
  filter?: string | undefined;
  /** if `access`, `basicAuth`, `jwt` or `cloudflareAccess` refused it: why; see below */
  denied?: Denial | undefined;
  /** if a filter sent the request itself, beside the client's, whose `requestId` it has: which option of the route: `forwardAuth`, `mirror`, `errors` */
  for?: string | undefined;
  /** if a rule of the route answered, or sent the request to another route: its place in `rules`, from 0 */
  rule?: number | undefined;
  /** if a limit of `rateLimits` or `concurrency` refused it: the limit's name; if the limit is a `dryRun`, it would have */
  limit?: string | undefined;
  /** if `rateLimits` held it back until its turn: how long */
  delayedMs?: Millis | undefined;
  /** if a route matched: the upstream that it leads to */
  upstream?: string | undefined;
  /** if an origin was picked: the pool of the last attempt */
  pool?: string | undefined;
  /** if one was picked: the origin of the last attempt */
  origin?: string | undefined;
  /**
   * if an origin was picked: how the last pick was made: `strict` (the object was asked), `leased` (by the isolate, under its lease),
   * `fail-static` (without the object, which did not answer or was in doubt); see [coordination](coordination.md)
   */
  mode?: PickMode | undefined;
  /**
   * if the mode is `fail-static`: why the object was not asked, or not believed: `no-answer` (this request's message got none; an
   * `exchange-lost` says more), `unreached` (a message before got none, and the object is left alone for a while), `in-doubt` (it had just
   * lost its memory or answers, and could not tell which slots are in use)
   */
  alone?: AloneReason | undefined;
  /** if the request left home: why it was not served by the first pool; see below */
  spill?: SpillReason | undefined;
  /** if it waited in the queue: how long, with all its waits, whatever came of it; see [bursting.md](bursting.md#waiting) */
  queuedMs?: Millis | undefined;
  /** `true`: no origin was healthy, so health was ignored */
  panic?: true | undefined;
  /**
   * `true`: the isolate went on by itself, for the reason that `alone` says, and no slot was left without the object; so `maxConns` may have
   * been exceeded (`onCoordinatorLoss: "exceed"`)
   */
  excess?: true | undefined;
  /** if an origin was looked for: why no further attempt was made; see below */
  finished?: LoopEnd | undefined;
  /** if anything failed: why the last failed attempt failed, also if a retry succeeded; see below */
  failure?: string | undefined;
  /**
   * if the body outlived the headers: `complete`, `cut-by-origin`, `client-gone`, or `cut-by-weir`: its slot could not be renewed
   * (`onCoordinatorLoss: "refuse"`). For WebSockets too; one of which an end was sent too much that it may not have read is `unread`
   * ([http.md](http.md#websockets))
   */
  body?: AnswerEnd | undefined;
}

/** What is known of a request at its beginning. All else has its place already: an object that grows is slower. */
export function requestEvent(
  known: Pick<RequestEvent, "requestId" | "method" | "host" | "path" | "startedMs">,
): RequestEvent {
  const { requestId, method, host, path, startedMs } = known;
  return {
    event: "request",
    requestId,
    method,
    host,
    path,
    startedMs,
    attempts: 0,
    route: undefined,
    filter: undefined,
    denied: undefined,
    for: undefined,
    rule: undefined,
    limit: undefined,
    delayedMs: undefined,
    upstream: undefined,
    queuedMs: undefined,
    pool: undefined,
    origin: undefined,
    mode: undefined,
    alone: undefined,
    spill: undefined,
    panic: undefined,
    excess: undefined,
    status: undefined,
    finished: undefined,
    failure: undefined,
    body: undefined,
  };
}

/**
 * Writes the line, with the time at which the request was over, and counts the answer that a client got; what is undefined is not in the line.
 * @param holder that of the route's upstream; absent: no route took the request, and the answer is not counted.
 */
export function logRequest(event: RequestEvent, now: Millis, holder?: Pick<Leaseholder, "count">): void {
  const { route, status } = event;
  if (route !== undefined && status !== undefined && event.for === undefined)
    holder?.count("responses", { route, class: `${Math.floor(status / 100)}xx` });
  logEvent({ ...event, startedMs: undefined, durationMs: now - event.startedMs }, now);
}
