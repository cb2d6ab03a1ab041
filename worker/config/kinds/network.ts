/**
 * Networks in CIDR notation (RFC 4632 §3.1, RFC 4291 §2.3), as plain data, so that whether an address is in one of them
 * is a comparison of bytes. IPv4-mapped IPv6 addresses (RFC 4291 §2.5.5.2) are the IPv4 addresses that they stand for.
 */
import ipaddr from "ipaddr.js";
import { text } from "./fields.ts";

export interface Network {
  /** 4 of them or 16; those beyond the prefix are 0. */
  readonly bytes: readonly number[];
  /** How many bits must agree. */
  readonly prefix: number;
}

/** A network, or a single address as a network of one; `undefined` for anything else, and for bits set beyond the prefix. */
export function parseNetwork(text: string): Network | undefined {
  const [, address = "", written] = /^([\da-fA-F:.]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const bytes = bytesOf(address);
  if (bytes === undefined || (address.includes(":") && bytes.length === 4)) return undefined;
  const prefix = written === undefined ? bytes.length * 8 : Number(written);
  if (prefix > bytes.length * 8) return undefined;
  const network = { bytes, prefix };
  return bytes.every((byte, index) => (byte & ~mask(network, index)) === 0) ? network : undefined;
}

export const network = text(
  'a network or an address, such as "10.0.0.0/8" or "2001:db8::1", with no bits set beyond its prefix',
  parseNetwork,
).meta({ examples: ["10.0.0.0/8", "2001:db8::1"] });

/** Whether the address, without a port, is in one of the networks. What is no address is in none. */
export function isWithin(address: string, networks: readonly Network[]): boolean {
  if (networks.length === 0) return false;
  const bytes = bytesOf(address);
  return bytes !== undefined && networks.some((network) => contains(network, bytes));
}

/** Whether the text is an address, in one of the forms that people and proxies write. */
export function isAddress(text: string): boolean {
  return bytesOf(text) !== undefined;
}

function contains(network: Network, bytes: readonly number[]): boolean {
  if (network.bytes.length !== bytes.length) return false;
  return network.bytes.every((byte, index) => byte === ((bytes[index] ?? 0) & mask(network, index)));
}

/** The bits of the byte at `index` that belong to the prefix. */
function mask({ prefix }: Pick<Network, "prefix">, index: number): number {
  const bits = Math.min(8, Math.max(0, prefix - index * 8));
  return (0xff << (8 - bits)) & 0xff;
}

/** `ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255`. */
const longestAddress = 45;

/** An address's bytes; those of the IPv4 address for an IPv4-mapped one. Forms such as `127.1` and zones are none. */
function bytesOf(address: string): number[] | undefined {
  if (address.length > longestAddress) return undefined;
  const isAddress = address.includes(":")
    ? ipaddr.IPv6.isValid(address)
    : ipaddr.IPv4.isValidFourPartDecimal(address);
  return isAddress ? ipaddr.process(address).toByteArray() : undefined;
}
