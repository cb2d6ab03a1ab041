/**
 * The Content-Length of a message, as far as it can be relied on: several files ask, and must read it alike.
 */

/** Up to so many bytes an answer is short: its body mostly comes with its head (`worker/proxy/response/late-bodies.ts`). */
export const shortBytes = 16_384;

/** The length in bytes; `undefined` if there is none or it is not the plain number of RFC 9110 §8.6. */
export function contentLength(headers: Headers): number | undefined {
  const value = headers.get("Content-Length");
  return value !== null && /^\d{1,15}$/.test(value) ? Number(value) : undefined;
}
