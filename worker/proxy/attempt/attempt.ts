/**
 * One attempt on one origin, to its response headers. It never throws: how it ended is a value, so that what
 * follows can be decided in one place (`core/resilience/retry.ts`).
 */
import type { OriginConfig } from "../../config/sections/origin.ts";
import {
  classifyHandshake,
  classifyResponse,
  classifyThrown,
  type TransportFailure,
} from "../../transport/failure.ts";
import { ConnectionFailed } from "../../transport/own-connection/connection-failed.ts";
import { sendToOrigin, type OwnWay } from "../../transport/origin-request.ts";
import { withoutForeignLogin } from "./connection-login.ts";
import { watchAttempt, type AttemptTerms, type Watched } from "./attempt-watch.ts";
import type { PreparedRequest } from "../request/prepare-request.ts";

export type AttemptOutcome =
  | {
      readonly kind: "response";
      readonly response: Response;
      /** That of the response, which is not asked for it again: every question to the runtime costs. */
      readonly status: number;
      readonly abort: () => void;
    }
  | { readonly kind: "failed"; readonly failure: TransportFailure }
  /**
   * Nothing that the origin did: the client went away, paused for too long, or sent more than the route allows; or the slot could not be
   * renewed, and another request may have it by now.
   */
  | { readonly kind: "given-up"; readonly error: GivenUp };

type GivenUp = {
  readonly kind: Exclude<Watched["endedBy"], "timeout" | "origin-stalled" | undefined>;
};

/** Sends the request to the origin, on a connection of its `own` if it has one, and waits for the headers as long as the terms allow. */
export async function attempt(
  request: PreparedRequest,
  origin: OriginConfig,
  {
    own,
    upstream,
    ...terms
  }: AttemptTerms & { readonly own?: OwnWay | undefined; readonly upstream: string },
  bindings: object,
): Promise<AttemptOutcome> {
  const abort = new AbortController();
  const body = request.body();
  const watched = watchAttempt(request, terms, abort);
  try {
    const { method } = request;
    const headers = withoutForeignLogin(request, { upstream, origin, own });
    const init = { method, headers, body, signal: abort.signal };
    const response = await sendToOrigin(origin, request, init, bindings, own);
    const failure =
      classifyResponse(response, origin, request.platform) ?? classifyHandshake(headers, response);
    if (failure === undefined) {
      return { kind: "response", response, status: response.status, abort: () => abort.abort() };
    }
    await response.body?.cancel();
    return { kind: "failed", failure };
  } catch (error) {
    const { endedBy } = watched;
    if (endedBy === undefined) return { kind: "failed", failure: classifyThrown(error) };
    if (endedBy === "timeout") return { kind: "failed", failure: timedOut(error, "no headers in time") };
    if (endedBy === "origin-stalled") return { kind: "failed", failure: timedOut(error, "took no more") };
    return { kind: "given-up", error: { kind: endedBy } };
  } finally {
    watched.over = true;
    terms.alarm.clear();
  }
}

/** A connection of the request's own knows whether it ever came about. */
function timedOut(error: unknown, detail: string): TransportFailure {
  return error instanceof ConnectionFailed ? error.failure : { kind: "timeout", sent: "maybe", detail };
}
