/**
 * A request to one origin: under which host, with which credentials, by which of the ways to it. Requests and probes both go
 * through here, so that a probe is admitted exactly where a request would be.
 *
 * `fetch` takes Host (and TLS's server name) from the URL. So an origin that is to see another one is asked by a URL with that
 * host, which only a binding that dials a fixed address carries to the right place; the config's rules see to that.
 */
import type { OriginConfig } from "../config/config.ts";
import { transportFor } from "./transport.ts";

export interface OriginTarget {
  /** Path and query. */
  readonly target: string;
  /** The host that the client asked for; absent: nobody asked, it is a probe. */
  readonly authority?: string;
}

/** Sends a request. Rejects as `Transport.send` does. */
export function sendToOrigin(
  origin: OriginConfig,
  { target, authority }: OriginTarget,
  init: RequestInit,
  bindings: object,
): Promise<Response> {
  const { via, access } = origin;
  const url = `${baseUrl(origin, authority)}${target}`;
  const admitted = access === undefined ? init : { ...init, headers: withToken(init.headers, access) };
  return transportFor(via, bindings).send(url, admitted);
}

/** The origin's URL as it is asked by: with the host that it is to see. */
export function baseUrl({ url, host }: Pick<OriginConfig, "url" | "host">, authority?: string): string {
  if (host === undefined) return url;
  const seen = host === "preserve" ? authority : host.literal;
  return seen === undefined ? url : url.replace(/^(https?:\/\/)[^/]+/, (_, scheme: string) => scheme + seen);
}

/** A copy: the token is this origin's, and another attempt goes to another one. */
function withToken(
  headers: RequestInit["headers"],
  { id, secret }: NonNullable<OriginConfig["access"]>,
): Headers {
  const admitted = new Headers(headers);
  admitted.set("CF-Access-Client-Id", id);
  admitted.set("CF-Access-Client-Secret", secret);
  return admitted;
}
