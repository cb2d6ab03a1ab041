/**
 * Copies a body to its client, at the pace of the route if it has one, and watches how fast the client takes it: a client that takes nothing for too long holds a slot
 * of the origin (slow read attacks; nginx's `send_timeout`). A native pipe does not say how far it is, and cannot be taken over, so the bytes go through
 * JavaScript, in pieces that grow while the client is fast: of 16 MiB at 256 KiB each a copy takes 1.4 times the CPU time of a pipe, at 64 KiB
 * twice. What the kernel's buffers hold counts as taken.
 */
import { ClientPace, type PaceLimits } from "../../../core/connections/client-pace.ts";
import type { SendPace } from "../../../core/connections/send-pace.ts";
import type { Millis } from "../../../core/model/upstream.ts";
import { Alarm } from "../../alarm.ts";
import { sendPaced, type PacedSink } from "./send-paced.ts";

/** The client has taken nothing for too long, or too little. */
export class ClientStalled extends Error {
  override readonly name = "ClientStalled";
}

const smallestBytes = 16_384;
const firstBytes = 65_536;
const largestBytes = 262_144;

/** A piece that the client takes within so long lets the next one be larger; one that it does not, smaller. */
const fastMs = 20;
const slowMs = 500;

export interface CopyTerms {
  /** Aborts when the client has gone. */
  readonly signal: AbortSignal;
  /** How slow the client may be; absent: as slow as it likes. */
  readonly limits: PaceLimits | undefined;
  /** How fast it is sent; absent: as fast as it is taken. */
  readonly pace?: SendPace | undefined;
  /** Is told of each piece. */
  readonly count: (piece: Uint8Array) => void;
  /** Its end is the copy's. */
  readonly isEnded: boolean;
  /** It comes from JavaScript, in pieces of its own. */
  readonly isScripted: boolean;
}

/**
 * Copies the body. Rejects when it breaks, at once when the client goes, and with `ClientStalled`; then the origin
 * is let go.
 */
export async function copyBody(
  body: ReadableStream<Uint8Array>,
  to: WritableStream<Uint8Array>,
  { signal, limits, pace, count, isEnded, isScripted }: CopyTerms,
): Promise<void> {
  const source = isScripted ? scripted(body) : native(body);
  const writer = to.getWriter();
  let stopped: unknown;
  const stop = (reason: unknown): void => {
    stopped ??= reason;
    source.cancel(reason);
    sink.stop(reason);
    writer.abort(reason).catch(() => undefined);
  };
  const sink = new WatchedSink(writer, limits, () => stop(new ClientStalled()));
  const leave = (): void => stop(signal.reason);
  signal.addEventListener("abort", leave, { once: true });
  if (signal.aborted) leave();
  // What the client takes no more of is not read any more, also where the signal is silent.
  writer.closed.catch(stop);
  const mostBytes = pace?.pieceBytes ?? largestBytes;
  try {
    for (let bytes = Math.min(firstBytes, mostBytes); ;) {
      const piece = await source.read(bytes);
      if (piece === undefined) break;
      count(piece);
      if (pace !== undefined) {
        await sendPaced(piece, pace, sink);
        continue;
      }
      const waitedMs = await sink.write(piece);
      if (waitedMs > slowMs) bytes = smallestBytes;
      else if (waitedMs < fastMs && piece.byteLength === bytes) bytes = Math.min(4 * bytes, mostBytes);
    }
    signal.throwIfAborted();
    if (isEnded) await writer.close();
    else writer.releaseLock();
  } catch (error) {
    stop(error);
    throw stopped;
  } finally {
    sink.close();
    signal.removeEventListener("abort", leave);
  }
}

/** The client's end, watched: only the time for which it lets a write wait counts. */
class WatchedSink implements PacedSink {
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #pace: ClientPace | undefined;
  readonly #stalled: () => void;
  readonly #alarm = new Alarm();
  #endWait: ((reason: unknown) => void) | undefined;

  /** @param stalled is called when the client has been too slow. */
  constructor(
    writer: WritableStreamDefaultWriter<Uint8Array>,
    limits: PaceLimits | undefined,
    stalled: () => void,
  ) {
    this.#writer = writer;
    this.#pace = limits && new ClientPace(limits);
    this.#stalled = stalled;
  }

  /** Resolves to how long the client took to take it. */
  async write(piece: Uint8Array): Promise<Millis> {
    const sinceMs = Date.now();
    if (this.#pace) this.#alarm.set(this.#pace.leftMs, this.#stalled, sinceMs);
    await this.#wait((resolve, reject) => void this.#writer.write(piece).then(resolve, reject));
    const waitedMs = Date.now() - sinceMs;
    this.#alarm.clear();
    this.#pace?.took(piece.byteLength, waitedMs);
    return waitedMs;
  }

  pause(forMs: Millis): Promise<void> {
    return this.#wait((resolve) => this.#alarm.set(forMs, resolve));
  }

  /** Ends the write or the pause that is under way: to abort a stream does not. */
  stop(reason: unknown): void {
    this.#endWait?.(reason);
  }

  close(): void {
    this.#alarm.stop();
  }

  #wait(begin: (resolve: () => void, reject: (reason: unknown) => void) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#endWait = reject;
      begin(resolve, reject);
    });
  }
}

interface PieceSource {
  /** The next piece, of at most so many bytes where the source can be asked for that; `undefined`: the end. */
  read(bytes: number): Promise<Uint8Array | undefined>;
  cancel(reason: unknown): void;
}

function scripted(body: ReadableStream<Uint8Array>): PieceSource {
  const reader = body.getReader();
  return {
    read: async () => (await reader.read()).value,
    cancel: (reason) => void reader.cancel(reason).catch(() => undefined),
  };
}

/** Reads into the same memory again and again: a piece is copied by the time that it has been written. */
function native(body: ReadableStream<Uint8Array>): PieceSource {
  const reader = body.getReader({ mode: "byob" });
  let memory = new ArrayBuffer(0);
  return {
    read: async (bytes) => {
      const { done, value } = await reader.read(
        new Uint8Array(memory.byteLength === bytes ? memory : new ArrayBuffer(bytes)),
      );
      if (done) return undefined;
      memory = value.buffer;
      return value;
    },
    cancel: (reason) => void reader.cancel(reason).catch(() => undefined),
  };
}
