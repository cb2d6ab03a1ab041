/**
 * The client's request body, made ready before an origin is asked, so that a slow client holds no slot for it (seed: nginx's
 * `proxy_request_buffering`). It is taken in whole up to `buffer.request`: in memory as far as there is some (`gather-body.ts`), beyond that on
 * disk where there is one (`spooled-body.ts`); then it has a length, and can be sent again to another origin. A larger one is streamed, once
 * (`upload.ts`), after its first 64 KiB. A client that pauses for too long, or is too slow, is given up
 * (`core/connections/upload-pace.ts`).
 *
 * The rest of a body that is not wanted stays unread here; the answer may read on (`lingering.ts`).
 */

import type { BufferSpace, SpacePart } from "../../../core/buffering/buffer-space.ts";
import { wholeBodyMs, type UploadLimits } from "../../../core/connections/upload-pace.ts";
import type { Millis } from "../../../core/model/upstream.ts";
import { Alarm } from "../../alarm.ts";
import { contentLength } from "../../transport/content-length.ts";
import { relay, type BodyStream } from "../attempt/upload.ts";
import type { ProxyError } from "../response/error-response.ts";
import { ClientBody } from "./client-body.ts";
import { endErrors, gatherBody, replayableBytes } from "./gather-body.ts";

/** A body up to this size is taken by one call to the runtime, and its memory at once: that costs the least, and little is lost to a slow client. */
const atOnceBytes = 8_192;

/** What a body takes at least, with all that belongs to its request. */
const leastBytes = 1_024;

export type SendableBody =
  | { readonly kind: "none" }
  | { readonly kind: "buffered"; readonly bytes: Uint8Array<ArrayBuffer>; readonly kept: SpacePart }
  | BodyStream;

/** The body, or why it cannot be sent. */
export type PreparedBody =
  | SendableBody
  | Extract<
      ProxyError,
      { kind: "client-gone" | "upload-timeout" | "body-too-large" | "unexpected-content" | "memory-short" }
    >;

export interface BodyRules {
  /** The most that the route allows. */
  readonly maxBytes: number;
  /** The isolate's, for the bodies of all requests. */
  readonly memory: BufferSpace;
  /** Whose body it is: clients share the memory. */
  readonly client: string;
  /** How slow the client may be. */
  readonly upload: UploadLimits;
}

/** Reads or opens the request's body. Never rejects. */
export async function prepareBody(request: Request, rules: BodyRules): Promise<PreparedBody> {
  if (request.body === null) return { kind: "none" };
  const length = contentLength(request.headers);
  if (request.method === "GET" || request.method === "HEAD")
    return refuseContent(request.body, length, rules.upload);
  return length !== undefined && length <= atOnceBytes
    ? takeAtOnce(request, length, rules)
    : takeIn(request, new ClientBody(request.body, rules.upload), length, rules);
}

async function takeAtOnce(
  request: Request,
  length: number,
  { memory, client, upload }: BodyRules,
): Promise<PreparedBody> {
  const given = Promise.withResolvers<"short">();
  const bytes = Math.max(length, leastBytes);
  const kept = memory.open(client, bytes, Date.now(), () => given.resolve("short"));
  if (kept === undefined) return endErrors.short;
  const taken = await readWhole(request, wholeBodyMs(length, upload), given.promise);
  if (taken instanceof ArrayBuffer) {
    memory.settle(kept);
    return { kind: "buffered", bytes: new Uint8Array(taken), kept };
  }
  memory.giveBack(kept);
  return endErrors[taken];
}

async function readWhole(
  request: Request,
  longestMs: Millis,
  given: Promise<"short">,
): Promise<ArrayBuffer | keyof typeof endErrors> {
  const alarm = new Alarm();
  try {
    const paused = new Promise<"stalled">((resolve) => alarm.set(longestMs, () => resolve("stalled")));
    return await Promise.race([request.arrayBuffer(), paused, given]);
  } catch {
    return "broken";
  } finally {
    alarm.stop();
  }
}

/** Buffers the body if it ends in time, else relays it behind what was read of it. */
async function takeIn(
  request: Request,
  body: ClientBody,
  length: number | undefined,
  rules: BodyRules,
): Promise<PreparedBody> {
  const { maxBytes, memory, client } = rules;
  const gathered = await gatherBody(body, {
    length,
    maxBytes,
    memory,
    client,
    atMost: () => replayableBytes,
  });
  if (gathered.kind === "whole") return { kind: "buffered", bytes: gathered.bytes, kept: gathered.kept };
  if (gathered.kind !== "more") return gathered;
  memory.giveBack(gathered.kept);
  return relay(request, body, gathered.head, length, maxBytes);
}

/**
 * `fetch` sends no content with GET and HEAD, where it means nothing (RFC 9110 §9.3.1). To drop it in silence would be to ask
 * the origin something else than the client did. Content of no bytes is none.
 */
async function refuseContent(
  stream: ReadableStream<Uint8Array>,
  length: number | undefined,
  limits: UploadLimits,
): Promise<PreparedBody> {
  if (length !== undefined) return { kind: length === 0 ? "none" : "unexpected-content" };
  const body = new ClientBody(stream, limits);
  const piece = await body.read(new ArrayBuffer(1));
  body.release();
  if (typeof piece !== "string") return { kind: "unexpected-content" };
  return piece === "end" ? { kind: "none" } : endErrors[piece];
}

/** What to send in an attempt. A stream can be sent once only. */
export function attemptBody(
  prepared: SendableBody,
): Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | null {
  switch (prepared.kind) {
    case "none":
      return null;
    case "buffered":
      return prepared.bytes;
    case "stream":
      return prepared.stream;
  }
}
