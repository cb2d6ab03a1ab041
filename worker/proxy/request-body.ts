/**
 * The client's request body. Its first 64 KiB are read before an origin is picked, so that a slow client holds no slot
 * for them, and a body that ends there can be sent again to another origin. A larger one is streamed, once. A client
 * that sends nothing more for a minute is given up: a slot must not wait for it. Where the isolate has no memory left to keep
 * a body (`replay-memory.ts`), a small one is streamed as well.
 *
 * A stream is not the platform's own but a relay that reads and writes by hand, for workerd has a trap: when the
 * client breaks off a chunked body that comes through a stream of ours (a tee or a pipe as well), the origin is
 * sent a proper last chunk and takes the torso for the whole. And when it breaks off the platform's own stream,
 * `fetch` says "Network connection lost", as if the origin were to blame. So the relay never ends a broken body: it
 * raises `stopped`, which must abort the attempt, and that resets the connection to the origin.
 */

import { Alarm } from "../alarm.ts";
import { ClientBody, maxPauseMs } from "./client-body.ts";
import { contentLength } from "./content-length.ts";
import type { Kept, ReplayMemory } from "./replay-memory.ts";

/** Bodies up to this size are sent again when needed. Times the requests in flight, it has to fit an isolate. */
export const maxBufferedBytes = 65_536;

/** Most bodies are small and come in one piece … */
const firstPieceBytes = 16_384;
/** … and large ones are relayed in large pieces: each leaves some garbage, whatever its size. */
const pieceBytes = 131_072;

export type PreparedBody =
  | { readonly kind: "none" }
  | { readonly kind: "buffered"; readonly bytes: Uint8Array<ArrayBuffer>; readonly kept: Kept }
  | BodyStream
  /** The client broke off; there is nobody to answer. */
  | { readonly kind: "broken" }
  /** The client has paused for too long. */
  | { readonly kind: "stalled" }
  /** It is longer than the route allows. */
  | { readonly kind: "too-large" }
  /** A GET or HEAD has one, and `fetch` can send none with these. */
  | { readonly kind: "unsendable" };

export type SendableBody = Extract<PreparedBody, { kind: "none" | "buffered" | "stream" }>;

/** Why an upload ended before its end. An origin that takes no more for a minute has stalled as well. */
export class UploadStopped extends Error {
  override readonly name = "UploadStopped";
  readonly by: "client-gone" | "client-stalled" | "origin-stalled" | "too-large";

  constructor(by: UploadStopped["by"]) {
    super(`the upload stopped: ${by}`);
    this.by = by;
  }
}

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
   * Aborts when the client goes away, or the upload stops before its end; then the reason is an `UploadStopped`. Must
   * abort the attempt that sends the stream.
   */
  readonly stopped: AbortSignal;
}

export interface BodyRules {
  /** The most that the route allows. */
  readonly maxBytes: number;
  readonly memory: ReplayMemory;
}

/** Reads or opens the request's body. Never rejects. */
export async function prepareBody(request: Request, rules: BodyRules): Promise<PreparedBody> {
  if (request.body === null) return { kind: "none" };
  const length = contentLength(request.headers);
  if (request.method === "GET" || request.method === "HEAD") return refuseContent(request.body, length);
  const keptBytes = length === undefined ? maxBufferedBytes : Math.min(length, maxBufferedBytes);
  const kept = rules.memory.take(keptBytes, Date.now());
  if (kept === undefined) return relay(request, new ClientBody(request.body), nothing, length, rules);
  const prepared =
    length === undefined || length > maxBufferedBytes
      ? await readAhead(request, new ClientBody(request.body), length, kept, rules)
      : await readWhole(request, kept);
  if (prepared.kind !== "buffered") rules.memory.giveBack(kept);
  return prepared;
}

const nothing = new Uint8Array();

