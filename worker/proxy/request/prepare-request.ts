/**
 * The client's request as origins will see it, made once: attempts differ only in where they send it. A small
 * body is read here, before an origin is picked, so that a slow client holds no slot and the body can be sent
 * again.
 */
import { BufferSpace } from "../../../core/buffering/buffer-space.ts";
import type { Millis, Priority } from "../../../core/model/upstream.ts";
import type { Target } from "../../../core/protocol/config-section.ts";
import { loginOf, type Login } from "../attempt/connection-login.ts";
import type { BodyStream } from "../attempt/upload.ts";
import type { ProxyError } from "../response/error-response.ts";
import type { Transaction } from "../transaction.ts";
import type { ClientBody } from "./client-body.ts";
import { BodySpool } from "./body-spool.ts";
import { toOriginHeaders } from "./forwarding-headers.ts";
import { requestPriority } from "./priority.ts";
import { fromDisk, isSendable, prepareBody, type SendableBody } from "./request-body.ts";
import { requestKey } from "./request-key.ts";

export interface PreparedRequest {
  readonly method: string;
  readonly platform: Target;
  /** Path and query, as the client sent them. */
  readonly target: string;
  /** The host that was asked for, with its port. */
  readonly authority: string;
  /** For so long an end of its WebSocket may be silent before it is pinged. */
  readonly pingMs: Millis;
  readonly headers: Headers;
  /** Aborts when the client goes away, breaks off its body, or pauses for too long. Asked for late: making it costs. */
  readonly clientSignal: () => AbortSignal;
  /** Settles when a body that is sent while it arrives, or is read from disk, has been sent in this attempt; absent: there is none such. */
  readonly uploaded: () => Promise<void> | undefined;
  /** Whether the origin has been sent all of it. */
  readonly isUploaded: () => boolean;
  /** Whether `body()` may be called more than once, though the origin may have been sent it. */
  readonly replayable: boolean;
  readonly idempotencyKey: boolean;
  /** What its credentials may do to the connection that they are sent on. */
  readonly login: Login;
  /** Equal keys go to the same origin, if the policy is one that hashes. */
  readonly key: string | undefined;
  readonly priority: Priority;
  /** What to send in an attempt; to be asked before the rest is. */
  body(): Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | null;
  /** No more of a body is sent. What the client may still send; `undefined`: nothing, or it was never read. */
  readonly takeBack: () => ClientBody | undefined;
  /** No more attempts will be made: what was kept for them is given back. */
  readonly forgetBody: () => void;
}

/** For the bodies of all requests of the isolate together: of memory a quarter of what it has, and disk. */
const memory = new BufferSpace(33_554_432);
const spool = new BodySpool(new BufferSpace(1_073_741_824));

const noBody = { kind: "none" } as const;

/**
 * Everything an attempt needs; an error if the client broke off its body, or asks for what cannot be. Without a promise if there
 * is no body to read.
 */
export function prepareRequest(
  tx: Transaction,
): PreparedRequest | ProxyError | Promise<PreparedRequest | ProxyError> {
  const headers = toOriginHeaders(tx.request, tx);
  if (!(headers instanceof Headers)) return headers;
  tx.applyEdits(headers);
  return tx.request.body === null ? withBody(tx, headers, noBody) : readBody(tx, headers);
}

async function readBody(tx: Transaction, headers: Headers): Promise<PreparedRequest | ProxyError> {
  const { WEIR_SPOOL: disk } = tx.env;
  const prepared = await prepareBody(tx.request, {
    maxBytes: tx.maxBodyBytes,
    memory,
    client: tx.clientName,
    upload: tx.config.limits.upload,
    bufferedBytes: tx.upstream.config.buffer.requestBytes,
    spool: disk && ((giveWay) => spool.create(disk, tx.clientName, giveWay)),
    waitUntil: tx.waitUntil,
  });
  return isSendable(prepared) ? withBody(tx, headers, prepared) : prepared;
}

function withBody(tx: Transaction, headers: Headers, prepared: SendableBody): PreparedRequest {
  const { request, method, url, source, config, route } = tx;
  const { policy, queue, timeouts } = tx.upstream.config;
  // What is sent while it is read, from the client or, anew in each attempt, from disk.
  let stream = prepared.kind === "stream" ? prepared : undefined;
  tx.bodyBytes = prepared.kind === "buffered" ? prepared.bytes : prepared.kind === "none" ? null : undefined;
  // Also one that came without: servers of the CGI family read nothing of a body that does not say its length.
  if (prepared.kind === "spooled") headers.set("Content-Length", String(prepared.file.bytes));
  return {
    method,
    platform: config.target,
    target: url.target,
    authority: url.authority,
    pingMs: timeouts.pingMs,
    headers,
    clientSignal: () => stream?.stopped ?? request.signal,
    uploaded: () => stream?.uploaded,
    isUploaded: () => stream === undefined || stream.isComplete(),
    replayable: prepared.kind !== "stream",
    login: loginOf(headers.get("Authorization")),
    idempotencyKey: method !== "GET" && request.headers.has("Idempotency-Key"),
    key: requestKey(policy, { request, url, address: source.address }),
    priority: requestPriority(route, request, queue?.priority),
    body: () => {
      if (prepared.kind === "none") return null;
      if (prepared.kind === "buffered") return prepared.bytes;
      if (prepared.kind === "spooled") {
        dropRest(stream);
        stream = fromDisk(request, prepared.file);
      }
      return stream?.stream ?? null;
    },
    takeBack: () => {
      if (prepared.kind === "stream") return prepared.takeBack();
      dropRest(stream);
      return undefined;
    },
    forgetBody: () => {
      if (prepared.kind === "buffered") memory.giveBack(prepared.kept);
      if (prepared.kind === "spooled") tx.waitUntil(prepared.file.remove());
    },
  };
}

/** Reads no more of what an attempt before was sent from disk. */
function dropRest(stream: BodyStream | undefined): void {
  void stream?.takeBack()?.cancel();
}
