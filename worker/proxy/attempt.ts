/**
 * One attempt on one origin, to its response headers. It never throws: how it ended is a value, so that what
 * follows can be decided in one place (`core/resilience/retry.ts`).
 */
import type { Millis } from "../../core/upstream.ts";
import type { OriginConfig } from "../config/config.ts";
import { classifyStatus, classifyThrown, type TransportFailure } from "../transport/failure.ts";
import { transportFor } from "../transport/transport.ts";
import type { PreparedRequest } from "./prepare-request.ts";

export type AttemptOutcome =
  | { readonly kind: "response"; readonly response: Response }
  | { readonly kind: "failed"; readonly failure: TransportFailure }
  /** The client went away first. */
  | { readonly kind: "client-gone" };

/** Sends the request to the origin and waits at most `timeoutMs` for the headers. */
export async function attempt(
  request: PreparedRequest,
  origin: OriginConfig,
  timeoutMs: Millis,
  bindings: object,
): Promise<AttemptOutcome> {
  // A listener on a signal that has fired already would never be called.
  if (request.clientSignal.aborted) return { kind: "client-gone" };
  const abort = new AbortController();
  let timedOut = false;
  request.alarm.set(timeoutMs, () => {
    timedOut = true;
    abort.abort();
  });
  const onClientGone = (): void => abort.abort();
  request.clientSignal.addEventListener("abort", onClientGone, { once: true });
  try {
    const { method, headers } = request;
    const init: RequestInit = { method, headers, body: request.body(), signal: abort.signal };
    const response = await transportFor(origin.via, bindings).send(`${origin.url}${request.target}`, init);
    const failure = classifyStatus(response.status, origin.via);
    if (failure === undefined) return { kind: "response", response };
    await response.body?.cancel();
    return { kind: "failed", failure };
  } catch (error) {
    if (request.clientSignal.aborted) return { kind: "client-gone" };
    if (timedOut) {
      const detail = `no headers in ${timeoutMs} ms`;
      return { kind: "failed", failure: { kind: "timeout", sent: "maybe", detail } };
    }
    return { kind: "failed", failure: classifyThrown(error) };
  } finally {
    request.alarm.clear();
  }
}
