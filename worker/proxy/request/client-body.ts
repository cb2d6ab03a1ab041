/**
 * The client's end of a request body, read by hand, with an eye on the clock: a client that falls silent in the middle of
 * it must not hold an origin's slot.
 */
import type { Lingering } from "../../../core/connections/lingering.ts";
import { ClientPace, type PaceLimits } from "../../../core/connections/client-pace.ts";
import type { Millis } from "../../../core/model/upstream.ts";
import { Alarm } from "../../alarm.ts";

/** What is dropped is mostly little, and then is read in little memory; in more, up to this, from a client that fills it. */
const firstDroppedBytes = 4_096;
const droppedBytes = 65_536;

/** Why its reader was stopped: the client paused for too long, or memory is short and others need it more. */
type Stopped = "stalled" | "short";

type Piece = Uint8Array<ArrayBuffer> | "end" | "broken" | Stopped;

export class ClientBody {
  readonly #reader: ReadableStreamBYOBReader;
  readonly #alarm = new Alarm();
  readonly #pace: ClientPace | undefined;
  #reading: Promise<Piece> | undefined;
  #stopped: Stopped | undefined;

  /** @param limits how slow the client may be; absent: what it sends is only dropped, which has bounds of its own. */
  constructor(body: ReadableStream<Uint8Array>, limits?: PaceLimits) {
    this.#reader = body.getReader({ mode: "byob" });
    this.#pace = limits && new ClientPace(limits);
  }

  /** The next piece, in this memory, which is no longer the caller's; or why there is none. */
  async read(memory: ArrayBuffer): Promise<Piece> {
    if (this.#pace === undefined) return this.#read(memory);
    const sinceMs = Date.now();
    this.#waitFor(this.#pace.leftMs);
    const piece = await this.#read(memory);
    if (typeof piece !== "string") this.#pace.took(piece.byteLength, Date.now() - sinceMs);
    return piece;
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
      reading = this.#read(roomAfter(piece, droppedBytes));
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

  /** Wants no more of it; what is read, and will be, ends so. */
  stop(why: Stopped): void {
    this.#stopped ??= why;
    void this.cancel();
  }

  #waitFor(ms: Millis): void {
    this.#alarm.set(ms, () => this.stop("stalled"));
  }

  #read(memory: ArrayBuffer): Promise<Piece> {
    return (this.#reading = this.#next(memory));
  }

  async #next(memory: ArrayBuffer): Promise<Piece> {
    try {
      const { done, value } = await this.#reader.read(new Uint8Array(memory));
      return this.#stopped ?? (done ? "end" : value);
    } catch {
      return this.#stopped ?? "broken";
    } finally {
      this.#reading = undefined;
      this.#alarm.clear();
    }
  }
}

/** Memory for the next piece: that of the last one, or up to `mostBytes` if the last one has filled it. */
export function roomAfter({ byteLength, buffer }: Uint8Array<ArrayBuffer>, mostBytes: number): ArrayBuffer {
  if (byteLength < buffer.byteLength || byteLength >= mostBytes) return buffer;
  return new ArrayBuffer(Math.min(4 * byteLength, mostBytes));
}
