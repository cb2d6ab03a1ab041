/** Tables of numbers are kept as typed arrays, a column each, that double when they are full. */

/** `longer`, beginning with what is in `numbers`. */
export function grown<Numbers extends Float64Array | Int32Array | Uint8Array>(
  numbers: Numbers,
  longer: Numbers,
): Numbers {
  longer.set(numbers);
  return longer;
}
