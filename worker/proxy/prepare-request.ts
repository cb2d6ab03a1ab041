/**
 * The client's request as origins will see it, made once: attempts differ only in where they send it. A small
 * body is read here, before an origin is picked, so that a slow client holds no slot and the body can be sent
 * again.
 */
import type { Millis, Policy } from "../../core/upstream.ts";
import { Alarm } from "../alarm.ts";
import type { Target } from "../config/config.ts";
import { addressPrefix, clientAddress } from "./client-address.ts";
import { toOriginHeaders } from "./forwarding-headers.ts";
import { attemptBody, prepareBody } from "./request-body.ts";

export interface PreparedRequest {
  readonly id: string;
  /** When its body had been read, as far as it was: what a slow client takes is not the origins' time. */
  readonly readyMs: Millis;
  readonly method: string;
  /** Path and query, as the client sent them. */
  readonly target: string;
  readonly headers: Headers;
  /** Aborts when the client goes away, or breaks off its body. Asked for late: making it costs. */
  readonly clientSignal: () => AbortSignal;
  /** Settles when a body that is sent while it arrives has been sent; absent: there is none such. */
  readonly uploaded: Promise<void> | undefined;
  /** For all of its deadlines; whoever ends the request stops it. */
  readonly alarm: Alarm;
  /** Whether `body()` may be called more than once. */
  readonly replayable: boolean;
  readonly idempotencyKey: boolean;
  /** The client's network, for policies that keep clients together. */
  readonly clientKey: string | undefined;
  body(): BodyInit | null;
}

/** Everything an attempt needs; `client-gone` if the client broke off while its body was read. */
export async function prepareRequest(
  request: Request,
  facts: {
    readonly id: string;
    readonly target: string;
    readonly platform: Target;
    readonly policy: Policy;
  },
): Promise<PreparedRequest | { readonly kind: "client-gone" }> {
  const prepared = request.body === null ? noBody : await prepareBody(request);
  if (prepared.kind === "broken") return { kind: "client-gone" };
  const address = clientAddress(request, facts.platform);
  return {
    id: facts.id,
    readyMs: Date.now(),
    method: request.method,
    target: facts.target,
    headers: toOriginHeaders(request, { clientAddress: address, requestId: facts.id }),
    clientSignal: () => (prepared.kind === "stream" ? prepared.clientGone : request.signal),
    uploaded: prepared.kind === "stream" ? prepared.uploaded : undefined,
    alarm: new Alarm(),
    replayable: prepared.kind !== "stream",
    idempotencyKey: request.method !== "GET" && request.headers.has("Idempotency-Key"),
    clientKey: address !== undefined && facts.policy.name === "ip_hash" ? addressPrefix(address) : undefined,
    body: () => attemptBody(prepared),
  };
}

const noBody = { kind: "none" } as const;
