/** Networks, and which addresses are in them. */
import { describe, expect, test } from "vitest";
import { isWithin, parseNetwork } from "../../../../../worker/config/kinds/network.ts";

describe("a network", () => {
  test.each([
    ["10.0.0.0/8", "10.255.1.2", true],
    ["10.0.0.0/8", "11.0.0.0", false],
    ["10.0.0.0/8", "::ffff:10.1.2.3", true],
    ["192.0.2.128/25", "192.0.2.128", true],
    ["192.0.2.128/25", "192.0.2.127", false],
    ["192.0.2.1", "192.0.2.1", true],
    ["192.0.2.1", "192.0.2.2", false],
    ["2001:db8::/32", "2001:db8:ffff::1", true],
    ["2001:db8::/32", "2001:db9::", false],
    ["2001:db8:8000::/33", "2001:db8:7fff::1", false],
    ["0.0.0.0/0", "203.0.113.7", true],
    ["0.0.0.0/0", "::1", false],
    ["::/0", "::1", true],
    ["10.0.0.0/8", "", false],
    ["10.0.0.0/8", "10.1", false],
    ["10.0.0.0/8", "unknown", false],
  ])("%s has %s: %s", (network, address, isIn) => {
    const parsed = parseNetwork(network) ?? expect.unreachable();
    expect(isWithin(address, [parsed])).toBe(isIn);
  });

  test.each([
    "",
    "10.0.0.1/8",
    "10.0.0.0/33",
    "2001:db8::1/32",
    "::/129",
    "10.0.0.0/-1",
    "10.0.0/8",
    "010.0.0.0/8",
    "localhost",
    "::ffff:10.0.0.0/104",
    "fe80::1%eth0",
  ])("%j is none", (text) => {
    expect(parseNetwork(text)).toBeUndefined();
  });
});
