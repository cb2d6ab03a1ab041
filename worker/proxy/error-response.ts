/**
 * What a client sees when Weir answers in an origin's place. Inside, an error says what happened; outside it says
 * what concerns the client and nothing of the house: no names of origins, no reasons. One switch decides, so that
 * the compiler asks for an answer to every new kind. The request's id ties the page to the log.
 */
import type { Millis } from "../../core/upstream.ts";
import { errorPage } from "./error-page.ts";
import { prefersHtml } from "./prefers-html.ts";

export type ProxyError =
  /** The host or the target is none that a request can be for, or the handshake is none. */
  | { readonly kind: "bad-request" }
  /** A WebSocket of a version that nobody here speaks. */
  | { readonly kind: "websocket-version" }
  | { readonly kind: "no-route" }
  | { readonly kind: "misconfigured" }
  /** A fault of Weir's own. */
  | { readonly kind: "internal" }
  /** Every origin is full, or none can be used. */
  | {
      readonly kind: "unavailable";
      readonly why: "full" | "down";
      /** When there will be room, by the estimate, in seconds. */
      readonly retryAfterS?: number | undefined;
    }
  /** Home cannot take it, and what could must not: its budget is used up. */
  | { readonly kind: "unavailable"; readonly why: "budget"; readonly againInMs: Millis }
  | { readonly kind: "coordinator-lost" }
  | { readonly kind: "origin-failed" }
  | { readonly kind: "origin-timeout" }
  /** The client paused for too long within its body. */
  | { readonly kind: "upload-timeout" }
  /** For the log only: nobody is there to read the response. */
  | { readonly kind: "client-gone" };

/** What the outside may know of an error. */
interface Answer {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
}

function answerTo(error: ProxyError): Answer {
  switch (error.kind) {
    case "bad-request":
      return { status: 400, code: "bad_request", message: "The request is not one that can be served." };
    case "websocket-version":
      return {
        status: 426,
        code: "upgrade_required",
        message: "WebSocket version 13 is spoken here.",
        headers: { Upgrade: "websocket", "Sec-WebSocket-Version": "13" },
      };
    case "no-route":
      return { status: 404, code: "no_route", message: "Nothing is served at this address." };
    case "misconfigured":
      return { status: 500, code: "misconfigured", message: "The service is not set up correctly." };
    case "internal":
      return { status: 500, code: "internal", message: "The service failed to handle the request." };
    case "unavailable":
      return unavailableFor(error);
    case "coordinator-lost":
      return { ...unavailable, headers: { "Retry-After": "2" } };
    case "origin-failed":
      return { status: 502, code: "bad_gateway", message: "The service did not answer properly." };
    case "origin-timeout":
      return { status: 504, code: "timeout", message: "The service did not answer in time." };
    case "upload-timeout":
      return { status: 408, code: "request_timeout", message: "The request's body did not arrive in time." };
    case "client-gone":
      return { status: 499, code: "client_gone", message: "The client closed the request." };
  }
}

/** Whose money it is about is nobody's business outside: there, a budget that is used up is a service at its capacity. */
function unavailableFor(error: Extract<ProxyError, { kind: "unavailable" }>): Answer {
  switch (error.why) {
    case "full":
      return { ...atCapacity, headers: { "Retry-After": String(error.retryAfterS ?? 2) } };
    case "budget":
      return { ...atCapacity, headers: { "Retry-After": String(Math.ceil(error.againInMs / 1_000)) } };
    case "down":
      return { ...unavailable, headers: { "Retry-After": "10" } };
  }
}

const atCapacity = { status: 503, code: "full", message: "The service is at capacity." };

const unavailable = {
  status: 503,
  code: "unavailable",
  message: "The service is not available at the moment.",
};

/** The status of the error's response; 499, from nginx, for a client that is not there to see one. */
export function errorStatus(error: ProxyError): number {
  return answerTo(error).status;
}

/** The response: a page for those who prefer one (RFC 9110 §12.5.1), else JSON. Never cached. */
export function errorResponse(
  error: ProxyError,
  request: { readonly accept: string | null; readonly requestId: string; readonly method: string },
): Response {
  const { status, code, message, headers: extra } = answerTo(error);
  const { requestId } = request;
  const html = prefersHtml(request.accept);
  const headers = new Headers({
    "Cache-Control": "no-store",
    "Content-Type": html ? "text/html; charset=utf-8" : "application/json; charset=utf-8",
    "X-Content-Type-Options": "nosniff",
    "X-Request-Id": requestId,
    ...extra,
  });
  if (html) headers.set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'");
  const facts = { status, code, message, requestId };
  const body = html ? errorPage(facts) : `${JSON.stringify({ error: facts })}\n`;
  return new Response(request.method === "HEAD" ? null : body, { status, headers });
}
