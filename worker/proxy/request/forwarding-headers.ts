/**
 * Which headers Weir adds, replaces or removes on the way to an origin; the session's cookie apart, which its filter takes off (`../filters/sticky.ts`). Headers of one connection stay on it (RFC 9110 §7.6.1). Headers
 * that say where a request comes from are written by Weir alone; `request-source.ts` decides which proxies Weir believes.
 *
 * Everything else is left alone, Accept-Encoding, Content-Encoding and Content-Length included: bodies are not
 * touched, and the runtime frames them by itself. Host follows from the origin's URL; fetch ignores the header,
 * but another Worker would be handed it.
 *
 * In workerd every call into the runtime costs about as much as a whole turn of the loop, so: one copy, one pass
 * over the names that dismisses most of them by their first letter and length, and a deletion for the few that match.
 */

import { clientClaims, connectionFields } from "../../../core/headers/owned.ts";
import type { Target } from "../../../core/protocol/config-section.ts";
import { carriesToken } from "../../api/admin-token.ts";
import type { Config } from "../../config/sections/config.ts";
import type { ForwardingConfig } from "../../config/sections/forwarding.ts";
import type { ProxyError } from "../response/error-response.ts";
import { forwardedValue } from "./forwarded-syntax.ts";
import { hasPassed } from "./loop.ts";
import type { RequestSource } from "./request-source.ts";
import { isHost } from "./request-url.ts";
import { handshakeError, isWebSocketUpgrade } from "./websocket-handshake.ts";

/** Claims about the client and its request that only Weir may make. */
const claims = [...clientClaims, "forwarded", "x-real-ip", "x-request-id"];

const ours = "x-weir-";

const dropped = [...connectionFields, ...claims, "host"];
/**
 * Under another spelling. To CGI and its heirs (uWSGI, PHP) Content_Length is Content-Length: a server would wait for a body that never
 * comes, or drop the one that does. nginx drops all names with an underscore.
 */
const misspelt = ["content-length", "content-type"];
const droppedFromRequest: Readonly<Record<Target, (name: string) => boolean>> = {
  edge: matcher(dropped, [ours, "x-forwarded-"], misspelt),
  // Only Cloudflare may send Cloudflare's headers about a client.
  workerd: matcher(dropped, [ours, "x-forwarded-", "cf-"], misspelt),
};
/** Persistent-Auth speaks of the connection, too (MS-N2HT), and Proxy-Support (RFC 4559 §6). */
const ofConnection = [...connectionFields, "persistent-auth", "proxy-support"];
/** The handshake's own fields go too: the runtime makes a new handshake with the client (RFC 6455 §4.2.2). */
const droppedFromResponse = matcher(
  [...ofConnection, "sec-websocket-accept", "sec-websocket-extensions"],
  [ours],
);

export interface OriginHeaderFacts {
  readonly id: string;
  readonly method: string;
  readonly source: RequestSource;
  readonly config: {
    readonly target: Target;
    readonly forwarding: Pick<ForwardingConfig, "forwarded" | "via">;
    readonly limits: Pick<Config["limits"], "headersBytes">;
  };
  /** The deployment's, if it has one: it opens Weir, and no origin may learn it from a stray request. */
  readonly adminToken: string | undefined;
  /** What stands for this upstream in CDN-Loop (`loop.ts`). */
  readonly loopId: string;
}

/**
 * A new set of headers for the origin; an error if they open no WebSocket that they ask for, if the Host field is no host, if the
 * body is coded otherwise than in chunks, if the request has come around, or if they are too large. X-Forwarded-For and X-Real-IP
 * are absent if the address is unknown.
 */
export function toOriginHeaders(request: Request, facts: OriginHeaderFacts): Headers | ProxyError {
  const { adminToken, loopId, config } = facts;
  const { target: platform, forwarding, limits } = config;
  const received = request.headers;
  const headers = new Headers(received);
  const isDropped = droppedFromRequest[platform];
  let connection = "";
  let host = "";
  let coding = "";
  let upgrade = "";
  let loop = "";
  let bytes = 0;
  // oxlint-disable-next-line unicorn/no-array-for-each -- half the cost of an iterator of Headers
  received.forEach((value, name) => {
    bytes += name.length + value.length;
    if (name === "connection") connection = value;
    else if (name === "host") host = value;
    else if (name === "transfer-encoding") coding = value;
    else if (name === "cdn-loop") loop = value;
    else if (name === "upgrade") upgrade = value;
    if (isDropped(name)) headers.delete(name);
    else if (name === "authorization" && adminToken && carriesToken(value, adminToken)) headers.delete(name);
  });
  const isWebSocket = isWebSocketUpgrade(facts.method, upgrade);
  const refused = isWebSocket ? handshakeError(received, platform) : undefined;
  if (refused !== undefined) return refused;
  if (bytes > limits.headersBytes) return { kind: "headers-too-large" };
  if (host !== "" && !isHost(host)) return { kind: "bad-request" };
  // To the runtime a body is chunked if the last coding is that; a sender, or a proxy that passed it on, may have read on (RFC 9112 §6.1).
  if (coding !== "" && coding.toLowerCase() !== "chunked") return { kind: "bad-request" };
  dropNominated(headers, received, connection);
  if (platform === "workerd") {
    if (hasPassed(loop, loopId)) return { kind: "loop" };
    // An empty field would leave an empty name before ours.
    if (loop === "") headers.set("CDN-Loop", loopId);
    else headers.append("CDN-Loop", loopId);
  }
  tellSource(headers, facts);
  if (forwarding.via !== undefined) headers.append("Via", viaValue(request.cf, forwarding.via));
  if (isWebSocket) headers.set("Upgrade", "websocket");
  return headers;
}

