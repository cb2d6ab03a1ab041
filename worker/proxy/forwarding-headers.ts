/**
 * The headers that cross the proxy. What belongs to one connection stays on it (RFC 9110 §7.6.1), and what says
 * who the client is, is written by Weir and by nobody before it.
 *
 * Everything else is left alone, Accept-Encoding, Content-Encoding and Content-Length included: bodies are not
 * touched, and the runtime frames them by itself. Host follows from the origin's URL; fetch ignores the header,
 * but another Worker would be handed it.
 *
 * One copy, one pass over the names and a deletion for the few that match is the cheapest way in workerd: a
 * call into the runtime costs about as much as the whole loop body, and building headers up is five times that.
 */

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

const droppedFromRequests = new Set([...hopByHop, ...claims, "host"]);
/** The handshake's own fields go too: the runtime makes a new handshake with the client (RFC 6455 §4.2.2). */
const droppedFromResponses = new Set([...hopByHop, "sec-websocket-accept", "sec-websocket-extensions"]);

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
  const { host, protocol } = new URL(request.url);
  dropNominated(headers, request.headers.get("Connection"));
  // oxlint-disable-next-line unicorn/no-array-for-each -- half the cost of an iterator of Headers
  request.headers.forEach((_value, name) => {
    // CGI and its heirs read X_Forwarded_For as X-Forwarded-For.
    const known = name.includes("_") ? name.replaceAll("_", "-") : name;
    if (droppedFromRequests.has(known) || known.startsWith("x-forwarded-") || isOurs(known))
      headers.delete(name);
  });
  if (facts.clientAddress !== undefined) {
    headers.set("X-Forwarded-For", facts.clientAddress);
    headers.set("X-Real-IP", facts.clientAddress);
  }
  headers.set("X-Forwarded-Proto", protocol.slice(0, -1));
  headers.set("X-Forwarded-Host", host);
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
    if (droppedFromResponses.has(name) || isOurs(name)) headers.delete(name);
  });
  return headers;
}

function isOurs(name: string): boolean {
  return name.startsWith("x-weir-");
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
