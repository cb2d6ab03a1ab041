/** Addresses as words: the same as the platform and a library read, which are the judges of what an address is. */
import fc from "fast-check";
import ipaddr from "ipaddr.js";
import { describe, expect, test } from "vitest";

import { formatAddress, parseAddress } from "../../../../core/access/address.ts";
import { runs } from "../../../support/runs.ts";

/** Of IPv6 by the platform's URLs, whose form the library reads: by itself it takes `::1.2.3.4` for an IPv4-mapped address. */
function byLibrary(text: string): number[] | undefined {
  const ipv6 = URL.parse(`http://[${text}]/`)?.hostname.slice(1, -1);
  const form = text.includes(":") ? ipv6 : ipaddr.IPv4.isValidFourPartDecimal(text) ? text : undefined;
  if (form === undefined) return undefined;
  const bytes = ipaddr.process(form).toByteArray();
  return Array.from({ length: bytes.length / 4 }, (_, word) =>
    bytes.slice(4 * word, 4 * word + 4).reduce((sum, byte) => sum * 256 + byte, 0),
  );
}

const address = fc.oneof(fc.ipV4(), fc.ipV6());
/** Addresses with characters changed, gone, or too many; and texts of the characters that addresses have. */
const almost = fc
  .tuple(
    address,
    fc.nat(40),
    fc.nat(2),
    fc.string({ unit: fc.constantFrom("0", ":", ".", "1", "f", "F", "%", "g"), maxLength: 3 }),
  )
  .map(([text, at, gone, more]) => text.slice(0, at) + more + text.slice(at + gone));
const soup = fc.string({ unit: fc.constantFrom("0", ":", ".", "1", "2", "f"), maxLength: 24 });

test("what is an address, and which one, is what the platform and the library say", () => {
  fc.assert(
    fc.property(fc.oneof(address, almost, soup), (text) => {
      expect(parseAddress(text)).toEqual(byLibrary(text));
    }),
    { numRuns: runs(3_000, 300_000) },
  );
});

test("an address that is written out is read as the same one", () => {
  fc.assert(
    fc.property(address, (text) => {
      const words = parseAddress(text) ?? expect.unreachable();
      expect(parseAddress(formatAddress(words))).toEqual(words);
    }),
    { numRuns: runs(500, 50_000) },
  );
});

describe("the text of an address", () => {
  test.each([
    ["10.0.0.1", "10.0.0.1"],
    ["::ffff:10.0.0.1", "10.0.0.1"],
    ["0:0:0:0:0:0:0:0", "::"],
    ["2001:DB8:0:0:1:0:0:0", "2001:db8:0:0:1::"],
    ["0:0:1:0:0:0:0:1", "0:0:1::1"],
    ["1:0:2:0:3:0:4:0", "1:0:2:0:3:0:4:0"],
  ])("of %s is %s", (written, text) => {
    expect(formatAddress(parseAddress(written) ?? expect.unreachable())).toBe(text);
  });
});

test.each([
  "",
  "1.2.3",
  "1.2.3.4.5",
  "01.2.3.4",
  "1.2.3.256",
  "1.2.3.4:80",
  "[::1]",
  ":1::",
  "1:::2",
  "::1%eth0",
])("%j is no address", (text) => {
  expect(parseAddress(text)).toBeUndefined();
});
