/**
 * A body that is sent to an origin while it arrives, once.
 *
 * A stream is not the platform's own but a relay that reads and writes by hand, for workerd has a trap: when the
 * client breaks off a chunked body that comes through a stream of ours (a tee or a pipe as well), the origin is
 * sent a proper last chunk and takes the torso for the whole. And when it breaks off the platform's own stream,
 * `fetch` says "Network connection lost", as if the origin were to blame. So the relay never ends a broken body: it
 * raises `stopped`, which must abort the attempt, and that resets the connection to the origin.
 *
 * An origin that takes no more of it is not the client's end: what that still sends can be taken back, to be read on and dropped.
 */
import type { Millis } from "../../../core/model/upstream.ts";
import { Alarm } from "../../alarm.ts";
import { roomAfter, type ClientBody } from "../request/client-body.ts";

/** An origin that takes nothing for so long has stalled (nginx's `proxy_send_timeout`). */
export const originStalledMs: Millis = 60_000;

/** Large bodies are relayed in large pieces, as each leaves some garbage, whatever its size; a body that trickles, in small ones. */
const firstPieceBytes = 8_192;
const pieceBytes = 131_072;

const nothing = new Uint8Array();

/** Why an upload ended before its end. An origin that takes no more for `originStalledMs` has stalled as well. */
export class UploadStopped extends Error {
  override readonly name = "UploadStopped";
  readonly by: "client-gone" | "upload-timeout" | "body-too-large" | "origin-stalled";

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
  /** No more of it is handed on. What the client may still send; `undefined`: nothing. An attempt that sends it must have been aborted. */
  readonly takeBack: () => ClientBody | undefined;
}

/** How far an upload is. */
interface UploadProgress {
  /** All of it has been handed on. */
  isComplete: boolean;
  /** There is no more to come from the client. */
  isOver: boolean;
  /** Another reader has it now. */
  isTakenBack: boolean;
}

/** What is sent before the rest of a body. */
export interface UploadStart {
  /** It is let go when it has been sent. */
  head: Uint8Array<ArrayBuffer>;
  /** What was put down elsewhere of the body; absent: nothing. */
  readonly beginning?: ClientBody;
}

/** Hands on the body, the start of which has been read. @param maxBytes the most that the route allows. */
export function relay(
  request: Request,
  body: ClientBody,
  start: UploadStart,
  length: number | undefined,
  maxBytes: number,
): BodyStream {
  const through = length === undefined ? new IdentityTransformStream() : new FixedLengthStream(length);
  const stopped = new AbortController();
  const progress: UploadProgress = { isComplete: false, isOver: false, isTakenBack: false };
  const takenBack = Promise.withResolvers<void>();
  const pumped = pump(body, start, maxBytes, through.writable.getWriter(), stopped, progress);
  return {
    kind: "stream",
    stream: through.readable,
    ...(length === undefined ? {} : { length }),
    uploaded: Promise.race([pumped, takenBack.promise]),
    isComplete: () => progress.isComplete,
    stopped: AbortSignal.any([request.signal, stopped.signal]),
    takeBack: () => {
      takenBack.resolve();
      // No attempt has taken it, or will.
      if (!through.readable.locked) through.readable.cancel().catch(() => undefined);
      if (progress.isOver) return undefined;
      progress.isTakenBack = true;
      return body;
    },
  };
}

/** Copies the body, a piece at a time and no faster than the origin takes it. Never rejects. */
async function pump(
  body: ClientBody,
  start: UploadStart,
  maxBytes: number,
  writer: WritableStreamDefaultWriter<Uint8Array>,
  stopped: AbortController,
  progress: UploadProgress,
): Promise<void> {
  const clock = new Alarm();
  const write = async (piece: Uint8Array): Promise<void> => {
    clock.set(originStalledMs, () => stopped.abort(new UploadStopped("origin-stalled")));
    await writer.write(piece);
    clock.clear();
  };
  try {
    let bytes = start.head.byteLength;
    if (bytes > 0) await write(start.head);
    start.head = nothing;
    let memory = new ArrayBuffer(firstPieceBytes);
    let source = start.beginning ?? body;
    for (;;) {
      if (progress.isTakenBack) return;
      const piece = await source.read(memory);
      if (source !== body && piece === "end") {
        source = body;
        memory = new ArrayBuffer(firstPieceBytes);
        continue;
      }
      progress.isOver = typeof piece === "string";
      if (progress.isTakenBack) return;
      if (piece === "end") break;
      if (typeof piece === "string") {
        stopped.abort(new UploadStopped(piece === "stalled" ? "upload-timeout" : "client-gone"));
        return;
      }
      bytes += piece.byteLength;
      if (bytes > maxBytes) {
        stopped.abort(new UploadStopped("body-too-large"));
        return;
      }
      await write(piece);
      // It has been copied, so its memory can be read into again.
      memory = roomAfter(piece, pieceBytes);
    }
    clock.set(originStalledMs, () => stopped.abort(new UploadStopped("origin-stalled")));
    await writer.close();
    progress.isComplete = true;
  } catch {
    // The attempt is over and took no more.
  } finally {
    clock.stop();
    if (!progress.isTakenBack) body.close();
  }
}
