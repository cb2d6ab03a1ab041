/**
 * One wide event per request, written once, when the request is over, however it ended. Its fields are a
 * contract (`docs/logs.md`). No query, no header, no cookie: nothing in it is a secret.
 */
import type { SpillReason } from "../../core/burst/spill.ts";
import type { AnswerEnd } from "../../core/health/judgement.ts";
import type { PickMode } from "../../core/leases/exchange.ts";
import type { Millis } from "../../core/upstream.ts";
import { logEvent } from "../transport/log-event.ts";

export interface RequestEvent {
  readonly requestId: string;
  readonly method: string;
  readonly host: string;
  readonly path: string;
  readonly startedMs: Millis;
  status?: number;
  upstream?: string;
  pool?: string;
  origin?: string;
  /** Why the request did not stay in the home pool; absent: it did. */
  spill?: SpillReason | undefined;
  /** Nobody was healthy, so health was ignored. */
  panic?: true;
  attempts: number;
  /** How long it waited for a slot in the queue; absent: it did not. */
  queuedMs?: Millis;
  /** What the last failed attempt failed by. */
  failure?: string;
  /** How a body that outlived its headers ended; absent: it was complete with them. */
  body?: AnswerEnd;
  /** How the last pick was made. */
  mode?: PickMode;
  /** The object could not be asked, and no slot was left: the origin's limit may have been exceeded. */
  excess?: true;
}

export function logRequest({ startedMs, ...event }: RequestEvent): void {
  logEvent({ event: "request", ...event, durationMs: Date.now() - startedMs });
}
