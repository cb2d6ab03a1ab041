/**
 * One attempt on one origin, to its response headers. It never throws: how it ended is a value, so that what
 * follows can be decided in one place (`core/resilience/retry.ts`).
 */
import type { Millis } from "../../core/upstream.ts";
import type { OriginConfig } from "../config/config.ts";
import { classifyResponse, classifyThrown, type TransportFailure } from "../transport/failure.ts";
import { transportFor } from "../transport/transport.ts";
import type { PreparedRequest } from "./prepare-request.ts";

export type AttemptOutcome =
  | { readonly kind: "response"; readonly response: Response; readonly abort: () => void }
  | { readonly kind: "failed"; readonly failure: TransportFailure }
  /** The client went away first. */
  | { readonly kind: "client-gone" }
  /** The client paused for too long within its body. */
  | { readonly kind: "client-stalled" };

/** For so long an attempt goes on unwatched: most are over by then, and watching the client is not free. */
const watchClientAfterMs: Millis = 50;

/** Keeps the slot of an attempt that sends a long body. */
export interface Renewal {
  readonly everyMs: Millis;
  readonly renew: () => void;
}

/**
 * Sends the request to the origin and waits at most `timeoutMs` for the headers, counted from the end of a body
 * that is sent while it arrives: how long a client takes is not the origin's fault.
 */
export async function attempt(
  request: PreparedRequest,
  origin: OriginConfig,
  timeoutMs: Millis,
  renewal: Renewal,
  bindings: object,
): Promise<AttemptOutcome> {
  const abort = new AbortController();
  const ended = watchEnd(request, timeoutMs, renewal, abort);
  try {
    const { method, headers } = request;
    const init: RequestInit = { method, headers, body: request.body(), signal: abort.signal };
    const response = await transportFor(origin.via, bindings).send(`${origin.url}${request.target}`, init);
    const failure = classifyResponse(response, origin.via);
    if (failure === undefined) return { kind: "response", response, abort: () => abort.abort() };
    await response.body?.cancel();
    return { kind: "failed", failure };
  } catch (error) {
    if (ended.by === "client") {
      const { reason } = request.clientSignal();
      return { kind: isTimeout(reason) ? "client-stalled" : "client-gone" };
    }
    if (ended.by === "timeout") {
      const detail = `no headers in ${timeoutMs} ms`;
      return { kind: "failed", failure: { kind: "timeout", sent: "maybe", detail } };
    }
    return { kind: "failed", failure: classifyThrown(error) };
  } finally {
    ended.over = true;
    request.alarm.clear();
  }
}

function isTimeout(reason: unknown): boolean {
  return reason instanceof DOMException && reason.name === "TimeoutError";
}

/** Why an attempt was aborted, if it was; and whether it is over, so that its deadlines mean nothing any more. */
interface Ended {
  by: "client" | "timeout" | undefined;
  over: boolean;
}

/** Aborts the attempt when its time is over or its client has gone, and says which it was. */
function watchEnd(
  request: PreparedRequest,
  timeoutMs: Millis,
  renewal: Renewal,
  abort: AbortController,
): Ended {
  const { alarm, uploaded } = request;
  const ended: Ended = { by: undefined, over: false };
  const end = (by: "client" | "timeout"): void => {
    ended.by ??= by;
    abort.abort();
  };
  const watchClient = (): void => {
    const client = request.clientSignal();
    // A listener on a signal that has fired already would never be called.
    if (client.aborted) return end("client");
    client.addEventListener("abort", () => end("client"), { once: true });
  };
  if (uploaded === undefined) {
    const unwatchedMs = Math.min(watchClientAfterMs, timeoutMs);
    alarm.set(unwatchedMs, () => {
      watchClient();
      alarm.set(timeoutMs - unwatchedMs, () => end("timeout"));
    });
    return ended;
  }
  // A body that is sent while it arrives breaks off at any moment, and must not pass for a whole one.
  watchClient();
  const keep = (): void => {
    renewal.renew();
    alarm.set(renewal.everyMs, keep);
  };
  keep();
  const awaitHeaders = async (): Promise<void> => {
    await uploaded;
    if (!ended.over) alarm.set(timeoutMs, () => end("timeout"));
  };
  void awaitHeaders();
  return ended;
}
