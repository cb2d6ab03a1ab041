/**
 * What comes from the origin, a piece at a time. The first reads are small, since most answers are; those of a long body are large,
 * because each costs the same. What has become quiet is read with little memory again: a WebSocket may wait for hours after a burst.
 * Pieces are the caller's: a head may keep its own.
 */

const firstPieceBytes = 4_096;
const pieceBytes = 65_536;
/** A piece that fills no more than this part of its memory is followed by a read with less. */
const quietPart = 1 / 16;

export class Incoming {
  readonly #reader: ReadableStreamBYOBReader;
  readonly #firstBytes: number;
  #bytes: number;
  #isCancelled = false;
  #putBack: Uint8Array | undefined;
  #spare: ArrayBuffer | undefined;
  #onCancel: () => void = () => undefined;

  /** @param firstBytes the most that the first piece has. */
  constructor(readable: ReadableStream<Uint8Array>, firstBytes = firstPieceBytes) {
    this.#firstBytes = firstBytes;
    this.#bytes = firstBytes;
    this.#reader = readable.getReader({ mode: "byob" });
  }

  /** The next piece; `undefined`: the origin has ended its side. Rejects when the connection breaks. */
  async read(): Promise<Uint8Array | undefined> {
    const first = this.#putBack;
    this.#putBack = undefined;
    if (first !== undefined) return first;
    const memory = this.#spare ?? new ArrayBuffer(this.#bytes);
    this.#spare = undefined;
    const { done, value } = await this.#reader.read(new Uint8Array(memory));
    // To the stream that is an end like another; it must not pass for the end of a body.
    if (this.#isCancelled) throw new Error("given up");
    if (done) return undefined;
    this.#adapt(value.byteLength);
    return value;
  }

  #adapt(cameBytes: number): void {
    if (cameBytes >= this.#bytes) this.#bytes = Math.min(pieceBytes, 4 * this.#bytes);
    else if (cameBytes <= this.#bytes * quietPart) this.#bytes = Math.max(this.#firstBytes, this.#bytes / 4);
  }

  /** What was read too much comes next again. */
  putBack(piece: Uint8Array): void {
    if (piece.byteLength > 0) this.#putBack = piece;
  }

  /** A piece is wanted no more: its memory is read into again, since what a stream leaves behind is collected late. */
  giveBack({ buffer }: Uint8Array): void {
    if (buffer instanceof ArrayBuffer && buffer.byteLength === this.#bytes) this.#spare = buffer;
  }

  /** Calls `told` when the reader wants no more. */
  onCancel(told: () => void): void {
    this.#onCancel = told;
  }

  /** Wants no more: a read that is under way rejects. Never rejects itself. */
  async cancel(): Promise<void> {
    const isFirst = !this.#isCancelled;
    this.#isCancelled = true;
    if (isFirst) this.#onCancel();
    await this.#reader.cancel().catch(() => undefined);
  }
}
