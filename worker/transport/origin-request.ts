/**
 * A request to one origin: under which host, with which credentials, by which of the ways to it. Requests and probes both go
 * through here, so that a probe is admitted exactly where a request would be.
 *
 * `fetch` takes Host (and TLS's server name) from the URL. So an origin that is to see another one is asked by a URL with that
 * host, which only a binding that dials a fixed address carries to the right place; the config's rules see to that.
 */
import type { Millis } from "../../core/model/upstream.ts";
import type { OriginConfig } from "../config/sections/origin.ts";
import { baseUrl } from "./base-url.ts";
import type { OwnInit, OwnTerms } from "./own-connection/own-connection.ts";
import { ownConnectionFor, transportFor } from "./transport.ts";
import { openSocket } from "./websocket/open-socket.ts";

export interface OriginTarget {
  /** Path and query. */
  readonly target: string;
  /** The host that the client asked for; absent: the request is a probe. */
  readonly authority?: string;
  /** For so long an end of a WebSocket may be silent before it is pinged; absent: the request opens none. */
  readonly pingMs?: Millis;
}

/** The connection that a request has for itself; absent where the platform may choose one. */
export interface OwnWay extends Omit<OwnTerms, "otherwise"> {
  /** It goes by no other way, also where that costs bytes that are no UTF-8. */
  readonly isStrict: boolean;
}

/** Sends a request. Rejects as `Transport.send` does. */
export function sendToOrigin(
  origin: OriginConfig,
  { target, authority, pingMs }: OriginTarget,
  init: OwnInit,
  bindings: object,
  own?: OwnWay,
): Promise<Response> {
  const { via, access } = origin;
  const url = `${baseUrl(origin, authority)}${target}`;
  const admitted = access === undefined ? init : { ...init, headers: withToken(init.headers, access) };
  if (pingMs !== undefined && init.headers.has("Upgrade"))
    return openSocket(via, url, admitted, bindings, pingMs);
  if (own === undefined) return transportFor(via, bindings).send(url, admitted);
  const { isStrict, ...terms } = own;
  const otherwise = isStrict ? undefined : () => transportFor(via, bindings).send(url, admitted);
  return ownConnectionFor(via, bindings, { ...terms, otherwise }).send(url, admitted);
}

/** A copy: the token is this origin's, and another attempt goes to another one. */
function withToken(headers: Headers, { id, secret }: NonNullable<OriginConfig["access"]>): Headers {
  const admitted = new Headers(headers);
  admitted.set("CF-Access-Client-Id", id);
  admitted.set("CF-Access-Client-Secret", secret);
  return admitted;
}
