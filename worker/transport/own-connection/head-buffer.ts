/**
 * Finds the end of a response's head in the pieces in which it comes. Most heads come whole, in one piece, and are not copied.
 * Every byte is looked at once, however the head is cut, and no more is kept than a head may have.
 */

/** The most that a head may have: as much as the headers of a request may by default. */
export const maxHeadBytes = 65_536;

const lf = 10;
const cr = 13;

export interface WholeHead {
  /** Up to and with the empty line. */
  readonly head: Uint8Array;
  /** What has come behind it. */
  readonly rest: Uint8Array;
}

export class HeadBuffer {
  #bytes: Uint8Array = new Uint8Array();
  #filled = 0;
  #scanned = 0;
  #lineStart = 0;

  get isEmpty(): boolean {
    return this.#filled === 0;
  }

  /** Takes the next piece, which it keeps; the whole head, if that is its last one. */
  push(piece: Uint8Array): WholeHead | "incomplete" | "too-large" {
    if (this.#filled === 0) {
      this.#bytes = piece;
      this.#filled = piece.byteLength;
    } else this.#append(piece);
    const end = this.#findEnd();
    if (end === undefined) return this.#filled > maxHeadBytes ? "too-large" : "incomplete";
    if (end > maxHeadBytes) return "too-large";
    return { head: this.#bytes.subarray(0, end), rest: this.#bytes.subarray(end, this.#filled) };
  }

  #append(piece: Uint8Array): void {
    const needed = this.#filled + piece.byteLength;
    if (needed > this.#bytes.byteLength) {
      const larger = new Uint8Array(Math.max(needed, 2 * this.#bytes.byteLength));
      larger.set(this.#bytes.subarray(0, this.#filled));
      this.#bytes = larger;
    }
    this.#bytes.set(piece, this.#filled);
    this.#filled = needed;
  }

  /** Behind the first empty line. A line may end with LF alone (RFC 9112 §2.2). */
  #findEnd(): number | undefined {
    const bytes = this.#bytes.subarray(0, this.#filled);
    for (;;) {
      const at = bytes.indexOf(lf, this.#scanned);
      if (at === -1) {
        this.#scanned = this.#filled;
        return undefined;
      }
      const length = at - this.#lineStart;
      this.#scanned = this.#lineStart = at + 1;
      if (length === 0 || (length === 1 && bytes[at - 1] === cr)) return at + 1;
    }
  }
}
