/**
 * The client's address, as far as it can be believed. A header alone proves nothing: on the edge Cloudflare overwrites
 * CF-Connecting-IP, but a workerd of one's own passes on what the client sent. There the address of the connection
 * is the only one to believe.
 */
import ipaddr from "ipaddr.js";

import type { Target } from "../../../core/protocol/config-section.ts";

/** The client's IP address, without a port; `undefined` if the platform does not tell. */
export function clientAddress(request: Request, target: Target): string | undefined {
  if (target === "edge") return request.headers.get("CF-Connecting-IP") ?? undefined;
  const peer = request.cf?.["clientIp"];
  return typeof peer === "string" ? withoutPort(peer) : undefined;
}

/** From `192.0.2.1:80`, `[2001:db8::1]:80`, or an address alone; `undefined` if it is neither. */
export function withoutPort(peer: string): string | undefined {
  if (peer.startsWith("[")) return /^\[([\da-f:.]+)\]/i.exec(peer)?.[1];
  const port = peer.lastIndexOf(":");
  const address = port === peer.indexOf(":") && port !== -1 ? peer.slice(0, port) : peer;
  return addressLike.test(address) ? address : undefined;
}

/** The platform made it, so a look at its characters will do. */
const addressLike = /^[\da-f]*[.:][\da-f:.]+$/i;

/** Whose it is, as far as an address tells: an IPv4 address, or the /64 of an IPv6 one. */
export function ownerOf(address: string | undefined): string {
  if (address === undefined) return "unknown";
  return address.includes(":") ? addressPrefix(address) : address;
}

/**
 * The network that an address belongs to, as the key of `ip_hash`: the /24 of an IPv4 address, the /64 of an IPv6
 * one, which is the smallest that a subscriber gets (RFC 6177). An IPv4-mapped address (RFC 4291 §2.5.5.2) is the
 * IPv4 address. What is no address is its own key.
 */
export function addressPrefix(address: string): string {
  const parsed = parse(address);
  if (parsed === undefined) return address;
  if (parsed instanceof ipaddr.IPv4) return `${parsed.octets.slice(0, 3).join(".")}.0/24`;
  const network = parsed.parts.slice(0, 4).map((part) => part.toString(16));
  return `${network.join(":")}::/64`;
}

function parse(address: string): ipaddr.IPv4 | ipaddr.IPv6 | undefined {
  try {
    return ipaddr.process(address);
  } catch {
    return undefined;
  }
}
