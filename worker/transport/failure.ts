/**
 * The one classifier of failures on the way to an origin, used for requests and probes alike. Failures come in
 * four shapes: what workerd throws (few words: a refused connection and a cut one look the same), what a Workers
 * VPC binding throws (an error type of RFC 9209 §2.3, such as `ProxyError: connection_refused`), what the edge
 * answers in the origin's stead (a status of 520–527 or 530), and what a connection of Weir's own knows of itself.
 *
 * `retryable`, which workerd sets on its errors, is not looked at: it is set on time-outs too. What is thrown may
 * quote a URL or another Worker's message, so `detail` never repeats it.
 */
import type { FailureKind } from "../../core/health/judgement.ts";
import type { Target } from "../../core/protocol/config-section.ts";
import type { OriginConfig } from "../config/sections/origin.ts";
import type { Via } from "../config/sections/way.ts";
import { ConnectionFailed } from "./own-connection/connection-failed.ts";
import { TransportMisconfigured } from "./transport.ts";

export interface TransportFailure {
  readonly kind: FailureKind;
  /** "no": the platform says that the request did not reach the origin. "maybe": it may have been carried out. */
  readonly sent: "no" | "maybe";
  /** The request's body has not been read from, so that even a stream can be sent elsewhere. */
  readonly untouched?: true;
  /** From a fixed vocabulary, or an error's name of at most 40 characters: safe to log, and bounded. */
  readonly detail: string;
}

/** RFC 9209 §2.3 error types; the ones that Workers VPC documents, and their near relatives. */
const proxyErrors: Readonly<Record<string, readonly [FailureKind, "no" | "maybe"]>> = {
  connection_refused: ["refused", "no"],
  connection_limit_reached: ["rejected", "no"],
  connection_terminated: ["reset", "maybe"],
  connection_timeout: ["timeout", "no"],
  connection_read_timeout: ["timeout", "maybe"],
  connection_write_timeout: ["timeout", "maybe"],
  destination_unavailable: ["unreachable", "no"],
  destination_not_found: ["unreachable", "no"],
  destination_ip_unroutable: ["unreachable", "no"],
  destination_ip_prohibited: ["rejected", "no"],
  dns_error: ["dns", "no"],
  dns_timeout: ["dns", "no"],
  tls_certificate_error: ["tls", "no"],
  // RFC 9209 §2.3.13 and §2.3.15: these may also come after the handshake.
  tls_protocol_error: ["tls", "maybe"],
  tls_alert_received: ["tls", "maybe"],
  http_request_denied: ["rejected", "no"],
  http_request_error: ["rejected", "maybe"],
  http_protocol_error: ["reset", "maybe"],
  http_response_incomplete: ["reset", "maybe"],
  http_response_timeout: ["timeout", "maybe"],
  http_upgrade_failed: ["reset", "maybe"],
  proxy_loop_detected: ["misconfigured", "no"],
  proxy_internal_error: ["unreachable", "maybe"],
  rate_limited: ["rejected", "maybe"],
};

/** Reads what `Transport.send` rejected with. Never throws. */
export function classifyThrown(error: unknown): TransportFailure {
  if (!(error instanceof Error)) return { kind: "unreachable", sent: "maybe", detail: "not an Error" };
  if (error instanceof ConnectionFailed) return error.failure;
  const { name, message } = error;
  if (name === "TimeoutError") return { kind: "timeout", sent: "maybe", detail: "no answer in time" };
  if (name === "AbortError") return { kind: "aborted", sent: "maybe", detail: "given up" };
  if (error instanceof TransportMisconfigured)
    return { kind: "misconfigured", sent: "no", detail: "no such binding" };
  if ("remote" in error && error.remote === true) {
    return { kind: "reset", sent: "maybe", detail: "the bound Worker threw" };
  }
  const code = "code" in error && typeof error.code === "string" ? error.code : message;
  const [type = ""] = /\b[a-z]+(?:_[a-z]+)+\b/.exec(code) ?? [];
  const listed = proxyErrors[type];
  if (listed !== undefined) return { kind: listed[0], sent: listed[1], detail: type };
  return fromRuntime(name, message);
}

