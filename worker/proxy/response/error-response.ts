/**
 * What a client sees when Weir answers in an origin's place. Inside, an error says what happened; outside it says
 * what concerns the client and nothing of the house: no names of origins, no reasons. One switch decides, so that
 * the compiler asks for an answer to every new kind. The request's id ties the page to the log.
 */
import type { Millis } from "../../../core/model/upstream.ts";
import { errorPage, fillPage } from "./error-page.ts";
import { guardAnswer, isGuardError, type ErrorAnswer, type GuardError } from "./guard-answer.ts";
import { prefersHtml } from "./prefers-html.ts";

export type ProxyError =
  /** A guard of the route did not let it pass. */
  | GuardError
  /** The host or the target is none that a request can be for, or the handshake is none. */
  | { readonly kind: "bad-request" }
  /** A GET or HEAD has content, which the platform cannot send with these. */
  | { readonly kind: "unexpected-content" }
  /** A WebSocket of a version that Weir does not speak. */
  | { readonly kind: "websocket-version" }
  /** Path and query are longer than the config allows. */
  | { readonly kind: "target-too-long" }
  | { readonly kind: "headers-too-large" }
  | { readonly kind: "body-too-large" }
  | { readonly kind: "no-route" }
  /** Origins could take its path for another route's. */
  | { readonly kind: "ambiguous-path" }
  /** It has passed here before: an origin leads back to Weir. */
  | { readonly kind: "loop" }
  | { readonly kind: "method-not-allowed"; readonly allowed: readonly string[] }
  /** It has to come again, by https. */
  | { readonly kind: "https-required"; readonly location: string }
  /** The operator has closed the route for a while. */
  | { readonly kind: "maintenance"; readonly retryAfterMs: Millis }
  /** A rule of the route answers this status, from 400, and leaves the page to Weir. */
  | { readonly kind: "refused-by-rule"; readonly status: number }
  /** The origin answered this status, and the config wants it replaced. */
  | { readonly kind: "intercepted"; readonly status: number }
  /** The service that decides on access did not say yes or no. */
  | { readonly kind: "auth-failed" }
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
  /** Home cannot take it, and what could must not: its budget is used up; or this client's part of it. */
  | {
      readonly kind: "unavailable";
      readonly why: "budget";
      readonly againInMs: Millis;
      readonly of?: "client" | undefined;
    }
  | { readonly kind: "coordinator-lost" }
  | { readonly kind: "origin-failed" }
  | { readonly kind: "origin-timeout" }
  /** Its client has as much as one client may have at a time. */
  | { readonly kind: "client-slots" }
  | { readonly kind: "client-queue" }
  | { readonly kind: "client-uploads" }
  /** It exceeds a rate limit of the route, whose refusals have this status, from 400. */
  | { readonly kind: "rate-limited"; readonly status: number; readonly againInMs: Millis }
  /** As many requests of its key are open as a limit of the route allows, whose refusals have this status, from 400. */
  | { readonly kind: "concurrency-limited"; readonly status: number }
  /** The object of a limit cannot be reached, and the limit does without no request then. */
  | { readonly kind: "limit-lost" }
  /** The client paused for too long within its body. */
  | { readonly kind: "upload-timeout" }
  /** There is no memory left for the request's body, of which this client has the most. */
  | { readonly kind: "memory-short" }
  /** The client has gone and does not read the response. A client that sends a broken body looks the same to Weir, and is answered. */
  | { readonly kind: "client-gone" };

function answerTo(error: ProxyError): ErrorAnswer {
  if (isGuardError(error)) return guardAnswer(error);
  switch (error.kind) {
    case "bad-request":
      return { status: 400, code: "bad_request", message: "The request is not one that can be served." };
    case "unexpected-content":
      return { status: 400, code: "unexpected_content", message: "A GET or HEAD must not have a body here." };
    case "websocket-version":
      return upgradeRequired;
    case "target-too-long":
      return { status: 414, code: "uri_too_long", message: "The address is too long." };
    case "headers-too-large":
      return { status: 431, code: "headers_too_large", message: "The request's headers are too large." };
    case "body-too-large":
      return { status: 413, code: "content_too_large", message: "The request's body is too large." };
    case "method-not-allowed":
      return { ...notServed, headers: { Allow: error.allowed.join(", ") } };
    case "https-required":
      return { ...moved, headers: { Location: error.location } };
    case "maintenance":
      return { ...maintained, headers: { "Retry-After": inSeconds(error.retryAfterMs) } };
    case "refused-by-rule":
    case "intercepted":
      return interceptedAnswer(error.status);
    case "no-route":
      return { status: 404, code: "no_route", message: "Nothing is served at this address." };
    case "ambiguous-path":
      return ambiguous;
    case "loop":
      return looped;
    case "misconfigured":
      return { status: 500, code: "misconfigured", message: "The service is not set up correctly." };
    case "internal":
      return { status: 500, code: "internal", message: "The service failed to handle the request." };
    case "unavailable":
      return unavailableFor(error);
    case "auth-failed":
    case "coordinator-lost":
    case "limit-lost":
    case "memory-short":
      return { ...unavailable, headers: { "Retry-After": "2" } };
    case "origin-failed":
      return { status: 502, code: "bad_gateway", message: "The service did not answer properly." };
    case "origin-timeout":
      return { status: 504, code: "timeout", message: "The service did not answer in time." };
    case "upload-timeout":
      return { status: 408, code: "request_timeout", message: "The request's body did not arrive in time." };
    case "client-slots":
    case "client-queue":
    case "client-uploads":
      return tooMany;
    case "concurrency-limited":
      return { ...tooMany, status: error.status };
    case "rate-limited":
      return limitedTo(error);
    case "client-gone":
      return { status: 400, code: "bad_request", message: "The request broke off before its end." };
  }
}

