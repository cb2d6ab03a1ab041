/**
 * Host names, in the one form in which a request's URL shows them: lower case, international names in Punycode,
 * IPv4 as four numbers, IPv6 in brackets. The URL parser (WHATWG URL §3.5) is what puts a request's host into that
 * form, so it is also what puts the config's there; otherwise a route could look right and never match.
 */
import ipaddr from "ipaddr.js";

const label = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/;

/** The host in its canonical form; `undefined` if the text is no host, or has a port or anything else about it. */
export function parseHost(text: string): string | undefined {
  if (!/^(\[[0-9a-f:.]+\]|[^\s\p{Cc}:/?#@[\]\\%]+)$/iu.test(text) || !URL.canParse(`http://${text}`))
    return undefined;
  const { hostname } = new URL(`http://${text}`);
  const isName = hostname.length <= 253 && hostname.split(".").every((part) => label.test(part));
  return isName || hostname.startsWith("[") ? hostname : undefined;
}

/** As `parseHost`, and `*.` with a name after it: all names below that one. */
export function parseHostPattern(text: string): string | undefined {
  if (!text.startsWith("*.")) return parseHost(text);
  const suffix = parseHost(text.slice(2));
  return suffix === undefined || isIpAddress(suffix) ? undefined : `*.${suffix}`;
}

/** As `parseHost`, with a port or without. */
export function parseAuthority(text: string): string | undefined {
  const [, name = "", port] = /^(.*?)(?::(\d{1,5}))?$/.exec(text) ?? [];
  const host = parseHost(name);
  if (host === undefined || Number(port ?? 0) > 65_535) return undefined;
  return port === undefined ? host : `${host}:${Number(port)}`;
}

/** A cookie's `Domain`: a name, with or without the leading dot that RFC 6265 §5.2.3 ignores. */
export function parseCookieDomain(text: string): string | undefined {
  const name = parseHost(text.replace(/^\./, ""));
  if (name === undefined || isIpAddress(name)) return undefined;
  return text.startsWith(".") ? `.${name}` : name;
}

/** A cookie's `Domain` as cookies' domains are compared: in canonical form, without a leading dot. */
export function bareDomain(domain: string): string {
  return (parseCookieDomain(domain) ?? domain).replace(/^\./, "");
}

/** Whether a canonical host is an address and not a name. */
export function isIpAddress(host: string): boolean {
  return host.startsWith("[") || /^\d+\.\d+\.\d+\.\d+$/.test(host);
}

/**
 * Whether a canonical host is a name that public DNS does not have: one without a dot, or below a domain that is set
 * aside for private networks (RFC 6762 §3 and its appendix G, RFC 8375, and ICANN's `.internal`).
 */
export function isPrivateName(host: string): boolean {
  if (isIpAddress(host)) return false;
  return (
    !/\.[^.]/.test(host) || /\.(local|internal|intranet|private|corp|home|lan|home\.arpa)\.?$/.test(host)
  );
}

/** Whether a canonical host is the machine itself (RFC 6761 §6.3), by name. */
export function isLocalhost(host: string): boolean {
  return /(^|\.)localhost\.?$/.test(host);
}

/** Address ranges that no public network carries (RFC 1918, 4193, 3927, 6890). */
const privateRanges: ReadonlySet<string> = new Set(["private", "loopback", "uniqueLocal", "linkLocal"]);

/** Whether a canonical host is on this machine or on a private network, by its name or its address. */
export function isPrivateHost(host: string): boolean {
  if (!isIpAddress(host)) return isLocalhost(host) || isPrivateName(host);
  const address = ipaddr.process(host.replaceAll(/[[\]]/g, ""));
  return privateRanges.has(address.range());
}
