/**
 * The parts of a request's URL. The platform hands it over absolute and normalised, so it only has to be cut, at
 * a tenth of the price of parsing it again.
 */
export interface RequestUrl {
  /** `http` or `https`. */
  readonly scheme: string;
  /** Host and, unless it is the scheme's own, port. */
  readonly authority: string;
  /** The host without the port; an IPv6 address in its brackets. */
  readonly hostname: string;
  readonly path: string;
  /** Path and query: what an HTTP request line carries. */
  readonly target: string;
}

/** Cuts an absolute URL as `Request.url` has it: normalised, without credentials. */
export function splitUrl(url: string): RequestUrl {
  const schemeEnd = url.indexOf("://");
  const pathStart = url.indexOf("/", schemeEnd + 3);
  const fragment = url.indexOf("#", pathStart);
  const end = fragment === -1 ? url.length : fragment;
  const query = url.indexOf("?", pathStart);
  const pathEnd = query === -1 || query > end ? end : query;
  const authority = url.slice(schemeEnd + 3, pathStart);
  const port = authority.indexOf(":", authority.lastIndexOf("]") + 1);
  return {
    scheme: url.slice(0, schemeEnd),
    authority,
    hostname: port === -1 ? authority : authority.slice(0, port),
    path: url.slice(pathStart, pathEnd),
    target: url.slice(pathStart, end),
  };
}
