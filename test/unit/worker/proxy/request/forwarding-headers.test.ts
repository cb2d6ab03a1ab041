/** The headers that cross the proxy: what is dropped, what Weir writes, and that all else goes through as it is. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import {
  dropFromClients,
  toOriginHeaders,
  type OriginHeaderFacts,
} from "../../../../../worker/proxy/request/forwarding-headers.ts";

const adminToken = "the-token-that-opens-weir";
const config: OriginHeaderFacts["config"] = {
  target: "edge",
  forwarding: { forwarded: false },
  limits: { headersBytes: 65_536 },
};
const facts: OriginHeaderFacts = {
  source: { address: "203.0.113.7", hops: [], scheme: "https", authority: "shop.example" },
  config,
  id: "req-1",
  adminToken,
  loopId: "weir-0123456789abcdef",
  method: "GET",
};
const workerd: OriginHeaderFacts = { ...facts, config: { ...config, target: "workerd" } };

function request(headers: HeadersInit, url = "https://shop.example/cart", method = "GET"): Request {
  return new Request(url, { method, headers });
}

function originHeaders(sent: Request, given: OriginHeaderFacts): Headers {
  const headers = toOriginHeaders(sent, given);
  return headers instanceof Headers ? headers : expect.fail(headers.kind);
}

function clientHeaders(received: HeadersInit): Headers {
  const copy = new Headers(received);
  dropFromClients(copy, new Headers(received));
  return copy;
}

function names(headers: Headers): string[] {
  return [...headers.keys()];
}

const written = {
  "x-forwarded-for": "203.0.113.7",
  "x-forwarded-host": "shop.example",
  "x-forwarded-proto": "https",
  "x-real-ip": "203.0.113.7",
  "x-request-id": "req-1",
};

describe("towards the origin", () => {
  test("end-to-end headers arrive as they were sent", () => {
    const sent = {
      accept: "text/html;q=0.9, */*",
      "accept-encoding": "gzip, br, zstd",
      authorization: "Bearer abc",
      "content-encoding": "gzip",
      "content-type": "application/json",
      cookie: 'a=1; b="2"',
      "if-none-match": '"x"',
      range: "bytes=0-1",
      "x-custom": "kept",
      "x-requested-with": "XMLHttpRequest",
    };
    expect(Object.fromEntries(originHeaders(request(sent), facts))).toEqual({ ...sent, ...written });
  });

  test.each([
    ["Keep-Alive", "timeout=5"],
    ["Proxy-Connection", "keep-alive"],
    ["TE", "trailers"],
    ["Trailer", "X-Sum"],
    ["Transfer-Encoding", "chunked"],
    ["Upgrade", "h2c"],
    ["Proxy-Authenticate", "Basic"],
    ["Proxy-Authorization", "Basic abc"],
    ["Expect", "100-continue"],
    ["Connection", "keep-alive"],
    ["Host", "evil.example"],
  ])("%s stays on its connection", (name, value) => {
    expect(Object.fromEntries(originHeaders(request({ [name]: value }), facts))).toEqual(written);
  });

  test.each([
    "X-Forwarded-For",
    "X-Forwarded-Proto",
    "X-Forwarded-Host",
    "X-Forwarded-Port",
    "X-Forwarded-User",
    "X_Forwarded_For",
    "X_Real_IP",
    // CGI takes them for the real ones.
    "Content_Length",
    "content.length",
    "Content_Type",
    "X.Forwarded.For",
    "X-Real-IP",
    "Forwarded",
    "Forwarded-For",
    "Forwarded_For_IP",
    "Fly-Client-IP",
    "X-Appengine-User-IP",
    "X-Azure-ClientIP",
    "X-Azure-SocketIP",
    "CF-Connecting-IP",
    "CF-Connecting-IPv6",
    "True-Client-IP",
    "X-Client-IP",
    "X-Cluster-Client-IP",
    "X-Request-Id",
    "X-Weir-Session",
    "X-Original-URL",
    "X-Rewrite-URL",
    "Proxy",
    "x-weir-",
  ])("a client cannot claim %s", (name) => {
    expect(Object.fromEntries(originHeaders(request({ [name]: "198.51.100.66" }), facts))).toEqual(written);
  });

  test("what Cloudflare says of a client is kept where Cloudflare says it, and nowhere else", () => {
    const sent = request({ "CF-IPCountry": "XX", "CF-Ray": "1-FRA", "CDN-Loop": "cloudflare" });
    expect(originHeaders(sent, workerd).has("CF-Ray")).toBe(false);
    expect(originHeaders(sent, facts).get("CF-Ray")).toBe("1-FRA");
  });

  test.each([
    [undefined, "weir-0123456789abcdef"],
    ["", "weir-0123456789abcdef"],
    ["cloudflare; loops=1", "cloudflare; loops=1, weir-0123456789abcdef"],
    ["weir-00", "weir-00, weir-0123456789abcdef"],
    ["x; y=weir-0123456789abcdef", "x; y=weir-0123456789abcdef, weir-0123456789abcdef"],
  ])("on workerd Weir adds its name to CDN-Loop, after %j", (said, expected) => {
    const headers: HeadersInit = said === undefined ? {} : { "CDN-Loop": said };
    expect(originHeaders(request(headers), workerd).get("CDN-Loop")).toBe(expected);
    const nominated = request({ ...headers, Connection: "CDN-Loop" });
    expect(originHeaders(nominated, workerd).get("CDN-Loop")).toBe("weir-0123456789abcdef");
  });

  test.each(["weir-0123456789abcdef", "a, weir-0123456789abcdef;n=1 , b"])(
    "there are none for a request that CDN-Loop %j says has been here; at the edge Cloudflare sees to that",
    (said) => {
      const sent = request({ "CDN-Loop": said });
      expect(toOriginHeaders(sent, workerd)).toEqual({ kind: "loop" });
      expect(originHeaders(sent, facts).get("CDN-Loop")).toBe(said);
    },
  );

  test.each(["gzip, chunked", "identity, chunked", "chunked, chunked", "identity", "chunkedx"])(
    "there are none for a body of the coding %s: it may end elsewhere for a proxy that passed it on",
    (coding) => {
      expect(toOriginHeaders(request({ "Transfer-Encoding": coding }), facts)).toEqual({
        kind: "bad-request",
      });
    },
  );

  test("a short token is not looked for within an application's credentials", () => {
    const sent = request({ Authorization: "Bearer abcdef" });
    expect(originHeaders(sent, { ...facts, adminToken: "abc" }).get("Authorization")).toBe("Bearer abcdef");
    expect(originHeaders(sent, { ...facts, adminToken: "abcdef" }).has("Authorization")).toBe(false);
  });

  test.each(["x/internal", "a b", "u@h", "a?b", "a, b"])(
    "there are none for the host %j, which is none",
    (host) => {
      expect(toOriginHeaders(request({ Host: host }), facts)).toEqual({ kind: "bad-request" });
    },
  );

  test("an unknown client address is left out, not made up", () => {
    const headers = originHeaders(request({ "X-Forwarded-For": "1.2.3.4", "X-Real-IP": "1.2.3.4" }), {
      ...facts,
      source: { ...facts.source, address: undefined },
    });
    expect(names(headers)).toEqual(["x-forwarded-host", "x-forwarded-proto", "x-request-id"]);
  });

  test("the scheme and the port are the client's", () => {
    const source = { ...facts.source, scheme: "http", authority: "shop.example:8080" };
    const headers = originHeaders(request({}), { ...facts, source });
    expect(headers.get("X-Forwarded-Proto")).toBe("http");
    expect(headers.get("X-Forwarded-Host")).toBe("shop.example:8080");
  });

  test("trusted proxies on the way stand behind the client", () => {
    const source = { ...facts.source, hops: ["10.0.0.2", "10.0.0.1"] };
    const headers = originHeaders(request({}), { ...facts, source });
    expect(headers.get("X-Forwarded-For")).toBe("203.0.113.7, 10.0.0.2, 10.0.0.1");
    expect(headers.get("X-Real-IP")).toBe("203.0.113.7");
  });

  test("Forwarded says it once more, where the config wants it", () => {
    const source = { address: "2001:db8::7", hops: ["10.0.0.1"], scheme: "https", authority: "a.test:8443" };
    const headers = originHeaders(request({}), {
      ...facts,
      source,
      config: { ...config, forwarding: { forwarded: true } },
    });
    expect(headers.get("Forwarded")).toBe('for="[2001:db8::7]";host="a.test:8443";proto=https, for=10.0.0.1');
  });

  test("Via is kept as it came, and continued where Weir has a name for it", () => {
    const sent = request({ Via: "1.0 fred" });
    expect(originHeaders(sent, facts).get("Via")).toBe("1.0 fred");
    const named = { ...facts, config: { ...config, forwarding: { forwarded: false, via: "weir" } } };
    expect(originHeaders(sent, named).get("Via")).toBe("1.0 fred, 1.1 weir");
  });

  test("more than the limit in names and values is refused, just so much is not", () => {
    const sent = request({ "x-a": "1234", "x-b": "56" });
    expect(
      toOriginHeaders(sent, { ...facts, config: { ...config, limits: { headersBytes: 12 } } }),
    ).toBeInstanceOf(Headers);
    expect(toOriginHeaders(sent, { ...facts, config: { ...config, limits: { headersBytes: 11 } } })).toEqual({
      kind: "headers-too-large",
    });
  });

  test("what Connection names is dropped, but nothing that Weir writes", () => {
    const sent = {
      Connection: "close, X-Secret , Cookie,x-forwarded-for, X-Request-Id, x-real-ip, ,b@d",
      "X-Secret": "1",
      Cookie: "a=1",
      "X-Kept": "1",
    };
    expect(Object.fromEntries(originHeaders(request(sent), facts))).toEqual({ ...written, "x-kept": "1" });
  });

  test("a WebSocket's handshake goes through with its upgrade", () => {
    const handshake = {
      Connection: "keep-alive, Upgrade",
      Upgrade: "WebSocket",
      "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
      "Sec-WebSocket-Protocol": "one, two",
      "Sec-WebSocket-Version": "13",
    };
    expect(Object.fromEntries(originHeaders(request(handshake), workerd))).toEqual({
      ...written,
      "cdn-loop": facts.loopId,
      upgrade: "websocket",
      "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
      "sec-websocket-protocol": "one, two",
      "sec-websocket-version": "13",
    });
  });

  test.each([
    [{ "Sec-WebSocket-Version": "13" }, "bad-request"],
    [{ "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "short" }, "bad-request"],
    [{ "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==" }, "websocket-version"],
    [{ "Sec-WebSocket-Version": "8", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==" }, "websocket-version"],
  ])("a WebSocket that could not be opened is refused before an origin hears of it: %o", (sent, kind) => {
    const opening = request({ Upgrade: "websocket", ...sent });
    expect(toOriginHeaders(opening, workerd)).toEqual({ kind });
    // There Cloudflare has seen to it.
    expect(originHeaders(opening, facts).get("Upgrade")).toBe("websocket");
  });

  test.each([
    `Bearer ${adminToken}`,
    `bearer   ${adminToken}`,
    `Bearer\t${adminToken}`,
    `Token "${adminToken}"`,
    `Token token=${adminToken}, nonce=1`,
    `Custom user:${adminToken}`,
    `Bearer x, Bearer ${adminToken}`,
    `Bearer ${adminToken} `,
  ])("the token that opens Weir is shown to no origin: %j", (authorization) => {
    const headers = originHeaders(request({ Authorization: authorization }), facts);
    expect(Object.fromEntries(headers)).toEqual(written);
  });

  test.each([`Bearer ${adminToken.slice(1)}`, `Bearer x${adminToken.slice(1)}`, "Basic YTpi", "Bearer "])(
    "an application's own Authorization goes through: %j",
    (authorization) => {
      const sent = request({ Authorization: authorization });
      const expected = authorization.trim();
      expect(originHeaders(sent, facts).get("Authorization")).toBe(expected);
      expect(originHeaders(sent, { ...facts, adminToken: undefined }).get("Authorization")).toBe(expected);
      expect(originHeaders(sent, { ...facts, adminToken: "" }).get("Authorization")).toBe(expected);
    },
  );

  test.each([
    ["GET", "h2c"],
    ["POST", "websocket"],
  ])("other upgrades than a WebSocket's stay on their connection: %s, %s", (method, upgrade) => {
    const sent = request({ Upgrade: upgrade }, "https://shop.example/", method);
    expect(Object.fromEntries(originHeaders(sent, { ...facts, method }))).toEqual(written);
  });

  test("whatever the client sends, the claims about it are Weir's", () => {
    const name = fc.constantFrom(
      "x-forwarded-for",
      "X-FORWARDED-FOR",
      "x_forwarded_for",
      "x-real-ip",
      "connection",
      "forwarded",
    );
    const value = fc.constantFrom("x-forwarded-for", "6.6.6.6", "x-real-ip, close", "for=6.6.6.6", "upgrade");
    fc.assert(
      fc.property(fc.array(fc.tuple(name, value)), (sent) => {
        expect(Object.fromEntries(originHeaders(request(sent), facts))).toEqual(written);
      }),
    );
  });

  test("the request itself is not changed", () => {
    const original = request({ Connection: "x-hop", "X-Hop": "1" });
    originHeaders(original, facts);
    expect(names(original.headers)).toEqual(["connection", "x-hop"]);
  });
});

describe("towards the client", () => {
  test("several Set-Cookie stay several, and the body's headers stay as they are", () => {
    const headers = new Headers({ "Content-Encoding": "br", "Content-Length": "7", Vary: "Accept-Encoding" });
    headers.append("Set-Cookie", "a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT");
    headers.append("Set-Cookie", "b=2; Path=/");
    const sent = clientHeaders(headers);
    expect(sent.getSetCookie()).toEqual(["a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT", "b=2; Path=/"]);
    expect(sent.get("Content-Encoding")).toBe("br");
    expect(sent.get("Content-Length")).toBe("7");
  });

  test("hop-by-hop headers, what Connection names and Weir's own names are dropped", () => {
    const headers = {
      Connection: "keep-alive, X-Hop",
      "Keep-Alive": "timeout=5",
      "Transfer-Encoding": "chunked",
      Trailer: "X-Sum",
      Upgrade: "h2c",
      "Proxy-Authenticate": "Basic",
      "X-Hop": "1",
      "X-Weir-Origin": "forged",
      "Sec-WebSocket-Accept": "abc",
      "Sec-WebSocket-Extensions": "permessage-deflate",
      "Sec-WebSocket-Protocol": "chat",
      Server: "origin",
    };
    expect(Object.fromEntries(clientHeaders(headers))).toEqual({
      "sec-websocket-protocol": "chat",
      server: "origin",
    });
  });
});
