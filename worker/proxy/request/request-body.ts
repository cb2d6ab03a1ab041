/**
 * The client's request body. Its first 64 KiB are read before an origin is picked, so that a slow client holds no slot
 * for them, and a body that ends there can be sent again to another origin. A larger one is streamed, once (`upload.ts`). A client
 * that pauses for too long, or is too slow, is given up (`core/connections/upload-pace.ts`): a slot must not wait for it. Where the isolate has no memory left to keep
 * a body (`replay-memory.ts`), a small one is streamed as well.
 *
 * The rest of a body that is not wanted stays unread here; the answer may read on (`lingering.ts`).
 */

import { wholeBodyMs, type UploadLimits } from "../../../core/connections/upload-pace.ts";
import type { Millis } from "../../../core/model/upstream.ts";
import { Alarm } from "../../alarm.ts";
import { ClientBody } from "./client-body.ts";
import { contentLength } from "../../transport/content-length.ts";
import type { Kept, ReplayMemory } from "./replay-memory.ts";
import { relay, type BodyStream } from "../attempt/upload.ts";
import type { ProxyError } from "../response/error-response.ts";

/** Bodies up to this size are sent again when needed. Times the requests in flight, it has to fit an isolate. */
export const maxBufferedBytes = 65_536;

/** Most bodies are small and come in one piece. */
const firstPieceBytes = 16_384;

export type SendableBody =
  | { readonly kind: "none" }
  | { readonly kind: "buffered"; readonly bytes: Uint8Array<ArrayBuffer>; readonly kept: Kept }
  | BodyStream;

/** The body, or why it cannot be sent. */
export type PreparedBody =
  | SendableBody
  | Extract<ProxyError, { kind: "client-gone" | "upload-timeout" | "body-too-large" | "unexpected-content" }>;

const errorOf = { broken: { kind: "client-gone" }, stalled: { kind: "upload-timeout" } } as const;

export interface BodyRules {
  /** The most that the route allows. */
  readonly maxBytes: number;
  readonly memory: ReplayMemory;
  /** How slow the client may be. */
  readonly upload: UploadLimits;
}

/** Reads or opens the request's body. Never rejects. */
export async function prepareBody(request: Request, rules: BodyRules): Promise<PreparedBody> {
  if (request.body === null) return { kind: "none" };
  const length = contentLength(request.headers);
  if (request.method === "GET" || request.method === "HEAD")
    return refuseContent(request.body, length, rules.upload);
  const keptBytes = length === undefined ? maxBufferedBytes : Math.min(length, maxBufferedBytes);
  const kept = rules.memory.takeBytes(keptBytes, Date.now());
  if (kept === undefined)
    return relay(request, new ClientBody(request.body, rules.upload), nothing, length, rules.maxBytes);
  const prepared =
    length === undefined || length > maxBufferedBytes
      ? await readAhead(request, new ClientBody(request.body, rules.upload), length, kept, rules)
      : await readWhole(request, kept, wholeBodyMs(length, rules.upload));
  if (prepared.kind !== "buffered") rules.memory.giveBack(kept);
  return prepared;
}

const nothing = new Uint8Array();

async function readWhole(request: Request, kept: Kept, longestMs: Millis): Promise<PreparedBody> {
  const alarm = new Alarm();
  try {
    const paused = new Promise<undefined>((resolve) => alarm.set(longestMs, () => resolve(undefined)));
    const buffer = await Promise.race([request.arrayBuffer(), paused]);
    if (buffer === undefined) return errorOf.stalled;
    return { kind: "buffered", bytes: new Uint8Array(buffer), kept };
  } catch {
    return errorOf.broken;
  } finally {
    alarm.stop();
  }
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
  return piece === "end" ? { kind: "none" } : errorOf[piece];
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

/** Buffers the body if it ends in time, else relays it behind what was read of it. */
async function readAhead(
  request: Request,
  body: ClientBody,
  length: number | undefined,
  kept: Kept,
  rules: BodyRules,
): Promise<PreparedBody> {
  let head = new Uint8Array(firstPieceBytes);
  let filled = 0;
  let memory = new ArrayBuffer(firstPieceBytes);
  while (filled <= maxBufferedBytes) {
    const piece = await body.read(memory);
    if (typeof piece === "string") body.close();
    if (piece === "broken" || piece === "stalled") return errorOf[piece];
    if (piece === "end") return { kind: "buffered", bytes: head.subarray(0, filled), kept };
    if (filled + piece.byteLength > rules.maxBytes) {
      body.release();
      return { kind: "body-too-large" };
    }
    // Copied, not collected: a client may send its body byte by byte, and every piece has memory of its own.
    head = withRoom(head, filled + piece.byteLength);
    head.set(piece, filled);
    filled += piece.byteLength;
    memory = piece.buffer;
  }
  return relay(request, body, head.subarray(0, filled), length, rules.maxBytes);
}

function withRoom(bytes: Uint8Array<ArrayBuffer>, length: number): Uint8Array<ArrayBuffer> {
  if (length <= bytes.byteLength) return bytes;
  const larger = new Uint8Array(Math.max(length, 2 * bytes.byteLength));
  larger.set(bytes);
  return larger;
}
