/** Networks in CIDR notation (RFC 4632 §3.1, RFC 4291 §2.3), and which addresses are in them. */
import { parseAddress, type Address } from "../../../core/access/address.ts";
import {
  contains,
  formatNetwork,
  NetworkLists,
  networkOf,
  type Network,
} from "../../../core/access/networks.ts";
import { text } from "./fields.ts";

export type { Network };

/** A network, or a single address as a network of one; `undefined` for anything else, and for bits set beyond the prefix. */
export function parseNetwork(text: string): Network | undefined {
  const written = readNetwork(text);
  if (written === undefined) return undefined;
  const network = networkOf(written.address, written.prefix);
  return network.first.every((word, index) => word === written.address[index]) ? network : undefined;
}

const networkExpected =
  'a network or an address, such as "10.0.0.0/8" or "2001:db8::1", with no bits set beyond its prefix';

export const network = text(networkExpected, parseNetwork, adviseNetwork).meta({
  examples: ["10.0.0.0/8", "2001:db8::1"],
});

/** What is expected in the place of a text that is no network: of one with bits set beyond its prefix, which network is meant. */
export function adviseNetwork(text: string, expected = networkExpected): string {
  const written = readNetwork(text);
  if (written === undefined || parseNetwork(text) !== undefined) return expected;
  return `"${formatNetwork(networkOf(written.address, written.prefix))}", with no bits set beyond its prefix`;
}

interface WrittenNetwork {
  readonly address: Address;
  readonly prefix: number;
}

function readNetwork(text: string): WrittenNetwork | undefined {
  const [, address = "", length] = /^([\da-fA-F:.]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const words = parseAddress(address);
  // As a network of IPv6, an IPv4-mapped one would be counted from another bit.
  if (words === undefined || (address.includes(":") && words.length === 1)) return undefined;
  const prefix = length === undefined ? words.length * 32 : Number(length);
  return prefix > words.length * 32 ? undefined : { address: words, prefix };
}

/** Whether the address, without a port, is in one of a few networks. What is no address is in none. */
export function isWithin(address: string, networks: readonly Network[]): boolean {
  if (networks.length === 0) return false;
  const words = parseAddress(address);
  return words !== undefined && networks.some((network) => contains(network, words));
}

/** As `isWithin`, compiled once, for any number of networks. */
export function membership(networks: readonly Network[]): (address: string) => boolean {
  const lists = new NetworkLists([networks]);
  return (address) => {
    const words = parseAddress(address);
    return words !== undefined && lists.firstWith(words) === 0;
  };
}

/** Whether the text is an address, in one of the forms that people and proxies write. */
export function isAddress(text: string): boolean {
  return parseAddress(text) !== undefined;
}