async function readWhole(request: Request, kept: Kept): Promise<PreparedBody> {
  const alarm = new Alarm();
  try {
    const paused = new Promise<undefined>((resolve) => alarm.set(maxPauseMs, () => resolve(undefined)));
    const buffer = await Promise.race([request.arrayBuffer(), paused]);
    return buffer === undefined
      ? { kind: "stalled" }
      : { kind: "buffered", bytes: new Uint8Array(buffer), kept };
  } catch {
    return { kind: "broken" };
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
): Promise<PreparedBody> {
  if (length !== undefined) return { kind: length === 0 ? "none" : "unsendable" };
  const body = new ClientBody(stream);
  const piece = await body.read(new ArrayBuffer(1));
  if (piece !== "end" && typeof piece !== "string") await body.cancel();
  body.close();
  if (typeof piece !== "string") return { kind: "unsendable" };
  return { kind: piece === "end" ? "none" : piece };
}

/** What to hand to `fetch` for an attempt. A stream may be asked for once only. */
export function attemptBody(prepared: SendableBody): BodyInit | null {
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
    if (piece === "broken" || piece === "stalled") return { kind: piece };
    if (piece === "end") return { kind: "buffered", bytes: head.subarray(0, filled), kept };
    if (filled + piece.byteLength > rules.maxBytes) {
      await body.cancel();
      body.close();
      return { kind: "too-large" };
    }
    // Copied, not collected: a client may send its body byte by byte, and every piece has memory of its own.
    head = withRoom(head, filled + piece.byteLength);
    head.set(piece, filled);
    filled += piece.byteLength;
    memory = piece.buffer;
  }
  return relay(request, body, head.subarray(0, filled), length, rules);
}

function withRoom(bytes: Uint8Array<ArrayBuffer>, length: number): Uint8Array<ArrayBuffer> {
  if (length <= bytes.byteLength) return bytes;
  const larger = new Uint8Array(Math.max(length, 2 * bytes.byteLength));
  larger.set(bytes);
  return larger;
}

function relay(
  request: Request,
  body: ClientBody,
  head: Uint8Array,
  length: number | undefined,
  { maxBytes }: BodyRules,
): BodyStream {
  const through = length === undefined ? new IdentityTransformStream() : new FixedLengthStream(length);
  const stopped = new AbortController();
  const progress = { complete: false };
  return {
    kind: "stream",
    stream: through.readable,
    ...(length === undefined ? {} : { length }),
    uploaded: pump(body, { head, maxBytes }, through.writable.getWriter(), stopped, progress),
    isComplete: () => progress.complete,
    stopped: AbortSignal.any([request.signal, stopped.signal]),
  };
}

/** Copies the body, a piece at a time and no faster than the origin takes it. Never rejects. */
async function pump(
  body: ClientBody,
  { head, maxBytes }: { readonly head: Uint8Array; readonly maxBytes: number },
  writer: WritableStreamDefaultWriter<Uint8Array>,
  stopped: AbortController,
  progress: { complete: boolean },
): Promise<void> {
  const clock = new Alarm();
  const write = async (piece: Uint8Array): Promise<void> => {
    clock.set(maxPauseMs, () => stopped.abort(new UploadStopped("origin-stalled")));
    await writer.write(piece);
    clock.clear();
  };
  try {
    if (head.byteLength > 0) await write(head);
    let bytes = head.byteLength;
    let memory = new ArrayBuffer(pieceBytes);
    for (;;) {
      const piece = await body.read(memory);
      if (piece === "broken" || piece === "stalled") {
        stopped.abort(new UploadStopped(piece === "stalled" ? "client-stalled" : "client-gone"));
        return;
      }
      if (piece === "end") break;
      bytes += piece.byteLength;
      if (bytes > maxBytes) {
        stopped.abort(new UploadStopped("too-large"));
        await body.cancel();
        return;
      }
      await write(piece);
      // It has been copied, so its memory can be read into again.
      memory = piece.buffer;
    }
    clock.set(maxPauseMs, () => stopped.abort(new UploadStopped("origin-stalled")));
    await writer.close();
    progress.complete = true;
  } catch {
    // The attempt is over and took no more: neither does Weir.
    await body.cancel();
  } finally {
    clock.stop();
    body.close();
  }
}
