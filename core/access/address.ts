/**
 * IP addresses as words of 32 bits, read by hand: a request's address is looked up in lists of thousands of networks, and a parser of
 * expressions would cost ten times as much as the look-up. One spelling of IPv4 only, four decimal numbers without leading zeros: `010.0.0.1` is
 * 8.0.0.1 to some libraries and 10.0.0.1 to others (CVE-2021-29921). IPv6 as in RFC 4291 §2.2, without zones. An IPv4-mapped address
 * (§2.5.5.2) is the IPv4 address that it stands for.
 */

/** One word for IPv4, four for IPv6, each from 0 to 2³² - 1, the most significant first. */
export type Address = readonly number[];

/** `ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255`. */
const longestAddress = 45;

const [dot, colon, zero] = [0x2e, 0x3a, 0x30];

/** The address, without a port; `undefined` if the text is none. */
export function parseAddress(text: string): Address | undefined {
  if (text.length > longestAddress) return undefined;
  if (text.includes(":")) return parseIpv6(text);
  const word = parseIpv4(text, 0);
  return word === undefined ? undefined : [word];
}

function parseIpv4(text: string, from: number): number | undefined {
  let [word, octets, octet, digits] = [0, 0, 0, 0];
  for (let at = from; at <= text.length; at++) {
    const code = at < text.length ? text.charCodeAt(at) : dot;
    if (code === dot) {
      if (digits === 0) return undefined;
      word = word * 256 + octet;
      octets++;
      octet = digits = 0;
      continue;
    }
    const digit = code - zero;
    const hasLeadingZero = digits > 0 && octet === 0;
    if (digit < 0 || digit > 9 || hasLeadingZero || octets === 4) return undefined;
    octet = octet * 10 + digit;
    digits++;
    if (octet > 255) return undefined;
  }
  return octets === 4 ? word : undefined;
}

function parseIpv6(text: string): Address | undefined {
  const groups: number[] = [];
  let gap = text.startsWith("::") ? 0 : -1;
  let at = gap === 0 ? 2 : 0;
  while (at < text.length) {
    if (groups.length === 8) return undefined;
    const next = text.indexOf(":", at);
    const end = next === -1 ? text.length : next;
    if (next === -1 && text.includes(".", at)) {
      const word = parseIpv4(text, at);
      if (word === undefined) return undefined;
      groups.push(Math.floor(word / 0x1_0000), word % 0x1_0000);
      break;
    }
    const group = parseGroup(text, at, end);
    // A colon at the end has to be the second of two.
    if (group === undefined || (next !== -1 && end + 1 === text.length)) return undefined;
    groups.push(group);
    at = end + 1;
    if (text.charCodeAt(at) === colon) {
      if (gap !== -1) return undefined;
      gap = groups.length;
      at++;
    }
  }
  if (gap === -1 ? groups.length !== 8 : groups.length > 7) return undefined;
  if (gap !== -1) groups.splice(gap, 0, ...zeros.slice(groups.length));
  return wordsOf(groups);
}

const zeros: readonly number[] = [0, 0, 0, 0, 0, 0, 0, 0];

/** One to four hexadecimal digits. */
function parseGroup(text: string, from: number, end: number): number | undefined {
  if (end === from || end - from > 4) return undefined;
  let group = 0;
  for (let at = from; at < end; at++) {
    const digit = hexDigit(text.charCodeAt(at));
    if (digit === undefined) return undefined;
    group = group * 16 + digit;
  }
  return group;
}

function hexDigit(code: number): number | undefined {
  if (code >= zero && code <= 0x39) return code - zero;
  const letter = code >= 0x61 ? code - 0x61 : code - 0x41;
  return letter >= 0 && letter < 6 ? letter + 10 : undefined;
}

function wordsOf([a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0]: readonly number[]): Address {
  const words = [a * 0x1_0000 + b, c * 0x1_0000 + d, e * 0x1_0000 + f, g * 0x1_0000 + h];
  return words[0] === 0 && words[1] === 0 && words[2] === 0xffff ? words.slice(3) : words;
}

/** The address as text: IPv4 in four numbers, IPv6 as in RFC 5952 §4 (the longest run of zeros is `::`). */
export function formatAddress(address: Address): string {
  const [word = 0] = address;
  if (address.length === 1) return [24, 16, 8, 0].map((bits) => Math.floor(word / 2 ** bits) % 256).join(".");
  const groups = address.flatMap((each) => [Math.floor(each / 0x1_0000), each % 0x1_0000]);
  const [from, length] = longestZeros(groups);
  if (length < 2) return hex(groups);
  return `${hex(groups.slice(0, from))}::${hex(groups.slice(from + length))}`;
}

const hex = (part: readonly number[]): string => part.map((group) => group.toString(16)).join(":");

/** Where the first of the longest runs of zeros begins, and how long it is. */
function longestZeros(groups: readonly number[]): readonly [from: number, length: number] {
  let best: readonly [from: number, length: number] = [0, 0];
  let length = 0;
  for (const [at, group] of groups.entries()) {
    length = group === 0 ? length + 1 : 0;
    if (length > best[1]) best = [at + 1 - length, length];
  }
  return best;
}
