/**
 * The parts of a request's URL, and the one place that decides what host and path a request is for. On the edge the
 * platform hands the URL over normalised; a workerd of one's own hands over what the client sent, glued together:
 * `Host: a/b` becomes a path, `/x/../y` stays as it is until `fetch` resolves it, after the route was chosen by
 * another path. So here it is brought into the one form that `fetch` sends (WHATWG URL), before anything looks at it.
 *
 * Nearly all URLs are in that form already, which one expression sees at a tenth of the price of parsing.
 */
import { routingPath } from "../../../core/routing/path.ts";

export interface RequestUrl {
  /** `http` or `https`. */
  readonly scheme: string;
  /** Host and, unless it is the scheme's own, port. */
  readonly authority: string;
  /** The host without port and without a root's dot; an IPv6 address in its brackets. */
  readonly hostname: string;
  /** The path as the origin gets it. */
  readonly path: string;
  /** Path and query: what an HTTP request line carries. */
  readonly target: string;
  /** The path that routes are matched with (`core/routing/path.ts`). */
  readonly routingPath: string;
}

/** Host, port, path and query, all of them in normal form, but for dots and empty segments in the path. */
const plainUrl =
  /^https?:\/\/(?:(?:[a-z0-9_-]+\.)*[a-z_][a-z0-9_-]*|(?:\d{1,3}\.){3}\d{1,3})(?::\d{1,5})?\/[\w.~!$&'()*+,;=:@/-]*(?:\?[!$-&(-;=?-~]*)?$/;

/** What may stand in a Host field; anything else would change the meaning of the URL that is made from it, or is no name. */
const hostField = /^(?:[\w-]+(?:\.[\w-]+)*\.?|\[[\da-f:.]+\])(?::\d{0,5})?$/i;

/** Whether the value of a Host field is a host. Of one with a slash `readRequestUrl` would take a part for a path. */
export function isHost(value: string): boolean {
  return hostField.test(value);
}

/** The name in a Host field, in the form of `RequestUrl.hostname`. */
export function hostnameOf(authority: string): string {
  return authority.replace(/:\d*$/, "").replace(/\.$/, "").toLowerCase();
}

/**
 * The request's URL; `undefined` if its host is none, or its target no path (`*`). A slash in the Host field it does not
 * see: the code that reads the headers anyway has to look (`isHost`).
 */
export function readRequestUrl(request: Request): RequestUrl | undefined {
  const { url } = request;
  const plain = cutPlain(url);
  if (plain !== undefined) return plain;
  const host = request.headers.get("Host");
  return host === null || isHost(host) ? parseUrl(url) : undefined;
}

/** The URL with another path and query; `undefined` if they are none. @param target from one slash. */
export function withTarget({ scheme, authority }: RequestUrl, target: string): RequestUrl | undefined {
  const url = `${scheme}://${authority}${target}`;
  return cutPlain(url) ?? parseUrl(url);
}

/** Cuts a URL that is in normal form already; `undefined` if it is not. */
function cutPlain(url: string): RequestUrl | undefined {
  if (!plainUrl.test(url)) return undefined;
  const schemeEnd = url.indexOf(":");
  const pathStart = url.indexOf("/", schemeEnd + 3);
  const queryStart = url.indexOf("?", pathStart);
  const path = queryStart === -1 ? url.slice(pathStart) : url.slice(pathStart, queryStart);
  const scheme = url.slice(0, schemeEnd);
  const authority = url.slice(schemeEnd + 3, pathStart);
  const colon = authority.indexOf(":");
  const port = colon === -1 ? "" : authority.slice(colon + 1);
  if (path.includes("/.") || port === defaultPorts[scheme] || Number(port) > 65_535) return undefined;
  return {
    scheme,
    authority,
    hostname: colon === -1 ? authority : authority.slice(0, colon),
    path,
    target: url.slice(pathStart),
    routingPath: routingPath(path),
  };
}

const defaultPorts: Readonly<Record<string, string>> = { http: "80", https: "443" };

function parseUrl(text: string): RequestUrl | undefined {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) return undefined;
  if (url.username !== "" || url.password !== "" || !hostField.test(url.host)) return undefined;
  url.hash = "";
  return {
    scheme: url.protocol.slice(0, -1),
    authority: url.host,
    hostname: url.hostname.replace(/\.$/, ""),
    path: url.pathname,
    // Not `pathname + search`, which loses a question mark that nothing follows.
    target: url.href.slice(url.origin.length),
    routingPath: routingPath(url.pathname),
  };
}
