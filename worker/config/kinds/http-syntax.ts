/**
 * The pieces of HTTP that a config may contain, checked where they enter: what is written here ends up in request
 * lines, header fields and cookies, and a stray CR, LF or `;` there would let it write the rest of the message too.
 */

/** Fields that belong to the connection or that `fetch` sets itself (RFC 9110 §7.2, §7.6.1, §8.6, §10.1.1). */
const ownedByTransport: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "expect",
  "host",
  "keep-alive",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** A `token` of RFC 9110 §5.6.2: what header and cookie names are made of. */
export function isToken(text: string): boolean {
  return /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}$/.test(text);
}

/** Whether a probe may set this header: a legal name that is not the transport's own. */
export function isProbeHeaderName(name: string): boolean {
  return isToken(name) && !ownedByTransport.has(name.toLowerCase());
}

/** Whether there are characters that end a line or a field, or that no header, cookie or decoded path has. */
export function hasControls(text: string): boolean {
  return /\p{Cc}/u.test(text);
}

/** RFC 9110 §5.5 `field-value`, each character one byte: no CR, LF or other control, no space at either end. */
export function isHeaderValue(text: string): boolean {
  return /^[\t\x20-\x7e\x80-\xff]*$/.test(text) && text.trim() === text;
}

/** A URL's path as a request shows it: from `/`, percent-encoded, dot segments resolved. */
export function isUrlPath(text: string): boolean {
  return isRequestTarget(text) && !text.includes("?");
}

/** A path as in `isUrlPath`, with a query or without. Not `//…`, which a URL parser takes for a host. */
export function isRequestTarget(text: string): boolean {
  if (!/^\/(?!\/)/.test(text) || !URL.canParse(`http://host${text}`)) return false;
  const { pathname, search } = new URL(`http://host${text}`);
  // A question mark without a query is sent, but no part of `search`.
  return pathname + search === text.replace(/\?$/, "");
}

/** RFC 6265 §4.1.1 `path-value`, from `/`: no control and no `;`, which would begin another attribute. */
export function isCookiePath(text: string): boolean {
  return /^\/[\x20-\x3a\x3c-\x7e]*$/.test(text) && text.trim() === text;
}

/** A method as the platform knows them: capitals and "-" (RFC 9110 §9.1; methods are case-sensitive). */
export function isMethod(text: string): boolean {
  return /^[A-Z][A-Z-]{0,31}$/.test(text);
}

/** RFC 9110 §7.6.3 `received-by`: a token, or a host with or without a port. */
export function isPseudonym(text: string): boolean {
  return /^[!#$%&'*+.^_`|~\w-]{1,255}(?::\d{1,5})?$/.test(text);
}