/** A client is not told of budgets: to it, a budget that is used up is a service at its capacity. */
function unavailableFor(error: Extract<ProxyError, { kind: "unavailable" }>): ErrorAnswer {
  switch (error.why) {
    case "full":
      return { ...atCapacity, headers: { "Retry-After": String(error.retryAfterS ?? 2) } };
    case "budget":
      return { ...atCapacity, headers: { "Retry-After": inSeconds(error.againInMs) } };
    case "down":
      return { ...unavailable, headers: { "Retry-After": "10" } };
  }
}

const inSeconds = (ms: Millis): string => String(Math.ceil(ms / 1_000));

const upgradeRequired = {
  status: 426,
  code: "upgrade_required",
  message: "Only WebSocket version 13 is supported here.",
  headers: { Upgrade: "websocket", "Sec-WebSocket-Version": "13" },
};

const ambiguous = {
  status: 400,
  code: "ambiguous_path",
  message: "The address can be read in more than one way.",
};

/** RFC 5842 §7.2, which fits best: what would have been done has no end. */
const looped = {
  status: 508,
  code: "loop_detected",
  message: "The request came back to where it was sent from.",
};

const notServed = {
  status: 405,
  code: "method_not_allowed",
  message: "The method is not served at this address.",
};

/** 308 keeps method and body, which by http have been sent in the clear already (RFC 9110 §15.4.9). */
const moved = { status: 308, code: "https_required", message: "This address is served by https." };

const maintained = { status: 503, code: "maintenance", message: "The service is being maintained." };

/** In an origin's place only the kind of its answer is told. */
function interceptedAnswer(status: number): ErrorAnswer {
  if (status === 404) return { status, code: "not_found", message: "There is nothing at this address." };
  return status < 500
    ? { status, code: "refused", message: "The service refused the request." }
    : { status, code: "failed", message: "The service failed to answer the request." };
}

const tooMany = {
  status: 429,
  code: "too_many_requests",
  message: "There are too many requests from you at a time.",
  headers: { "Retry-After": "2" },
};

/** A client that is told 0 would come again at once. */
function limitedTo({ status, againInMs }: Extract<ProxyError, { kind: "rate-limited" }>): ErrorAnswer {
  return { ...limited, status, headers: { "Retry-After": inSeconds(Math.max(1, againInMs)) } };
}

const limited = {
  status: 429,
  code: "rate_limited",
  message: "You have sent too many requests in a short time.",
};

const atCapacity = { status: 503, code: "full", message: "The service is at capacity." };

const unavailable = {
  status: 503,
  code: "unavailable",
  message: "The service is not available at the moment.",
};

/** The status of the error's response; in the log 499, from nginx, for a client that is not there to see one. */
export function errorStatus(error: ProxyError): number {
  return error.kind === "client-gone" ? 499 : answerTo(error).status;
}

/** What the answer is for. */
export interface Asked {
  readonly accept: string | null;
  readonly requestId: string;
  readonly method: string;
}

/**
 * The response: a page for clients that prefer one (RFC 9110 §12.5.1), else JSON. Never cached.
 * @param page the operator's, in place of Weir's own.
 * @param headers others that it has, to which its own are added.
 */
export function errorResponse(
  error: ProxyError,
  { accept, requestId, method }: Asked,
  page?: string,
  headers: Headers = new Headers(),
): Response {
  const { status, code, message, headers: extra } = answerTo(error);
  const html = prefersHtml(accept);
  const own = {
    "Cache-Control": "no-store",
    "Content-Type": html ? "text/html; charset=utf-8" : "application/json; charset=utf-8",
    Date: new Date().toUTCString(),
    "X-Content-Type-Options": "nosniff",
    "X-Request-Id": requestId,
    ...extra,
  };
  for (const [name, value] of Object.entries(own)) headers.set(name, value);
  const facts = { status, code, message, requestId };
  // A page of the operator's loads what it likes.
  if (html && page === undefined)
    headers.set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'");
  if (method === "HEAD") return new Response(null, { status, headers });
  const text = page === undefined ? errorPage(facts) : fillPage(page, facts);
  return new Response(html ? text : `${JSON.stringify({ error: facts })}\n`, { status, headers });
}
