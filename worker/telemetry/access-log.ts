/**
 * One wide event per request, written once, when the request is over, however it ended. Its fields are a
 * contract (`docs/logs.md`). No query, no header, no cookie: nothing in it is a secret.
 */
import type { AnswerEnd } from "../../core/health/judgement.ts";
import type { AloneReason } from "../../core/holder/answer.ts";
import type { Leaseholder } from "../../core/holder/leaseholder.ts";
import type { Millis } from "../../core/model/upstream.ts";
import type { SpillReason, PickMode } from "../../core/protocol/pick.ts";
import type { FinishReason } from "../../core/resilience/retry.ts";
import { logEvent } from "./log-event.ts";

/** Why no further attempt was made: what the last one came to, or that no origin could take the request. */
export type LoopEnd = FinishReason | "no-origin" | "no-retry-budget" | "coordinator-lost" | "client-gone";

export interface RequestEvent {
  readonly event: "request";
  readonly requestId: string;
  readonly method: string;
  readonly host: string;
  readonly path: string;
  readonly startedMs: Millis;
  status?: number | undefined;
  /** The name of the route; absent: none matched. */
  route?: string | undefined;
  /** The filter of the route that answered; absent: none did. */
  filter?: string | undefined;
  upstream?: string | undefined;
  pool?: string | undefined;
  origin?: string | undefined;
  /** Why the request did not stay in the home pool; absent: it did. */
  spill?: SpillReason | undefined;
  /** No origin was healthy, so health was ignored. */
  panic?: true | undefined;
  attempts: number;
  /** Why no further attempt was made; absent: the request was answered before the first. */
  finished?: LoopEnd | undefined;
  /** How long it waited for a slot in the queue; absent: it did not. */
  queuedMs?: Millis | undefined;
  /** What the last failed attempt failed by. */
  failure?: string | undefined;
  /** How a body that outlived its headers ended; absent: it was complete with them. */
  body?: AnswerEnd | undefined;
  /** How the last pick was made. */
  mode?: PickMode | undefined;
  /** Why that was made without the object; absent: it was not. */
  alone?: AloneReason | undefined;
  /** The object could not be asked, and no slot was left: the origin's limit may have been exceeded. */
  excess?: true | undefined;
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
 * Writes the line, with the time at which the request was over, and counts the answer; what is undefined is not in the line.
 * @param holder that of the route's upstream; absent: no route took the request, and the answer is not counted.
 */
export function logRequest(event: RequestEvent, now: Millis, holder?: Pick<Leaseholder, "count">): void {
  const { route, status } = event;
  if (route !== undefined && status !== undefined)
    holder?.count("responses", { route, class: `${Math.floor(status / 100)}xx` });
  logEvent({ ...event, startedMs: undefined, durationMs: now - event.startedMs }, now);
}
