/**
 * The client's request as origins will see it, made once: attempts differ only in where they send it. A small
 * body is read here, before an origin is picked, so that a slow client holds no slot and the body can be sent
 * again.
 */
import type { Millis, Policy, Priority } from "../../core/upstream.ts";
import { Alarm } from "../alarm.ts";
import type { Target } from "../config/config.ts";
import { clientAddress } from "./client-address.ts";
import type { ProxyError } from "./error-response.ts";
import { toOriginHeaders } from "./forwarding-headers.ts";
import { attemptBody, prepareBody } from "./request-body.ts";
import { requestKey } from "./request-key.ts";
import type { RequestUrl } from "./request-url.ts";
import { handshakeError, isWebSocketUpgrade } from "./websocket-handshake.ts";

export interface PreparedRequest {
  readonly id: string;
  /** When its body had been read, as far as it was: what a slow client takes is not the origins' time. */
  readonly readyMs: Millis;
  readonly method: string;
  readonly platform: Target;
  /** Path and query, as the client sent them. */
  readonly target: string;
  readonly headers: Headers;
  /** Aborts when the client goes away, breaks off its body, or pauses for too long. Asked for late: making it costs. */
  readonly clientSignal: () => AbortSignal;
  /** Settles when a body that is sent while it arrives has been sent; absent: there is none such. */
  readonly uploaded: Promise<void> | undefined;
  /** Whether the origin has been sent all of it. */
  readonly isUploaded: () => boolean;
  /** For all of its deadlines; whoever ends the request stops it. */
  readonly alarm: Alarm;
  /** Whether `body()` may be called more than once. */
  readonly replayable: boolean;
  readonly idempotencyKey: boolean;
  /** Equal keys go to the same origin, if the policy is one that hashes. */
  readonly key: string | undefined;
  readonly priority: Priority;
  body(): BodyInit | null;
}

export interface RequestFacts {
  readonly id: string;
  readonly url: RequestUrl;
  readonly platform: Target;
  readonly policy: Policy;
  readonly priority: Priority;
  readonly adminToken: string | undefined;
}

/** Everything an attempt needs; an error if the client broke off its body, or asks for what cannot be. */
export async function prepareRequest(
  request: Request,
  facts: RequestFacts,
): Promise<PreparedRequest | ProxyError> {
  const webSocket = isWebSocketUpgrade(request);
  const refused = webSocket ? handshakeError(request, facts.platform) : undefined;
  if (refused !== undefined) return refused;
  const prepared = request.body === null ? noBody : await prepareBody(request);
  if (prepared.kind === "broken") return { kind: "client-gone" };
  if (prepared.kind === "stalled") return { kind: "upload-timeout" };
  const address = clientAddress(request, facts.platform);
  const headers = toOriginHeaders(request, {
    url: facts.url,
    platform: facts.platform,
    clientAddress: address,
    requestId: facts.id,
    adminToken: facts.adminToken,
    webSocket,
  });
  if (headers === undefined) return { kind: "bad-request" };
  return {
    id: facts.id,
    readyMs: Date.now(),
    method: request.method,
    platform: facts.platform,
    target: facts.url.target,
    headers,
    clientSignal: () => (prepared.kind === "stream" ? prepared.stopped : request.signal),
    uploaded: prepared.kind === "stream" ? prepared.uploaded : undefined,
    isUploaded: () => prepared.kind !== "stream" || prepared.isComplete(),
    alarm: new Alarm(),
    replayable: prepared.kind !== "stream",
    idempotencyKey: request.method !== "GET" && request.headers.has("Idempotency-Key"),
    key: requestKey(facts.policy, { headers: request.headers, url: facts.url, address }),
    priority: facts.priority,
    body: () => attemptBody(prepared),
  };
}

const noBody = { kind: "none" } as const;
