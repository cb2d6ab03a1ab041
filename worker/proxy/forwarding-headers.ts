/**
 * The headers that cross the proxy. What belongs to one connection stays on it (RFC 9110 §7.6.1), and what says
 * who the client is, is written by Weir and by nobody before it.
 *
 * Everything else is left alone, Accept-Encoding, Content-Encoding and Content-Length included: bodies are not
 * touched, and the runtime frames them by itself. Host follows from the origin's URL; fetch ignores the header,
 * but another Worker would be handed it.
 *
 * In workerd every call into the runtime costs about as much as a whole turn of the loop, so: one copy, one pass
 * over the names that dismisses most of them by their first letter, and a deletion for the few that match.
 */

import { splitUrl } from "./request-url.ts";

/** Of one connection. Expect is among them because workerd never relays the 100 that it asks for. */
const hopByHop = [
  "connection",
  "expect",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
];

/** Claims about the client that only Weir may make; applications read the most different ones. */
const claims = [
  "cf-connecting-ip",
  "cf-connecting-ipv6",
  "cf-connecting-o2o",
  "cf-pseudo-ipv4",
  "cf-visitor",
  "client-ip",
  "fastly-client-ip",
  "forwarded",
  "front-end-https",
  "true-client-ip",
  "x-client-ip",
  "x-cluster-client-ip",
  "x-envoy-external-address",
  "x-original-forwarded-for",
  "x-originating-ip",
  "x-real-ip",
  "x-remote-addr",
  "x-remote-ip",
  "x-request-id",
];

const ours = "x-weir-";

const droppedFromRequest = matcher([...hopByHop, ...claims, "host"], [ours, "x-forwarded-"]);
/** The handshake's own fields go too: the runtime makes a new handshake with the client (RFC 6455 §4.2.2). */
const droppedFromResponse = matcher(
  [...hopByHop, "sec-websocket-accept", "sec-websocket-extensions"],
  [ours],
);

/** Whether the client asks to switch to WebSocket (RFC 6455 §4.1). */
export function isWebSocketUpgrade(request: Request): boolean {
  return request.method === "GET" && request.headers.get("Upgrade")?.toLowerCase() === "websocket";
}

/** A new set of headers for the origin. X-Forwarded-For and X-Real-IP are absent if the address is unknown. */
export function toOriginHeaders(
  request: Request,
  facts: { readonly clientAddress: string | undefined; readonly requestId: string },
): Headers {
  const headers = new Headers(request.headers);
  dropNominated(headers, request.headers.get("Connection"));
  // oxlint-disable-next-line unicorn/no-array-for-each -- half the cost of an iterator of Headers
  request.headers.forEach((_value, name) => {
    if (droppedFromRequest(name)) headers.delete(name);
  });
  const { authority, scheme } = splitUrl(request.url);
  if (facts.clientAddress !== undefined) {
    headers.set("X-Forwarded-For", facts.clientAddress);
    headers.set("X-Real-IP", facts.clientAddress);
  }
  headers.set("X-Forwarded-Proto", scheme);
  headers.set("X-Forwarded-Host", authority);
  headers.set("X-Request-Id", facts.requestId);
  if (isWebSocketUpgrade(request)) headers.set("Upgrade", "websocket");
  return headers;
}

/** A new set of headers for the client. Several Set-Cookie stay several. */
export function toClientHeaders(response: Response): Headers {
  const headers = new Headers(response.headers);
  dropNominated(headers, response.headers.get("Connection"));
  // oxlint-disable-next-line unicorn/no-array-for-each -- half the cost of an iterator of Headers
  response.headers.forEach((_value, name) => {
    if (droppedFromResponse(name)) headers.delete(name);
  });
  return headers;
}

/** Tells whether a name, in lower case, is one of `names` or begins with one of `prefixes`. */
function matcher(names: readonly string[], prefixes: readonly string[]): (name: string) => boolean {
  const exact = new Set(names);
  const initials = new Set([...names, ...prefixes].map((text) => text.charCodeAt(0)));
  return (name) => {
    if (!initials.has(name.charCodeAt(0))) return false;
    // CGI and its heirs read X_Forwarded_For as X-Forwarded-For.
    const known = name.includes("_") ? name.replaceAll("_", "-") : name;
    return exact.has(known) || prefixes.some((prefix) => known.startsWith(prefix));
  };
}

/** Drops what Connection names (RFC 9110 §7.6.1): fields that the sender added for this hop only. */
function dropNominated(headers: Headers, connection: string | null): void {
  if (connection === null || plainConnection.has(connection.toLowerCase())) return;
  for (const option of connection.split(",")) {
    const name = option.trim();
    if (fieldName.test(name)) headers.delete(name);
  }
}

const plainConnection = new Set(["keep-alive", "close", "upgrade", "keep-alive, upgrade"]);
const fieldName = /^[!#$%&'*+.^_`|~\w-]+$/;
