/**
 * The URLs that registered origins may have. A client that can tell a proxy where to send requests can make it ask what only the proxy
 * can reach (SSRF), so a pool lists what it accepts, and everything else is refused: scheme, host and port, and never a path.
 */
import ipaddr from "ipaddr.js";
import { text } from "./fields.ts";
import { isIpAddress, parseHostPattern } from "./host.ts";

export interface UrlPattern {
  readonly protocol: "http:" | "https:";
  readonly host: HostPattern;
  /** Both included. */
  readonly ports: readonly [least: number, most: number];
}

type HostPattern =
  | { readonly kind: "name"; readonly name: string }
  /** All names below this one. */
  | { readonly kind: "below"; readonly suffix: string }
  | { readonly kind: "range"; readonly cidr: string };

const urlPatternExpected =
  'a scheme, a host and a port, such as "https://*.cloud.example.net", "http://10.0.0.0/8:8080" or "http://127.0.0.1:9300-9399"; "*": any port';

const pattern =
  /^(?<scheme>https?):\/\/(?<host>\[[0-9a-f:.]+\]|[^\s/:[\]]+)(?:\/(?<bits>\d{1,3}))?(?::(?<ports>\*|\d{1,5}(?:-\d{1,5})?))?$/i;

/** Reads a pattern; `undefined` if it is none. */
export function parseUrlPattern(text: string): UrlPattern | undefined {
  const { scheme, host: written, bits, ports } = pattern.exec(text)?.groups ?? {};
  if (scheme === undefined || written === undefined) return undefined;
  const protocol = scheme.toLowerCase() === "https" ? "https:" : "http:";
  const host = hostPattern(written, bits);
  const range = ports === undefined ? portsOf(protocol === "https:" ? "443" : "80") : portsOf(ports);
  return host === undefined || range === undefined ? undefined : { protocol, host, ports: range };
}

export const urlPattern = text(urlPatternExpected, parseUrlPattern).meta({
  examples: ["https://*.cloud.example.net", "http://10.0.0.0/8:8080"],
});

function hostPattern(written: string, bits: string | undefined): HostPattern | undefined {
  const name = parseHostPattern(written);
  if (name === undefined) return undefined;
  if (bits === undefined && !isIpAddress(name)) {
    return name.startsWith("*.") ? { kind: "below", suffix: name.slice(1) } : { kind: "name", name };
  }
  if (!isIpAddress(name)) return undefined;
  const address = name.replaceAll(/[[\]]/g, "");
  const cidr = `${address}/${bits ?? (address.includes(":") ? "128" : "32")}`;
  return ipaddr.isValidCIDR(cidr) ? { kind: "range", cidr } : undefined;
}

function portsOf(written: string): UrlPattern["ports"] | undefined {
  if (written === "*") return [1, 65_535];
  const [least = 0, most = least] = written.split("-").map(Number);
  return least >= 1 && least <= most && most <= 65_535 ? [least, most] : undefined;
}

/** Where an origin is, and nothing else: its URL in canonical form, without a slash at its end. `undefined` for others. */
export function parseAddress(text: string): string | undefined {
  if (text.length > 512 || !/^https?:\/\/[^\s/?#\\@]+\/?$/i.test(text)) return undefined;
  return URL.parse(text)?.origin;
}

/** Whether any of the patterns lets an origin be there. `url` as `parseAddress` returns it. */
export function isAllowed(url: string, patterns: readonly UrlPattern[]): boolean {
  const { protocol, hostname, port } = new URL(url);
  const number = port === "" ? (protocol === "https:" ? 443 : 80) : Number(port);
  return patterns.some(
    ({ ports: [least, most], ...each }) =>
      each.protocol === protocol && least <= number && number <= most && isHostAllowed(hostname, each.host),
  );
}

function isHostAllowed(hostname: string, host: HostPattern): boolean {
  switch (host.kind) {
    case "name":
      return hostname === host.name;
    case "below":
      return hostname.endsWith(host.suffix) && hostname.length > host.suffix.length;
    case "range": {
      if (!isIpAddress(hostname)) return false;
      // Not `process`: an address of IPv4 that is written as one of IPv6 is not in a range of IPv4.
      const address = ipaddr.parse(hostname.replaceAll(/[[\]]/g, ""));
      const range = ipaddr.parseCIDR(host.cidr);
      return address.kind() === range[0].kind() && address.match(range);
    }
  }
}
