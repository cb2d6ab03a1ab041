/**
 * Follows the frames of a WebSocket (RFC 6455 §5.2) through the pieces in which their bytes come, without a look at what is in
 * them: where a frame ends, so that a control frame may go in between, and whether there was a Close. Each payload is skipped at
 * one stroke, so the work is linear in the number of bytes and, for large frames, far less.
 */

const opcodeClose = 0x8;
const opcodePing = 0x9;

export class FrameTracker {
  /** What is left of the payload that is under way. */
  #payload = 0;
  /** The header that is under way: its first two bytes, how many it has in all, how many have come; and the length so far. */
  #first = 0;
  #headerBytes = 2;
  #seen = 0;
  #lengthBytes = 0;
  #length = 0;
  #hasClose = false;

  /** Whether the last byte so far was the last of a frame, or none has come. */
  get isBetweenFrames(): boolean {
    return this.#payload === 0 && this.#seen === 0;
  }

  /** Whether a Close has begun: nothing but its own payload may come behind it (§5.5.1). */
  get hasClose(): boolean {
    return this.#hasClose;
  }

  /** Takes the next bytes. Returns how many of them there are up to the end of the last frame that ends in them; 0: none does. */
  push(bytes: Uint8Array): number {
    let lastEnd = 0;
    for (let at = 0; at < bytes.byteLength;) {
      if (this.#payload > 0) {
        const skipped = Math.min(this.#payload, bytes.byteLength - at);
        this.#payload -= skipped;
        at += skipped;
      } else this.#header(bytes[at++] ?? 0);
      if (this.isBetweenFrames) lastEnd = at;
    }
    return lastEnd;
  }

  #header(byte: number): void {
    const index = this.#seen++;
    if (index === 0) this.#first = byte;
    else if (index === 1) this.#lengths(byte);
    else if (index < 2 + this.#lengthBytes) this.#length = this.#length * 256 + byte;
    if (this.#seen < this.#headerBytes || index === 0) return;
    if ((this.#first & 0x0f) === opcodeClose) this.#hasClose = true;
    this.#payload = this.#length;
    this.#seen = 0;
  }

  #lengths(byte: number): void {
    const short = byte & 0x7f;
    this.#lengthBytes = short === 126 ? 2 : short === 127 ? 8 : 0;
    this.#length = this.#lengthBytes === 0 ? short : 0;
    this.#headerBytes = 2 + this.#lengthBytes + ((byte & 0x80) === 0 ? 0 : 4);
  }
}

/** Four bytes, unpredictable (§5.3), for a frame to a server; `undefined` for one to a client, which is not masked. */
export type Mask = Uint8Array | undefined;

/** A Close with this code and no reason. */
export const closeFrame = (code: number, mask: Mask): Uint8Array<ArrayBuffer> =>
  controlFrame(opcodeClose, Uint8Array.of(code >> 8, code & 0xff), mask);

/** A Ping without content: its Pong says nothing but that the other end is there. */
export const pingFrame = (mask: Mask): Uint8Array<ArrayBuffer> =>
  controlFrame(opcodePing, new Uint8Array(), mask);

function controlFrame(opcode: number, payload: Uint8Array, mask: Mask): Uint8Array<ArrayBuffer> {
  const head = mask === undefined ? [payload.byteLength] : [0x80 | payload.byteLength, ...mask];
  const masked = payload.map((byte, at) => byte ^ (mask?.[at % 4] ?? 0));
  return Uint8Array.of(0x80 | opcode, ...head, ...masked);
}