function tellSource(headers: Headers, { source, config, id }: OriginHeaderFacts): void {
  const { address, hops, scheme, authority } = source;
  if (address !== undefined) {
    headers.set("X-Forwarded-For", hops.length === 0 ? address : [address, ...hops].join(", "));
    headers.set("X-Real-IP", address);
  }
  headers.set("X-Forwarded-Proto", scheme);
  headers.set("X-Forwarded-Host", authority);
  headers.set("X-Request-Id", id);
  if (config.forwarding.forwarded) headers.set("Forwarded", forwardedValue(source));
}

/** RFC 9110 §7.6.3: the version of HTTP in which the message came, and the name of who passes it on. */
export function viaValue(cf: Request["cf"], name: string): string {
  const protocol = cf?.["httpProtocol"];
  return `${typeof protocol === "string" ? protocol.replace("HTTP/", "") : "1.1"} ${name}`;
}

/** What a response's headers turned out to have, in one number: a flag costs no allocation. */
export const has = { date: 1, redirect: 2, cookie: 4, challenge: 8 } as const;

/**
 * Takes off a copy of the origin's headers, which is for the client, what is not for the client. Returns which of those are
 * there (`has`) that a later step may rewrite, so that no step has to look again.
 */
export function dropFromClients(copy: Headers, received: Headers): number {
  let connection = "";
  let found = 0;
  // oxlint-disable-next-line unicorn/no-array-for-each -- half the cost of an iterator of Headers
  received.forEach((value, name) => {
    if (name === "connection") connection = value;
    else if (name === "date") found |= has.date;
    else if (name === "location" || name === "refresh") found |= has.redirect;
    else if (name === "set-cookie") found |= has.cookie;
    else if (name === "www-authenticate") found |= has.challenge;
    if (droppedFromResponse(name)) copy.delete(name);
  });
  dropNominated(copy, received, connection);
  return found;
}

/** Tells whether a name, in lower case, is one of `names`, begins with one of `prefixes`, or is another spelling of one of `misspelt`. */
function matcher(
  names: readonly string[],
  prefixes: readonly string[],
  misspelt: readonly string[] = [],
): (name: string) => boolean {
  const exact = new Set(names);
  const respelt = new Set(misspelt);
  // By initial, one bit for each length: to look a fresh string up in a set takes half a microsecond.
  const lengths = new Uint32Array(128);
  const add = (initial: number, bits: number): void =>
    void (lengths[initial] = (lengths[initial] ?? 0) | bits);
  for (const name of [...names, ...misspelt]) add(name.charCodeAt(0), 1 << name.length);
  for (const prefix of prefixes) add(prefix.charCodeAt(0), -1);
  return (name) => {
    if ((((lengths[name.charCodeAt(0)] ?? 0) >>> name.length) & 1) === 0) return false;
    // CGI and its heirs read X_Forwarded_For, and some X.Forwarded.For, as X-Forwarded-For.
    const known = /[^a-z\d-]/.test(name) ? name.replaceAll(/[^a-z\d]/g, "-") : name;
    if (known !== name && respelt.has(known)) return true;
    return exact.has(known) || prefixes.some((prefix) => known.startsWith(prefix));
  };
}

/** Drops what Connection names (RFC 9110 §7.6.1): fields that the sender added for this hop only. */
function dropNominated(copy: Headers, received: Headers, connection: string): void {
  const options = connection.toLowerCase();
  if (plainConnection.has(options)) return;
  const nominated = new Set(options.split(",").map((option) => option.trim()));
  // A list may be long, and a deletion is a call into the runtime: there are as many as fields that are there.
  for (const name of received.keys()) if (nominated.has(name)) copy.delete(name);
}

const plainConnection = new Set(["", "keep-alive", "close", "upgrade", "keep-alive, upgrade"]);
