/**
 * The client's end of a request body, read by hand, with an eye on the clock: a client that falls silent in the middle of
 * it must not hold an origin's slot.
 */
import type { Lingering } from "../../../core/connections/lingering.ts";
import type { Millis } from "../../../core/model/upstream.ts";
import { Alarm } from "../../alarm.ts";

/** The longest pause in a body (nginx's `client_body_timeout`). */
export const maxPauseMs: Millis = 60_000;

/** What is dropped is mostly little, and then is read in little memory; in more, up to this, from a client that fills it. */
const firstDroppedBytes = 4_096;
const droppedBytes = 65_536;

type Piece = Uint8Array<ArrayBuffer> | "end" | "broken" | "stalled";

export class ClientBody {
  readonly #reader: ReadableStreamBYOBReader;
  readonly #alarm = new Alarm();
  #reading: Promise<Piece> | undefined;
  #isStalled = false;

  constructor(body: ReadableStream<Uint8Array>) {
    this.#reader = body.getReader({ mode: "byob" });
  }

  /** The next piece, in this memory, which is no longer the caller's; or why there is none. */
  read(memory: ArrayBuffer): Promise<Piece> {
    this.#waitFor(maxPauseMs);
    return this.#read(memory);
  }

  /**
   * Reads on and drops what comes, until the end or these bounds; then wants no more. Never rejects. A reader from before must leave
   * what it gets, and read no more.
   */
  async drop(bounds: Lingering): Promise<void> {
    let reading = this.#reading ?? this.#read(new ArrayBuffer(firstDroppedBytes));
    for (;;) {
      this.#waitFor(bounds.leftMs(Date.now()));
      const piece = await reading;
      if (typeof piece === "string") break;
      const now = Date.now();
      bounds.took(piece.byteLength, now);
      if (bounds.leftMs(now) === 0) {
        await this.cancel();
        break;
      }
      reading = this.#read(roomFor(piece));
    }
    this.close();
  }

  /** Wants no more of it. Never rejects. */
  async cancel(): Promise<void> {
    await this.#reader.cancel().catch(() => undefined);
  }

  /** It will not be read any more, by this reader; nothing is being read. */
  release(): void {
    this.close();
    this.#reader.releaseLock();
  }

  /** It will not be read any more. */
  close(): void {
    this.#alarm.stop();
  }

  #waitFor(ms: Millis): void {
    this.#alarm.set(ms, () => {
      this.#isStalled = true;
      void this.cancel();
    });
  }

  #read(memory: ArrayBuffer): Promise<Piece> {
    return (this.#reading = this.#next(memory));
  }

  async #next(memory: ArrayBuffer): Promise<Piece> {
    try {
      const { done, value } = await this.#reader.read(new Uint8Array(memory));
      if (this.#isStalled) return "stalled";
      return done ? "end" : value;
    } catch {
      return this.#isStalled ? "stalled" : "broken";
    } finally {
      this.#reading = undefined;
      this.#alarm.clear();
    }
  }
}

/** Memory for the next piece: that of the last one, or more. */
function roomFor({ byteLength, buffer }: Uint8Array<ArrayBuffer>): ArrayBuffer {
  if (byteLength < buffer.byteLength || byteLength >= droppedBytes) return buffer;
  return new ArrayBuffer(Math.min(4 * byteLength, droppedBytes));
}
