/**
 * The bytes to one end of a WebSocket: those of the other end, no faster than they are taken, and between two of its frames, where
 * they may stand (RFC 6455 §5.4), control frames of Weir's own.
 */
import { closeFrame, FrameTracker, pingFrame, type Mask } from "../../../core/websocket/frames.ts";

/** The part of a writer that is used. */
export type ByteWriter = Pick<WritableStreamDefaultWriter<Uint8Array>, "write" | "close">;

export class FrameWriter {
  readonly #writer: ByteWriter;
  readonly #newMask: () => Mask;
  readonly #frames = new FrameTracker();
  /** Is to go where the frame that is under way ends. */
  #waiting: Uint8Array | undefined;
  /** A Close of Weir's own has gone to it, and nothing may come behind one. */
  #isTold = false;

  /** @param newMask a mask for each frame to an origin; `undefined` for a client. */
  constructor(writer: ByteWriter, newMask: () => Mask) {
    this.#writer = writer;
    this.#newMask = newMask;
  }

  /** Whether the other end's Close has gone to this one. */
  get hasClose(): boolean {
    return this.#frames.hasClose;
  }

  /** Passes a piece on; resolves when it has been taken. Rejects when the connection is broken. */
  async write(piece: Uint8Array): Promise<void> {
    const end = this.#frames.push(piece);
    const frame = this.#waiting;
    if (frame === undefined || end === 0 || this.hasClose) return this.#writer.write(piece);
    this.#waiting = undefined;
    this.#add(piece.subarray(0, end));
    this.#add(frame);
    return this.#writer.write(piece.subarray(end));
  }

  /** Asks the end whether it is there, as soon as a frame may stand here. */
  ping(): void {
    if (this.hasClose || this.#isTold) return;
    const frame = pingFrame(this.#newMask());
    if (this.#frames.isBetweenFrames) this.#add(frame);
    else this.#waiting = frame;
  }

  /** Tells the end that the other one is lost, if it may still be told anything. Nothing is to be passed on any more. */
  tellLost(code: number): void {
    if (!this.#frames.isBetweenFrames || this.hasClose || this.#isTold) return;
    this.#isTold = true;
    this.#add(closeFrame(code, this.#newMask()));
  }

  /** Ends the connection behind what has been written. Never rejects. */
  async end(): Promise<void> {
    await this.#writer.close().catch(() => undefined);
  }

  /** What is written next is behind it, and rejects if it does. */
  #add(bytes: Uint8Array): void {
    this.#writer.write(bytes).catch(() => undefined);
  }
}
