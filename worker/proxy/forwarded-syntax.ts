/** The Forwarded header's grammar (RFC 7239 §4): elements by commas, pairs by semicolons, values that may be quoted. */
import type { RequestSource } from "./request-source.ts";

/** One pair and what follows it: a token or a quoted string, then `;`, `,` or the end. */
const pair =
  /[ \t]*(?:([!#$%&'*+.^`|~\w-]+)=(?:([!#$%&'*+.^`|~\w:[\]-]+)|"((?:[^"\\]|\\.)*)"))?[ \t]*([;,]|$)/gy;

/**
 * The elements of the header, each a map from parameters, in lower case, to values. From the last place on that is not of the
 * grammar: a proxy appends to what it was sent, so what is wrong on the left says nothing of the right.
 */
export function elementsOf(header: string): ReadonlyMap<string, string>[] {
  const elements: Map<string, string>[] = [];
  let element = new Map<string, string>();
  pair.lastIndex = 0;
  while (pair.lastIndex < header.length) {
    const at = pair.lastIndex;
    const found = pair.exec(header);
    if (found === null) {
      // Not of the grammar: begin anew after the next comma.
      const comma = header.indexOf(",", at);
      elements.length = 0;
      element = new Map();
      if (comma === -1) return elements;
      pair.lastIndex = comma + 1;
      continue;
    }
    const [, name, token, quoted, end] = found;
    const value = token ?? quoted?.replaceAll(/\\(.)/g, "$1");
    if (name !== undefined && value !== undefined) element.set(name.toLowerCase(), value);
    if (end !== ";") {
      elements.push(element);
      element = new Map();
    }
  }
  return elements;
}

/** The header that tells an origin of a source: the client with host and scheme as it used them, then each proxy. */
export function forwardedValue({ address, hops, scheme, authority }: RequestSource): string {
  const client = `for=${node(address)};host=${quotedHost(authority)};proto=${scheme}`;
  return [client, ...hops.map((hop) => `for=${node(hop)}`)].join(", ");
}

/** RFC 7239 §6: an IPv6 address in brackets, and therefore quoted. */
function node(address: string | undefined): string {
  if (address === undefined) return "unknown";
  return address.includes(":") ? `"[${address}]"` : address;
}

const quotedHost = (authority: string): string => (/[:[]/.test(authority) ? `"${authority}"` : authority);
