/** Bytes as they come from the network: cut anywhere. */

/** A byte a character. */
export function bytes(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

/** The bytes in pieces that begin at these places, as far as there are bytes. No piece is empty, unless all is. */
export function inPieces(whole: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const places = [...new Set(cuts)].filter((cut) => cut > 0 && cut < whole.byteLength).sort((a, b) => a - b);
  return [0, ...places].map((start, index) => whole.slice(start, places[index] ?? whole.byteLength));
}
