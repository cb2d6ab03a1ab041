/** The Forwarded header's grammar (RFC 7239 §4): elements by commas, pairs by semicolons, values that may be quoted. */
import type { RequestSource } from "./request-source.ts";

/** One pair: a name, and a token or a quoted string. What may stand around it is read by hand: two runs of blanks in one expression
 * share them out in every way there is. */
const pair = /([!#$%&'*+.^`|~\w-]+)=(?:([!#$%&'*+.^`|~\w:[\]-]+)|"((?:[^"\\]|\\.)*)")/gy;

/**
 * The elements of the header, each a map from parameters, in lower case, to values. From the last place on that is not of the
 * grammar: a proxy appends to what it was sent, so what is wrong on the left says nothing of the right.
 */
export function elementsOf(header: string): ReadonlyMap<string, string>[] {
  const elements: Map<string, string>[] = [];
  let element = new Map<string, string>();
  let at = 0;
  while (at < header.length) {
    const begin = at;
    pair.lastIndex = behindBlanks(header, at);
    const found = pair.exec(header);
    at = behindBlanks(header, found === null ? begin : pair.lastIndex);
    const end = header[at];
    if (end !== undefined && end !== ";" && end !== ",") {
      // Not of the grammar: begin anew after the next comma.
      const comma = header.indexOf(",", begin);
      elements.length = 0;
      element = new Map();
      if (comma === -1) return elements;
      at = comma + 1;
      continue;
    }
    at += 1;
    const [, name, token, quoted] = found ?? [];
    const value = token ?? quoted?.replaceAll(/\\(.)/g, "$1");
    if (name !== undefined && value !== undefined) element.set(name.toLowerCase(), value);
    if (end !== ";") {
      elements.push(element);
      element = new Map();
    }
  }
  return elements;
}

function behindBlanks(text: string, from: number): number {
  let at = from;
  while (text[at] === " " || text[at] === "\t") at += 1;
  return at;
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
