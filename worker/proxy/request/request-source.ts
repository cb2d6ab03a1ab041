/**
 * Where a request comes from: the address that is connected to Weir, or, if that is a proxy that the config trusts, the address that
 * the proxy names. Of a list of addresses only the end is known to be true: each proxy adds the peer that it saw, so the list is read from
 * the right, and the first address that is no trusted proxy's is the client's. Any client may have made up what stands left of it,
 * so no origin is told of it.
 *
 * Proxies write either X-Forwarded-* or Forwarded (RFC 7239), and pass the other on from any client. So the config
 * says which one is theirs, and only that one is believed.
 *
 * Of the host even a trusted proxy may pass on what a client wrote (AWS' load balancer does, and nginx unless told otherwise), and
 * redirects and an application's links lead there. So it is believed only where a route names it.
 */
import type { Target } from "../../../core/protocol/config-section.ts";
import type { ForwardingConfig } from "../../config/sections/forwarding.ts";
import { isAddress, isWithin } from "../../config/kinds/network.ts";
import { clientAddress, withoutPort } from "./client-address.ts";
import { elementsOf } from "./forwarded-syntax.ts";
import { hostnameOf, isHost, type RequestUrl } from "./request-url.ts";

export interface RequestSource {
  /** The client's; absent: no trusted peer states one. */
  readonly address: string | undefined;
  /** Trusted proxies between client and Weir, the nearest to the client first. */
  readonly hops: readonly string[];
  /** `http` or `https`, and the host, as the client used them. */
  readonly scheme: string;
  readonly authority: string;
}

const noHops: readonly string[] = [];

/**
 * The source of a request that came from a peer directly, or through proxies that `forwarding` trusts. `isNamed`: whether the
 * config names a host (lower case, without port); no other one is believed than that which Weir itself was asked for.
 */
export function requestSource(
  request: Request,
  url: Pick<RequestUrl, "scheme" | "authority">,
  target: Target,
  forwarding: ForwardingConfig,
  isNamed: (hostname: string) => boolean,
): RequestSource {
  const peer = clientAddress(request, target);
  const { scheme, authority } = url;
  const { trusted, read } = forwarding;
  if (peer === undefined || trusted.length === 0 || !isWithin(peer, trusted)) {
    return { address: peer, hops: noHops, scheme, authority };
  }
  const said =
    read === "forwarded"
      ? readForwarded(request.headers, peer, forwarding)
      : readXForwarded(request.headers, peer, target, forwarding);
  const isOurs = said.authority !== undefined && isNamed(hostnameOf(said.authority));
  return { scheme, ...said, authority: isOurs ? (said.authority ?? authority) : authority };
}

type Said = Pick<RequestSource, "address" | "hops"> & Partial<RequestSource>;

function readXForwarded(headers: Headers, peer: string, target: Target, { trusted }: ForwardingConfig): Said {
  const seen = listOf(headers, "X-Forwarded-For").map((entry) => withoutPort(entry));
  // Cloudflare has put the peer there already.
  if (target === "edge" && seen.at(-1) === peer) seen.pop();
  const scheme = listOf(headers, "X-Forwarded-Proto").at(-1)?.toLowerCase();
  const authority = listOf(headers, "X-Forwarded-Host").at(-1);
  return {
    ...walk(seen, peer, trusted),
    ...(isScheme(scheme) && { scheme }),
    ...(authority !== undefined && isHost(authority) && { authority }),
  };
}

function readForwarded(headers: Headers, peer: string, { trusted }: ForwardingConfig): Said {
  const elements = elementsOf(headers.get("Forwarded") ?? "");
  const { address, hops } = walk(
    elements.map((element) => withoutPort(element.get("for") ?? "")),
    peer,
    trusted,
  );
  // As many as believed: the first of them speaks of the client.
  const client = elements.at(-hops.length);
  const scheme = client?.get("proto")?.toLowerCase();
  const authority = client?.get("host");
  return {
    address,
    hops,
    ...(hops.length > 0 && isScheme(scheme) && { scheme }),
    ...(hops.length > 0 && authority !== undefined && isHost(authority) && { authority }),
  };
}

/** From the peer leftwards, until an address is not a trusted proxy's. What is no address ends the list before it. */
function walk(
  seen: readonly (string | undefined)[],
  peer: string,
  trusted: ForwardingConfig["trusted"],
): Pick<RequestSource, "address" | "hops"> {
  let address = peer;
  const nearestFirst: string[] = [];
  for (const next of seen.toReversed()) {
    if (!isWithin(address, trusted) || next === undefined || !isAddress(next)) break;
    nearestFirst.push(address);
    address = next;
  }
  return { address, hops: nearestFirst.toReversed() };
}

function listOf(headers: Headers, name: string): string[] {
  const value = headers.get(name);
  return value === null ? [] : value.split(",").map((item) => item.trim());
}

function isScheme(text: string | undefined): text is string {
  return text === "http" || text === "https";
}
