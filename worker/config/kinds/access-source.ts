/** What an access list names: a network, a country, the number of a network's operator (ASN), or all; and whether that may pass. */
import type { AccessStep, Source } from "../../../core/access/access.ts";
import { text } from "./fields.ts";
import { adviseNetwork, parseNetwork } from "./network.ts";

const sources =
  '"all", a network or an address such as "10.0.0.0/8", a country such as "country:DE", or an operator\'s number such as "asn:64496"';

export const accessSource = text(sources, parseSource, (written) => adviseNetwork(written, sources)).meta({
  examples: ["10.0.0.0/8", "2001:db8::1", "country:DE", "asn:64496"],
});

const rules = `"allow" or "deny" before ${sources}`;

/** A line of an ordered list, as nginx has them. */
export const accessRule = text(rules, parseRule, (written) =>
  adviseNetwork(written.replace(/^(?:allow|deny) /, ""), rules),
).meta({ examples: ["allow 10.0.0.0/8", "deny country:DE", "deny 2001:db8::1", "deny all"] });

function parseRule(written: string): AccessStep | undefined {
  const [, word, rest = ""] = /^(allow|deny) (\S+)$/.exec(written) ?? [];
  const source = parseSource(rest);
  return source && { allows: word === "allow", sources: [source] };
}

function parseSource(written: string): Source | undefined {
  if (written === "all") return { is: "all" };
  const [, country] = /^country:([A-Z][A-Z\d])$/.exec(written) ?? [];
  if (country !== undefined) return { is: "country", country };
  const asn = Number(/^asn:([1-9]\d{0,9})$/.exec(written)?.[1] ?? Number.NaN);
  if (asn <= 0xffff_ffff) return { is: "asn", asn };
  const network = parseNetwork(written);
  return network && { is: "network", network };
}
