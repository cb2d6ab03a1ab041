/**
 * The client's request body. Up to 64 KiB it is read before an origin is picked, so that a slow client holds no
 * slot and the body can be sent again to another origin. A larger one is streamed, once.
 *
 * A stream is not the platform's own but a relay that reads and writes by hand, for workerd has a trap: when the
 * client breaks off a chunked body that comes through a stream of ours (a tee or a pipe as well), the origin is
 * sent a proper last chunk and takes the torso for the whole. And when it breaks off the platform's own stream,
 * `fetch` says "Network connection lost", as if the origin were to blame. So the relay never ends a broken body: it
 * raises `clientGone`, which must abort the attempt, and that resets the connection to the origin.
 */

import { contentLength } from "./content-length.ts";

/** Bodies up to this size are sent again when needed. Times the requests in flight, it has to fit an isolate. */
export const maxBufferedBytes = 65_536;

/** A larger body is relayed in pieces of at most this size. */
const pieceBytes = 32_768;

export type PreparedBody =
  | { readonly kind: "none" }
  | { readonly kind: "buffered"; readonly bytes: Uint8Array<ArrayBuffer> }
  | {
      readonly kind: "stream";
      /** To be sent once. */
      readonly stream: ReadableStream<Uint8Array>;
      /** The Content-Length; absent: it came chunked and goes on chunked. */
      readonly length?: number;
      /** Settles when the body has been handed on, or will not be any more; never rejects. */
      readonly uploaded: Promise<void>;
      /** Aborts when the client goes away or breaks off its body. Must abort the attempt that sends the stream. */
      readonly clientGone: AbortSignal;
    }
  /** The client broke off; there is nobody to answer. */
  | { readonly kind: "broken" };

/** Reads or opens the request's body. GET and HEAD have none: `fetch` would refuse to send one. Never rejects. */
export async function prepareBody(request: Request): Promise<PreparedBody> {
  if (request.body === null || request.method === "GET" || request.method === "HEAD") return { kind: "none" };
  const length = contentLength(request.headers);
  if (length === undefined) return readAhead(request, request.body);
  if (length > maxBufferedBytes) {
    return relay(request, request.body.getReader({ mode: "byob" }), new Uint8Array(), length);
  }
  try {
    return { kind: "buffered", bytes: new Uint8Array(await request.arrayBuffer()) };
  } catch {
    return { kind: "broken" };
  }
}

/** What to hand to `fetch` for an attempt. A stream may be asked for once only. */
export function attemptBody(prepared: Exclude<PreparedBody, { kind: "broken" }>): BodyInit | null {
  switch (prepared.kind) {
    case "none":
      return null;
    case "buffered":
      return prepared.bytes;
    case "stream":
      return prepared.stream;
  }
}

/** A body of unknown length: buffered if it ends in time, else relayed behind what was read of it. */
async function readAhead(request: Request, body: ReadableStream<Uint8Array>): Promise<PreparedBody> {
  const reader = body.getReader({ mode: "byob" });
  let buffer = new ArrayBuffer(maxBufferedBytes + 1);
  let filled = 0;
  try {
    while (filled < buffer.byteLength) {
      const { done, value } = await reader.read(new Uint8Array(buffer, filled));
      if (value === undefined) return { kind: "broken" };
      buffer = value.buffer;
      if (done) return { kind: "buffered", bytes: new Uint8Array(buffer, 0, filled) };
      filled += value.byteLength;
    }
  } catch {
    return { kind: "broken" };
  }
  return relay(request, reader, new Uint8Array(buffer), undefined);
}

function relay(
  request: Request,
  reader: ReadableStreamBYOBReader,
  head: Uint8Array,
  length: number | undefined,
): PreparedBody {
  const through = length === undefined ? new IdentityTransformStream() : new FixedLengthStream(length);
  const broken = new AbortController();
  const uploaded = pump(reader, head, through.writable.getWriter(), broken);
  return {
    kind: "stream",
    stream: through.readable,
    ...(length === undefined ? {} : { length }),
    uploaded,
    clientGone: AbortSignal.any([request.signal, broken.signal]),
  };
}

/** Copies the body, a piece at a time and no faster than the origin takes it. Never rejects. */
async function pump(
  reader: ReadableStreamBYOBReader,
  head: Uint8Array,
  writer: WritableStreamDefaultWriter<Uint8Array>,
  broken: AbortController,
): Promise<void> {
  try {
    if (head.byteLength > 0) await writer.write(head);
    for (;;) {
      // A new array each time: the last one belongs to the stream that it was written to.
      const piece = await reader.read(new Uint8Array(pieceBytes)).catch(() => undefined);
      if (piece === undefined) {
        broken.abort(new DOMException("The client broke off its body.", "AbortError"));
        return;
      }
      if (piece.done) break;
      await writer.write(piece.value);
    }
    await writer.close();
  } catch {
    // The attempt is over and took no more: neither does Weir.
    await reader.cancel().catch(() => undefined);
  }
}
