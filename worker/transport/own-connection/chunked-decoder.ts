/**
 * Takes the chunks off a body (RFC 9112 §7.1), in whatever pieces it comes. Extensions are read over and trailers dropped, both
 * within bounds. Lines end with CRLF here, and a size is nothing but hexadecimal digits and the blanks behind them that old servers
 * pad it with.
 */

/** What stands behind a chunk's size, up to the end of its line. */
const maxExtensionBytes = 4_096;
const maxTrailerBytes = 65_536;
/** With more, a size would be no safe integer. */
const maxDigits = 13;

const [lf, cr, semicolon, space, tab] = [0x0a, 0x0d, 0x3b, 0x20, 0x09];

type DecoderState =
  | "size"
  | "blanks"
  | "extension"
  | "size-lf"
  | "data"
  | "data-cr"
  | "data-lf"
  | "trailer"
  | "end";

export class ChunkedDecoder {
  #state: DecoderState = "size";
  /** Of the chunk's data, what is still to come. */
  #left = 0;
  #digits = 0;
  /** Bytes of this extension, or of all trailers. */
  #skipped = 0;
  /** The line of a trailer so far, but for CR. */
  #lineBytes = 0;
  #afterCr = false;

  /** Whether the last chunk and its trailers have been read. What comes behind them is no part of the body. */
  get isOver(): boolean {
    return this.#state === "end";
  }

  /** The data in this piece, as parts of it; or that the body is malformed. */
  push(piece: Uint8Array): Uint8Array[] | "malformed" {
    const data: Uint8Array[] = [];
    let at = 0;
    while (at < piece.byteLength && this.#state !== "end") {
      if (this.#state === "data") {
        const part = piece.subarray(at, at + this.#left);
        data.push(part);
        at += part.byteLength;
        this.#left -= part.byteLength;
        if (this.#left === 0) this.#state = "data-cr";
      } else {
        const next = this.#step(piece[at++] ?? 0);
        if (next === undefined) return "malformed";
        this.#state = next;
      }
    }
    return data;
  }

  /** Where the next byte belongs, behind one that is no data; `undefined`: that byte must not be there. */
  #step(byte: number): DecoderState | undefined {
    switch (this.#state) {
      case "size":
        return this.#sizeStep(byte);
      case "blanks":
        if (byte === space || byte === tab) return this.#skip("blanks", maxExtensionBytes);
        return byte === semicolon ? "extension" : byte === cr ? "size-lf" : undefined;
      case "extension":
        if (byte === cr) return "size-lf";
        return byte === lf || byte === 0 ? undefined : this.#skip("extension", maxExtensionBytes);
      case "size-lf":
        if (byte !== lf) return undefined;
        this.#skipped = 0;
        return this.#left > 0 ? "data" : "trailer";
      case "data-cr":
        return byte === cr ? "data-lf" : undefined;
      case "data-lf":
        this.#digits = 0;
        return byte === lf ? "size" : undefined;
      case "trailer":
        return this.#trailerStep(byte);
      case "data":
      case "end":
        return undefined;
    }
  }

  #sizeStep(byte: number): DecoderState | undefined {
    const digit = hexDigit(byte);
    if (digit !== undefined) {
      this.#left = this.#left * 16 + digit;
      // Leading zeros are no digits that count, but no line is endless.
      if (this.#left > 0) this.#digits++;
      return this.#digits > maxDigits ? undefined : this.#skip("size", maxExtensionBytes);
    }
    if (this.#skipped === 0) return undefined;
    if (byte === space || byte === tab) return "blanks";
    return byte === semicolon ? "extension" : byte === cr ? "size-lf" : undefined;
  }

  #trailerStep(byte: number): DecoderState | undefined {
    if (byte === lf) {
      if (!this.#afterCr) return undefined;
      const isEmpty = this.#lineBytes === 0;
      this.#lineBytes = 0;
      this.#afterCr = false;
      return isEmpty ? "end" : this.#skip("trailer", maxTrailerBytes);
    }
    if (this.#afterCr || byte === 0) return undefined;
    if (byte === cr) this.#afterCr = true;
    else this.#lineBytes++;
    return this.#skip("trailer", maxTrailerBytes);
  }

  #skip(state: DecoderState, maxBytes: number): DecoderState | undefined {
    return ++this.#skipped > maxBytes ? undefined : state;
  }
}

function hexDigit(byte: number): number | undefined {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : undefined;
}
