/** The client's address: it counts only if a trusted peer states it. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { addressPrefix, clientAddress } from "../../../../../worker/proxy/request/client-address.ts";

function request(headers: Record<string, string>, cf?: unknown): Request {
  return Object.assign(new Request("http://weir.example/", { headers }), cf === undefined ? {} : { cf });
}

const spoofed = {
  "CF-Connecting-IP": "198.51.100.1",
  "X-Forwarded-For": "198.51.100.2",
  "X-Real-IP": "198.51.100.3",
  "True-Client-IP": "198.51.100.4",
  Forwarded: "for=198.51.100.5",
};

describe("the client's address", () => {
  test("on the edge is CF-Connecting-IP, which Cloudflare writes", () => {
    expect(clientAddress(request(spoofed, { clientIp: "192.0.2.9:1" }), "edge")).toBe("198.51.100.1");
    expect(clientAddress(request({ "X-Forwarded-For": "198.51.100.2" }), "edge")).toBeUndefined();
  });

  test.each([
    ["192.0.2.7:43210", "192.0.2.7"],
    ["192.0.2.7", "192.0.2.7"],
    ["[2001:db8::7]:43210", "2001:db8::7"],
    ["[2001:db8::7]", "2001:db8::7"],
    ["2001:db8::7", "2001:db8::7"],
    ["[::ffff:192.0.2.7]:80", "::ffff:192.0.2.7"],
    ["::1", "::1"],
  ])("on workerd is that of the connection: %s", (clientIp, address) => {
    expect(clientAddress(request(spoofed, { clientIp }), "workerd")).toBe(address);
  });

  test.each([
    undefined,
    {},
    null,
    { clientIp: 7 },
    { clientIp: "" },
    { clientIp: "unix:/run/weir" },
    { clientIp: "[" },
  ])("on workerd is never a header's, even if the platform says nothing of use: %o", (cf) => {
    expect(clientAddress(request(spoofed, cf), "workerd")).toBeUndefined();
  });
});

describe("an address's network", () => {
  test.each([
    ["203.0.113.77", "203.0.113.0/24"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:DB8:1:2::1", "2001:db8:1:2::/64"],
    ["::1", "0:0:0:0::/64"],
    ["::ffff:203.0.113.77", "203.0.113.0/24"],
    ["somebody", "somebody"],
    ["", ""],
  ])("of %s is %s", (address, prefix) => {
    expect(addressPrefix(address)).toBe(prefix);
  });

  const group = fc.integer({ min: 0, max: 0xffff });
  const groups = fc.tuple(group, group, group, group);
  const text = (parts: readonly number[]): string => parts.map((part) => part.toString(16)).join(":");

  test("of two addresses of one /64 is the same, and of two /64 different", () => {
    const network = groups.filter((parts) => parts.some((part) => part !== 0));
    fc.assert(
      fc.property(network, network, groups, groups, (one, other, host, otherHost) => {
        const prefix = addressPrefix(text([...one, ...host]));
        expect(addressPrefix(text([...one, ...otherHost]))).toBe(prefix);
        expect(addressPrefix(text([...other, ...host])) === prefix).toBe(text(one) === text(other));
      }),
    );
  });

  test("of two addresses of one /24 is the same, IPv4-mapped or not", () => {
    const octet = fc.integer({ min: 0, max: 255 });
    fc.assert(
      fc.property(octet, octet, octet, octet, octet, (a, b, c, host, otherHost) => {
        const prefix = addressPrefix(`${a}.${b}.${c}.${host}`);
        expect(prefix).toBe(`${a}.${b}.${c}.0/24`);
        expect(addressPrefix(`::ffff:${a}.${b}.${c}.${otherHost}`)).toBe(prefix);
      }),
    );
  });
});
