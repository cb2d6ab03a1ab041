/**
 * The client's request body. Its first 64 KiB are read before an origin is picked, so that a slow client holds no slot
 * for them, and a body that ends there can be sent again to another origin. A larger one is streamed, once. A client
 * that sends nothing more for a minute is given up: a slot must not wait for it.
 *
 * A stream is not the platform's own but a relay that reads and writes by hand, for workerd has a trap: when the
 * client breaks off a chunked body that comes through a stream of ours (a tee or a pipe as well), the origin is
 * sent a proper last chunk and takes the torso for the whole. And when it breaks off the platform's own stream,
 * `fetch` says "Network connection lost", as if the origin were to blame. So the relay never ends a broken body: it
 * raises `clientGone`, which must abort the attempt, and that resets the connection to the origin.
 */

import { Alarm } from "../alarm.ts";
import { ClientBody, maxPauseMs } from "./client-body.ts";
import { contentLength } from "./content-length.ts";

/** Bodies up to this size are sent again when needed. Times the requests in flight, it has to fit an isolate. */
export const maxBufferedBytes = 65_536;

/** Most bodies are small and come in one piece … */
const firstPieceBytes = 16_384;
/** … and large ones are relayed in large pieces: each leaves some garbage, whatever its size. */
const pieceBytes = 131_072;

export type PreparedBody =
  | { readonly kind: "none" }
  | { readonly kind: "buffered"; readonly bytes: Uint8Array<ArrayBuffer> }
  | BodyStream
  /** The client broke off; there is nobody to answer. */
  | { readonly kind: "broken" }
  /** The client has paused for too long. */
  | { readonly kind: "stalled" };

export interface BodyStream {
  readonly kind: "stream";
  /** To be sent once. */
  readonly stream: ReadableStream<Uint8Array>;
  /** The Content-Length; absent: it came chunked and goes on chunked. */
  readonly length?: number;
  /** Settles when the body has been handed on, or will not be any more; never rejects. */
  readonly uploaded: Promise<void>;
  /** Whether all of it has been handed on. */
  readonly isComplete: () => boolean;
  /**
   * Aborts when the client goes away or breaks off its body, with a `TimeoutError` when it has paused for too long.
   * Must abort the attempt that sends the stream.
   */
  readonly clientGone: AbortSignal;
}

/** Reads or opens the request's body. GET and HEAD have none: `fetch` would refuse to send one. Never rejects. */
export async function prepareBody(request: Request): Promise<PreparedBody> {
  if (request.body === null || request.method === "GET" || request.method === "HEAD") return { kind: "none" };
  const length = contentLength(request.headers);
  if (length === undefined || length > maxBufferedBytes) {
    return readAhead(request, new ClientBody(request.body), length);
  }
  const alarm = new Alarm();
  try {
    const paused = new Promise<undefined>((resolve) => alarm.set(maxPauseMs, () => resolve(undefined)));
    const buffer = await Promise.race([request.arrayBuffer(), paused]);
    return buffer === undefined ? { kind: "stalled" } : { kind: "buffered", bytes: new Uint8Array(buffer) };
  } catch {
    return { kind: "broken" };
  } finally {
    alarm.stop();
  }
}

/** What to hand to `fetch` for an attempt. A stream may be asked for once only. */
export function attemptBody(
  prepared: Exclude<PreparedBody, { kind: "broken" | "stalled" }>,
): BodyInit | null {
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
): Promise<PreparedBody> {
  const head: Uint8Array[] = [];
  let filled = 0;
  while (filled <= maxBufferedBytes) {
    const piece = await body.read(new ArrayBuffer(firstPieceBytes));
    if (typeof piece === "string") body.close();
    if (piece === "broken" || piece === "stalled") return { kind: piece };
    if (piece === "end") return { kind: "buffered", bytes: joined(head, filled) };
    head.push(piece);
    filled += piece.byteLength;
  }
  return relay(request, body, head, length);
}

function joined(pieces: readonly Uint8Array[], length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const piece of pieces) {
    bytes.set(piece, offset);
    offset += piece.byteLength;
  }
  return bytes;
}

function relay(
  request: Request,
  body: ClientBody,
  head: readonly Uint8Array[],
  length: number | undefined,
): BodyStream {
  const through = length === undefined ? new IdentityTransformStream() : new FixedLengthStream(length);
  const broken = new AbortController();
  const progress = { complete: false };
  return {
    kind: "stream",
    stream: through.readable,
    ...(length === undefined ? {} : { length }),
    uploaded: pump(body, head, through.writable.getWriter(), broken, progress),
    isComplete: () => progress.complete,
    clientGone: AbortSignal.any([request.signal, broken.signal]),
  };
}

/** Copies the body, a piece at a time and no faster than the origin takes it. Never rejects. */
async function pump(
  body: ClientBody,
  head: readonly Uint8Array[],
  writer: WritableStreamDefaultWriter<Uint8Array>,
  broken: AbortController,
  progress: { complete: boolean },
): Promise<void> {
  try {
    for (const piece of head) await writer.write(piece);
    let memory = new ArrayBuffer(pieceBytes);
    for (;;) {
      const piece = await body.read(memory);
      if (piece === "broken" || piece === "stalled") {
        const name = piece === "stalled" ? "TimeoutError" : "AbortError";
        broken.abort(new DOMException(`The client's body: ${piece}.`, name));
        return;
      }
      if (piece === "end") break;
      await writer.write(piece);
      // It has been copied, so its memory can be read into again.
      memory = piece.buffer;
    }
    await writer.close();
    progress.complete = true;
  } catch {
    // The attempt is over and took no more: neither does Weir.
    await body.cancel();
  } finally {
    body.close();
  }
}