/** workerd's own words; the same on the edge, under `wrangler dev` and self-hosted. */
function fromRuntime(name: string, message: string): TransportFailure {
  if (message.startsWith("Network connection lost")) {
    return { kind: "reset", sent: "maybe", detail: "connection refused or lost" };
  }
  if (/^too many subrequests/i.test(message))
    return { kind: "rejected", sent: "no", detail: "too many subrequests" };
  // Self-hosted, DNS and TLS failures and forbidden addresses arrive as this; the reason is in workerd's own log.
  const reference = /^internal error; reference = ([a-z0-9]{1,32})$/.exec(message)?.[1];
  if (reference !== undefined)
    return { kind: "unreachable", sent: "maybe", detail: `internal error ${reference}` };
  // A malformed URL, header or used-up body is refused by `fetch` itself, before anything is sent.
  if (name === "TypeError")
    return { kind: "unsendable", sent: "no", detail: "not a request that can be sent" };
  return { kind: "unreachable", sent: "maybe", detail: name.replaceAll(/[^\w.-]/g, "").slice(0, 40) };
}

/** Access redirects an unknown client to its own login page; the application is not asked. */
function isAccessLogin(location: string | null): boolean {
  return /^https:\/\/[a-z\d-]+\.cloudflareaccess\.com\//i.test(location ?? "");
}

/** Whether the edge stands between Weir and the origin: it also answers for one that asks for a client certificate. */
function crossesEdge(via: Via): boolean {
  return via === "fetch" || via.kind === "mtls";
}

/**
 * Reads a status that the edge answers when it could not get one from the origin: 520–527 and 530. `undefined`: it
 * is the origin's own answer, to be judged as one; so are 502, 503 and 504 always.
 *
 * Behind other bindings every status is the origin's own, since they throw when they fail; and on a workerd of one's own,
 * where no edge is in between. An origin that itself answers 52x to the edge's `fetch` is taken for unreachable.
 *
 * A status above 599 is not valid (RFC 9110 §15), and the platform cannot pass it on. The same holds for a 101 that was not
 * asked for. The platform does not decode a transfer coding other than chunked (RFC 9112 §6.1): the client would get bytes
 * whose coding is not stated.
 */
export function classifyResponse(
  response: Pick<Response, "status" | "webSocket" | "headers">,
  { via, access }: Pick<OriginConfig, "via" | "access">,
  platform: Target,
): TransportFailure | undefined {
  const { status } = response;
  if (access !== undefined && status === 302 && isAccessLogin(response.headers.get("Location")))
    return { kind: "rejected", sent: "no", detail: "not admitted by Access" };
  const coding = response.headers.get("Transfer-Encoding");
  if (coding !== null && coding.toLowerCase() !== "chunked")
    return { kind: "malformed", sent: "maybe", detail: "unknown transfer coding" };
  if (status > 599 || (status < 200 && response.webSocket === null))
    return { kind: "reset", sent: "maybe", detail: `status ${status}` };
  if (platform === "workerd" || !crossesEdge(via) || status < 520) return undefined;
  const detail = `status ${status}`;
  switch (status) {
    case 521:
      return { kind: "refused", sent: "no", detail };
    case 522: // No connection in 19 s, but also no acknowledgement of what was sent in 90 s.
    case 524:
      return { kind: "timeout", sent: "maybe", detail };
    case 523:
    case 530: // With an error 1xxx: no DNS record (1016), no tunnel (1033) …
      return { kind: "unreachable", sent: "no", detail };
    case 525:
    case 526:
      return { kind: "tls", sent: "no", detail };
    case 520:
    case 527:
      return { kind: "reset", sent: "maybe", detail };
    default:
      return undefined;
  }
}

/**
 * Reads the answer to an opening of a WebSocket, if that is what was sent. When the origin agrees to something else (RFC 6455
 * §4.1: a wrong Sec-WebSocket-Accept, another protocol), workerd makes a 502 of its own, whose text tells what it had expected,
 * and which has not one field. Hardly a server that speaks HTTP leaves out all of them.
 */
export function classifyHandshake(
  sent: Headers,
  response: Pick<Response, "status" | "headers">,
): TransportFailure | undefined {
  if (response.status !== 502 || !sent.has("Upgrade") || [...response.headers].length > 0) return undefined;
  return { kind: "reset", sent: "maybe", detail: "no WebSocket handshake" };
}
