/** Hosts in the one form in which a request's URL shows them; and which of them public DNS does not have. */
import { describe, expect, test } from "vitest";
import {
  bareDomain,
  isPrivateHost,
  isPrivateName,
  parseAuthority,
  parseCookieDomain,
  parseHost,
  parseHostPattern,
} from "../../../../../worker/config/kinds/host.ts";

describe("a host", () => {
  test.each([
    ["Shop.Example.COM", "shop.example.com"],
    ["bücher.example", "xn--bcher-kva.example"],
    ["127.1", "127.0.0.1"],
    ["[0:0::1]", "[::1]"],
  ])("%s is %s to a request's URL, and so to the config", (written, canonical) => {
    expect(parseHost(written)).toBe(canonical);
    expect(new URL(`http://${written}`).hostname).toBe(canonical);
  });

  const noHosts = [
    "",
    "a:80",
    "a/b",
    "a@b",
    "a?b",
    "a#b",
    "a b",
    "a\n",
    "a..b",
    "a.",
    "-a",
    "*.a",
    "::1",
    "999.1",
  ];
  test.each([...noHosts, "a".repeat(64), `${"a.".repeat(127)}a`])("%j is none", (written) => {
    expect(parseHost(written)).toBeUndefined();
  });
});

test.each([
  ["*.Example.com", "*.example.com"],
  ["example.com", "example.com"],
  ["*.10.0.0.1", undefined],
  ["*.*.com", undefined],
  ["a.*.com", undefined],
])("as a pattern %s is %s", (written, pattern) => {
  expect(parseHostPattern(written)).toBe(pattern);
});

test.each([
  ["Shop.test:8080", "shop.test:8080"],
  ["[::1]:080", "[::1]:80"],
  ["shop.test", "shop.test"],
  ["shop.test:65536", undefined],
  ["shop.test:", undefined],
  ["a/b:80", undefined],
])("with a port %s is %s", (written, authority) => {
  expect(parseAuthority(written)).toBe(authority);
});

test.each([
  [".Example.com", ".example.com", "example.com"],
  ["example.com", "example.com", "example.com"],
  ["10.0.0.1", undefined, "10.0.0.1"],
  ["a.com; Secure", undefined, "a.com; Secure"],
])("as a cookie's domain %s is %s, and is compared as %s", (written, domain, bare) => {
  expect([parseCookieDomain(written), bareDomain(written)]).toEqual([domain, bare]);
});

test.each([
  ["shop", true, true],
  ["shop.internal", true, true],
  ["x.home.arpa.", true, true],
  ["x.localhost", false, true],
  ["shop.example.com", false, false],
  ["internal.example.com", false, false],
  ["10.1.2.3", false, true],
  ["172.32.0.1", false, false],
  ["169.254.1.1", false, true],
  ["[fd00::1]", false, true],
  ["[::ffff:192.168.0.1]", false, true],
  ["[2001:db8::1]", false, false],
])("%s is a private name: %s, on a private network: %s", (host, isName, isPrivate) => {
  expect([isPrivateName(host), isPrivateHost(host)]).toEqual([isName, isPrivate]);
});
