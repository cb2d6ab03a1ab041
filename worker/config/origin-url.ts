/**
 * An origin's URL says where it is and nothing else: scheme, host, port, and a path that goes before each request's
 * own. Credentials would end up in logs and metrics (a probe's header and `${ENV:NAME}` are for them); a query or a
 * fragment would have to be merged into every request.
 */

/** The URL in its canonical form, without a slash at its end; `undefined` if it is not an origin's. */
export function parseOriginUrl(text: string): string | undefined {
  if (
    !/^https?:\/\/[^\s\p{Cc}/?#\\][^\s\p{Cc}?#\\]*$/iu.test(text) ||
    text.length > 2048 ||
    !URL.canParse(text)
  )
    return undefined;
  const { origin, pathname, username, password } = new URL(text);
  return username + password === "" ? origin + pathname.replace(/\/+$/, "") : undefined;
}
