/** Where a request comes from: a client can say what it likes, and only trusted proxies are heard. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import type { ForwardingConfig } from "../../../../../worker/config/sections/forwarding.ts";
import { parseNetwork } from "../../../../../worker/config/kinds/network.ts";
import { elementsOf } from "../../../../../worker/proxy/request/forwarded-syntax.ts";
import { requestSource, type RequestSource } from "../../../../../worker/proxy/request/request-source.ts";

const url = { scheme: "http", authority: "weir.test" };
const isNamed = (host: string): boolean => ["shop.test", "a.test"].includes(host);

function forwarding(read: ForwardingConfig["read"], ...trusted: string[]): ForwardingConfig {
  const networks = trusted.map((text) => parseNetwork(text) ?? expect.unreachable());
  return { trusted: networks, read, forwarded: false };
}

function source(peer: string, headers: HeadersInit, rules: ForwardingConfig): RequestSource {
  const request = new Request("http://weir.test/", { headers });
  Object.defineProperty(request, "cf", { value: { clientIp: peer } });
  return requestSource(request, url, "workerd", rules, isNamed);
}

const lies = {
  "X-Forwarded-For": "6.6.6.6",
  "X-Forwarded-Proto": "https",
  "X-Forwarded-Host": "evil.test",
  Forwarded: "for=6.6.6.6;proto=https;host=evil.test",
};

describe("of a peer that is not trusted", () => {
  test.each([
    forwarding("x-forwarded"),
    forwarding("x-forwarded", "10.0.0.0/8"),
    forwarding("forwarded", "::/0"),
  ])("the source is its own address, whatever it says: %o", (rules) => {
    expect(source("203.0.113.7:443", lies, rules)).toEqual({ address: "203.0.113.7", hops: [], ...url });
  });
});

describe("X-Forwarded-* of a trusted proxy", () => {
  const rules = forwarding("x-forwarded", "10.0.0.0/8", "2001:db8::/32");

  test.each([
    ["203.0.113.7", "203.0.113.7", ["10.0.0.1"]],
    ["6.6.6.6, 203.0.113.7", "203.0.113.7", ["10.0.0.1"]],
    ["6.6.6.6, 203.0.113.7, 10.0.0.2", "203.0.113.7", ["10.0.0.2", "10.0.0.1"]],
    ["203.0.113.7:1234 ,2001:db8::2", "203.0.113.7", ["2001:db8::2", "10.0.0.1"]],
    ["[2001:db9::7]:1234", "2001:db9::7", ["10.0.0.1"]],
    ["10.0.0.3, 10.0.0.2", "10.0.0.3", ["10.0.0.2", "10.0.0.1"]],
    ["203.0.113.7, unknown", "10.0.0.1", []],
    ["203.0.113.7, unknown, 10.0.0.2", "10.0.0.2", ["10.0.0.1"]],
    ["", "10.0.0.1", []],
    ["127.1", "10.0.0.1", []],
  ])("%j: the client is %s", (header, address, hops) => {
    expect(source("10.0.0.1:80", { "X-Forwarded-For": header }, rules)).toMatchObject({ address, hops });
  });

  test("scheme and host are those that the nearest proxy names, if they are any", () => {
    const said = { "X-Forwarded-Proto": "http, HTTPS", "X-Forwarded-Host": "evil.test, shop.test:8443" };
    expect(source("10.0.0.1", said, rules)).toMatchObject({ scheme: "https", authority: "shop.test:8443" });
    const nonsense = { "X-Forwarded-Proto": "gopher", "X-Forwarded-Host": "a/b" };
    expect(source("10.0.0.1", nonsense, rules)).toMatchObject(url);
  });

  test.each(["evil.test", "evil.test:80", "shop.test.evil.test", "inner", "127.0.0.1"])(
    "%s, a host that no route names, is not believed: the proxy may have passed it on from the client",
    (host) => {
      expect(source("10.0.0.1", { "X-Forwarded-Host": host }, rules)).toMatchObject(url);
      const forwarded = { Forwarded: `for=203.0.113.7;host="${host}"` };
      expect(source("10.0.0.1", forwarded, forwarding("forwarded", "10.0.0.0/8"))).toMatchObject(url);
    },
  );

  test.each(["shop.test", "SHOP.test", "shop.test.", "shop.test:8443"])(
    "%s, which one names, is believed",
    (host) => {
      expect(source("10.0.0.1", { "X-Forwarded-Host": host }, rules)).toMatchObject({ authority: host });
    },
  );

  test("what it passes on in Forwarded is not believed", () => {
    expect(source("10.0.0.1", { Forwarded: lies.Forwarded }, rules)).toMatchObject({
      address: "10.0.0.1",
      ...url,
    });
  });

  test("of the edge, which adds the peer itself, the peer is counted once", () => {
    const headers = { "CF-Connecting-IP": "10.0.0.1", "X-Forwarded-For": "203.0.113.7, 10.0.0.1" };
    const request = new Request("http://weir.test/", { headers });
    expect(requestSource(request, url, "edge", rules, isNamed)).toMatchObject({
      address: "203.0.113.7",
      hops: ["10.0.0.1"],
    });
  });
});

describe("Forwarded of a trusted proxy", () => {
  const rules = forwarding("forwarded", "10.0.0.0/8");

  test.each([
    ["for=203.0.113.7", "203.0.113.7", "http", "weir.test"],
    [
      "for=6.6.6.6;host=evil.test, for=203.0.113.7;proto=https;host=shop.test",
      "203.0.113.7",
      "https",
      "shop.test",
    ],
    ['FOR="[2001:db8::7]:80" ; Proto=HTTPS', "2001:db8::7", "https", "weir.test"],
    ["for=203.0.113.7;host=a.test;proto=https, for=10.0.0.2;host=inner", "203.0.113.7", "https", "a.test"],
    ["for=unknown;proto=https", "10.0.0.1", "http", "weir.test"],
    ["for=_hidden", "10.0.0.1", "http", "weir.test"],
    ["proto=https", "10.0.0.1", "http", "weir.test"],
    ['for="6.6.6.6', "10.0.0.1", "http", "weir.test"],
    ['for="x, for=203.0.113.7', "203.0.113.7", "http", "weir.test"],
    ['for=203.0.113.7;host="a/b"', "203.0.113.7", "http", "weir.test"],
    ["for=203.0.113.7;host=a/b", "10.0.0.1", "http", "weir.test"],
  ])("%j: %s by %s for %s", (header, address, scheme, authority) => {
    const seen = source("10.0.0.1", { Forwarded: header, "X-Forwarded-For": "6.6.6.6" }, rules);
    expect(seen).toMatchObject({ address, scheme, authority });
  });
});

test("a client that goes through trusted proxies cannot add to what they say, however it writes", () => {
  const rules = forwarding("x-forwarded", "10.0.0.0/8");
  fc.assert(
    fc.property(fc.string({ maxLength: 60 }), fc.nat(3), (lie, more) => {
      const honest = ["203.0.113.7", ...Array.from({ length: more }, (_, index) => `10.0.1.${index}`)];
      const header = [lie.replaceAll(/[^\x21-\x7e ]/g, ""), ...honest].join(", ");
      const seen = source("10.0.0.1", { "X-Forwarded-For": header }, rules);
      expect([seen.address, ...seen.hops]).toEqual([...honest, "10.0.0.1"]);
    }),
  );
});

test("any Forwarded header is read to its end", () => {
  const part = fc.constantFrom("for=", '"', "\\", ";", ",", "=", "a", " ", "[::1]", "proto=https");
  fc.assert(
    fc.property(fc.array(part, { maxLength: 40 }), (parts) => {
      expect(elementsOf(parts.join("")).length).toBeLessThanOrEqual(parts.length + 1);
    }),
  );
});
