/** Where a URL leads: what is dialled, and what is asked for there. */

/** How an origin is dialled. */
export interface OriginEndpoint {
  readonly isSecure: boolean;
  /** A name, or an address (of IPv6 in brackets). */
  readonly address: SocketAddress;
}

export interface RequestEndpoint extends OriginEndpoint {
  /** As it stands in Host. */
  readonly host: string;
  /** Path and query. */
  readonly target: string;
}

/** Reads a URL of an origin, which the config's rules have made sure is one. */
export function endpointOf(url: string): RequestEndpoint {
  const [, scheme, host = "", target = ""] = /^(https?):\/\/([^/?#]+)([^#]*)/.exec(url) ?? [];
  const [, hostname = host, port] = /^(.*?)(?::(\d+))?$/.exec(host) ?? [];
  const isSecure = scheme === "https";
  const address = { hostname, port: port === undefined ? (isSecure ? 443 : 80) : Number(port) };
  return { isSecure, address, host, target: target.startsWith("/") ? target : `/${target}` };
}
