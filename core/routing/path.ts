/**
 * The form in which the paths of requests and of routes are compared. Several spellings mean the same path, and a client that could
 * choose among them could choose the route: so both sides are brought into one form.
 */

/**
 * @param path as a URL parser leaves it: from `/`, dot segments resolved.
 * @returns it with what needs no encoding decoded, other encodings in capitals (RFC 3986 §6.2.2), and no empty segments.
 */
export function routingPath(path: string): string {
  const decoded = path.includes("%") ? path.replaceAll(/%[\da-f]{2}/gi, decodeUnreserved) : path;
  return withoutGaps(decoded);
}

/** Servers take `//a` for `/a` (nginx's `merge_slashes`), so a route must, too. */
export function withoutGaps(path: string): string {
  return path.includes("//") ? path.replaceAll(/\/{2,}/g, "/") : path;
}

/** What a prefix stands for: `/api` and `/api/` take the same, and `/` takes all, as no prefix does. */
export function stemOf(prefix: string): string {
  return prefix.endsWith("/") ? prefix.slice(0, -1) : prefix;
}

/** RFC 3986 §6.2.2.2: what is unreserved means the same with and without its encoding. Made once: a path may be nothing but encodings. */
function decodeUnreserved(encoded: string): string {
  return plainForms.get(encoded) ?? encoded;
}

/** Of each encoding of a byte, in all its spellings, what stands in the form that is compared. */
const plainForms: ReadonlyMap<string, string> = new Map(
  Array.from({ length: 256 }, (_, byte) => {
    const lower = byte.toString(16).padStart(2, "0");
    const [high = "", low = ""] = lower;
    const char = String.fromCharCode(byte);
    const form = /[\w.~-]/.test(char) ? char : `%${lower.toUpperCase()}`;
    const spellings = [lower, lower.toUpperCase(), high.toUpperCase() + low, high + low.toUpperCase()];
    return spellings.map((spelling) => [`%${spelling}`, form] as const);
  }).flat(),
);
