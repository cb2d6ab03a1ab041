/** HTTP through Weir, byte by byte: what docs/http.md promises of headers, framing and limits. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { ask } from "../support/ask.ts";
import { startRawOrigin, type RawOrigin } from "../support/raw-origin.ts";
import { bodyOf, fieldsOf, sendRequest, statusOf, values } from "../support/raw.ts";
import { eventually, inFlight, startStack, type Stack } from "../support/stack.ts";

let origin: RawOrigin;
let stack: Stack;

beforeAll(async () => {
  origin = await startRawOrigin();
  stack = await startStack({
    origins: {},
    config: () => ({
      target: "workerd",
      // The tests come from there: they play the trusted proxy.
      forwarding: { trusted: ["127.0.0.1"], forwarded: true, via: "weir" },
      limits: { target: "2KiB", headers: "8KiB" },
      upstreams: {
        site: {
          pools: [{ name: "home", origins: [{ name: "site", url: origin.url }] }],
          health: false,
          passive: false,
          timeouts: { headers: "5s", total: "10s" },
        },
        pair: {
          policy: "first",
          pools: [
            {
              name: "home",
              origins: [
                { name: "dead", url: "http://127.0.0.1:9" },
                { name: "alive", url: origin.url },
              ],
            },
          ],
          health: false,
          passive: false,
        },
        streamed: {
          pools: [{ name: "home", origins: [{ name: "streamed", url: origin.url }] }],
          health: false,
          passive: false,
          buffer: { request: "0B" },
        },
        // What comes from its cloud is weighed, so it goes through JavaScript.
        paid: {
          pools: [
            { name: "home", origins: [{ name: "down", url: "http://127.0.0.1:9" }] },
            { name: "cloud", cost: { perGb: 1 }, origins: [{ name: "paid", url: origin.url }] },
          ],
          health: false,
          passive: false,
        },
      },
      routes: [
        { upstream: "site" },
        { host: "shop.test", upstream: "site" },
        { host: "paid.test", upstream: "paid" },
        { host: "streamed.test", upstream: "streamed" },
        { host: "pair.test", upstream: "pair" },
        { host: "gated.test", upstream: "site", maxRequestBody: "100KB" },
      ],
    }),
  });
});

afterAll(async () => {
  await stack.stop();
  await origin.close();
});

let before = 0;
beforeEach(() => {
  before = origin.requests.length;
});

const send = (head: readonly string[], body = ""): Promise<string> => sendRequest(stack.url, head, body);
const seen = (): string => origin.requests.at(-1)?.text ?? "";
const timesAsked = (): number => origin.requests.length - before;

describe("a request's headers", () => {
  test("what belongs to the connection stays on it; what Connection names, too", async () => {
    await send([
      "GET /hop HTTP/1.1",
      "Connection: keep-alive, X-Once",
      "X-Once: 1",
      "Keep-Alive: timeout=5",
      "TE: trailers, deflate",
      "Trailer: X-T",
      "Upgrade: h2c",
      "HTTP2-Settings: AAMAAABkAAQAAP__",
      "Proxy-Authorization: Basic x",
      "Proxy-Connection: keep-alive",
      "Expect: 100-continue",
      "X-Kept: 1",
    ]);
    const names = fieldsOf(seen()).map(([name]) => name);
    expect(names).toContain("x-kept");
    for (const dropped of [
      "connection",
      "x-once",
      "keep-alive",
      "te",
      "trailer",
      "upgrade",
      "proxy-authorization",
      "proxy-connection",
      "expect",
    ]) {
      expect(names).not.toContain(dropped);
    }
  });

  test("several of a name keep their order, empty ones and foreign bytes their value", async () => {
    await send(["GET /order HTTP/1.1", "X-A: 1", "X-B:", "x-a: 2", "X-A: 3", "X-C: caf\xe9"]);
    expect(values(seen(), "x-a").join(", ")).toBe("1, 2, 3");
    expect(values(seen(), "x-b")).toEqual([""]);
    expect(values(seen(), "x-c")).toEqual(["caf\xe9"]);
  });

  test("a trusted proxy's word is continued, from the client on", async () => {
    await send([
      "GET /from HTTP/1.1",
      "X-Forwarded-For: 6.6.6.6, 203.0.113.7",
      "X-Forwarded-Proto: https",
      "X-Forwarded-Host: shop.test",
      "Forwarded: for=6.6.6.6",
    ]);
    expect(values(seen(), "x-forwarded-for")).toEqual(["203.0.113.7, 127.0.0.1"]);
    expect(values(seen(), "x-real-ip")).toEqual(["203.0.113.7"]);
    expect(values(seen(), "x-forwarded-proto")).toEqual(["https"]);
    expect(values(seen(), "x-forwarded-host")).toEqual(["shop.test"]);
    expect(values(seen(), "forwarded")).toEqual([
      "for=203.0.113.7;host=shop.test;proto=https, for=127.0.0.1",
    ]);
  });

  test("a host that no route names, which the proxy may have passed on from the client, is told to no origin", async () => {
    await send(["GET /whose HTTP/1.1", "X-Forwarded-For: 203.0.113.7", "X-Forwarded-Host: evil.test"]);
    const [host] = values(seen(), "x-forwarded-host");
    expect(host).toBeDefined();
    expect(JSON.stringify(fieldsOf(seen()))).not.toContain("evil");
  });

  test("Via is continued in both directions", async () => {
    origin.answer("/via", "HTTP/1.1 200 OK\r\nVia: 1.1 inner\r\nContent-Length: 0\r\n\r\n");
    const answer = await send(["GET /via HTTP/1.1", "Via: 1.0 outer"]);
    expect(values(seen(), "via").join(", ")).toBe("1.0 outer, 1.1 weir");
    expect(values(answer, "via").join(", ")).toBe("1.1 inner, 1.1 weir");
  });

  test("a preflight of CORS is the application's business", async () => {
    const cors = "Access-Control-Allow-Origin: https://a.test\r\nAccess-Control-Allow-Methods: PUT";
    origin.answer("/cors", `HTTP/1.1 204 No Content\r\n${cors}\r\n\r\n`);
    const preflight = ["Origin: https://a.test", "Access-Control-Request-Method: PUT"];
    const answer = await send(["OPTIONS /cors HTTP/1.1", ...preflight]);
    expect(seen()).toMatch(/^OPTIONS \/cors /);
    expect(values(seen(), "access-control-request-method")).toEqual(["PUT"]);
    expect(statusOf(answer)).toBe(204);
    expect(values(answer, "access-control-allow-methods")).toEqual(["PUT"]);
  });
});

describe("a response's headers", () => {
  const headers = [
    "Date: Mon, 01 Jan 2024 00:00:00 GMT",
    "Server: Thing/1.0 (x)",
    "Set-Cookie: a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT",
    "Set-Cookie: b=2",
    "Set-Cookie: a=3",
    'WWW-Authenticate: Basic realm="a, b"',
    "WWW-Authenticate: Bearer",
    "X-A: 1",
    "X-A: 2",
    "Connection: close, X-Once",
    "X-Once: 1",
    "Keep-Alive: timeout=5",
    "Proxy-Authenticate: Basic",
    "Upgrade: h2c",
    "X-Weir-Load: util=1",
  ];

  test("go through as they came, but for those of the connection", async () => {
    origin.answer("/headers", ["HTTP/1.1 200 Fine", ...headers, "Content-Length: 2", "", "ok"].join("\r\n"));
    const answer = await send(["GET /headers HTTP/1.1"]);
    expect(answer).toMatch(/^HTTP\/1\.1 200 Fine\r\n/);
    expect(values(answer, "date")).toEqual(["Mon, 01 Jan 2024 00:00:00 GMT"]);
    expect(values(answer, "server")).toEqual(["Thing/1.0 (x)"]);
    expect(values(answer, "set-cookie")).toEqual([
      "a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT",
      "b=2",
      "a=3",
    ]);
    expect(values(answer, "www-authenticate").join(", ")).toBe('Basic realm="a, b", Bearer');
    expect(values(answer, "x-a").join(", ")).toBe("1, 2");
    const names = fieldsOf(answer).map(([name]) => name);
    for (const dropped of ["x-once", "keep-alive", "proxy-authenticate", "upgrade", "x-weir-load"])
      expect(names).not.toContain(dropped);
  });

  test("have a date, if the origin gave none, and no server that is not there", async () => {
    const answer = await send(["GET /undated HTTP/1.1"]);
    expect(Math.abs(Date.parse(values(answer, "date")[0] ?? "") - Date.now())).toBeLessThan(60_000);
    expect(values(answer, "server")).toEqual([]);
  });
});

describe("framing", () => {
  const etag = 'ETag: "a"';

  test.each([
    ["HEAD", "200 OK\r\nContent-Length: 12345678", "200 OK", ["12345678"], ""],
    ["HEAD", "200 OK\r\nTransfer-Encoding: chunked", "200 OK", [], ""],
    ["HEAD", "404 Not Found\r\nContent-Length: 7", "404 Not Found", ["7"], ""],
    ["GET", "204 No Content\r\nContent-Length: 0", "204 No Content", [], ""],
    ["GET", `304 Not Modified\r\n${etag}\r\nContent-Length: 999`, "304 Not Modified", [], ""],
    ["GET", "205 Reset Content\r\nContent-Length: 0", "205 Reset Content", ["0"], ""],
    ["GET", "200 OK\r\nContent-Length: 5\r\n\r\nhello", "200 OK", ["5"], "hello"],
    ["GET", "299 Odd One\r\nContent-Length: 2\r\n\r\nok", "299 Odd One", ["2"], "ok"],
    ["GET", "200 OK\r\nContent-Length: 0", "200 OK", ["0"], ""],
    ["GET", "200 All\tright\r\nContent-Length: 2\r\n\r\nok", "200 All right", ["2"], "ok"],
  ])("of %s answered %j", async (method, wire, line, length, body) => {
    origin.answer("/frame", `HTTP/1.1 ${wire}${wire.includes("\r\n\r\n") ? "" : "\r\n\r\n"}`);
    const answer = await send([`${method} /frame HTTP/1.1`]);
    expect(answer.slice(9, answer.indexOf("\r\n"))).toBe(line);
    expect(values(answer, "content-length")).toEqual(length);
    expect(values(answer, "transfer-encoding")).toEqual([]);
    expect(bodyOf(answer)).toBe(body);
    if (wire.includes(etag)) expect(values(answer, "etag")).toEqual(['"a"']);
  });

  test("a body that ends with the connection is chunked, and whole", async () => {
    origin.answer("/close", "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nuntil the end");
    const answer = await send(["GET /close HTTP/1.1"]);
    expect(values(answer, "transfer-encoding")).toEqual(["chunked"]);
    expect(bodyOf(answer)).toBe("D\r\nuntil the end\r\n0\r\n\r\n");
  });

  test("trailers and interim responses are dropped, and nothing else with them", async () => {
    origin.answer(
      "/trailers",
      "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\nHTTP/1.1 200 OK\r\nTrailer: X-T\r\n" +
        "Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-T: 1\r\n\r\n",
    );
    const answer = await send(["GET /trailers HTTP/1.1", "TE: trailers"]);
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(answer).not.toMatch(/x-t|early|link/i);
    expect(bodyOf(answer)).toBe("2\r\nok\r\n0\r\n\r\n");
    await send(
      ["POST /x HTTP/1.1", "Trailer: X-T", "Transfer-Encoding: chunked"],
      "5\r\nhello\r\n0\r\nX-T: 1\r\n\r\n",
    );
    expect(seen()).not.toMatch(/x-t/i);
    expect(bodyOf(seen())).toBe("hello");
  });

  test("ranges are between client and origin", async () => {
    const parts = "--Q\r\nContent-Range: bytes 0-1/9\r\n\r\nab\r\n--Q--\r\n";
    origin.answer(
      "/range",
      `HTTP/1.1 206 Partial Content\r\nContent-Type: multipart/byteranges; boundary=Q\r\nAccept-Ranges: bytes\r\n` +
        `Content-Length: ${parts.length}\r\n\r\n${parts}`,
    );
    const answer = await send(["GET /range HTTP/1.1", "Range: bytes=0-1,5-6", 'If-Range: "a"']);
    expect([values(seen(), "range"), values(seen(), "if-range")]).toEqual([["bytes=0-1,5-6"], ['"a"']]);
    expect(statusOf(answer)).toBe(206);
    expect(values(answer, "content-type")).toEqual(["multipart/byteranges; boundary=Q"]);
    expect(bodyOf(answer)).toBe(parts);
  });

  test.each(["gzip", "br", "zstd", "x-unknown", "gzip, gzip", "identity"])(
    "a body that says it is %s is byte for byte the origin's, whatever it is, in both directions",
    async (encoding) => {
      const bytes = String.fromCharCode(...Array.from({ length: 256 }, (_, byte) => byte));
      const coded = `Content-Encoding: ${encoding}`;
      origin.answer(
        "/coded",
        Buffer.from(`HTTP/1.1 200 OK\r\n${coded}\r\nContent-Length: 256\r\n\r\n${bytes}`, "latin1"),
      );
      const head = ["POST /coded HTTP/1.1", coded, "Accept-Encoding: x-unknown", "Content-Length: 256"];
      const answer = await send(head, bytes);
      expect(values(seen(), "accept-encoding")).toEqual(["x-unknown"]);
      expect([values(seen(), "content-encoding"), bodyOf(seen())]).toEqual([[encoding], bytes]);
      expect([values(answer, "content-encoding"), bodyOf(answer)]).toEqual([[encoding], bytes]);
      const long = bytes.repeat(400);
      for (const framed of [coded, `${coded}\r\nContent-Length: ${long.length}`]) {
        origin.answer("/coded", Buffer.from(`HTTP/1.1 200 OK\r\n${framed}\r\n\r\n${long}`, "latin1"));
        for (const host of ["site.test", "paid.test"]) {
          const { body, headers } = await ask(`${stack.url}/coded`, { headers: { host } });
          expect(headers["content-length"]).toBe(framed === coded ? undefined : String(long.length));
          expect(body.equals(Buffer.from(long, "latin1"))).toBe(true);
        }
      }
    },
  );

  test.each([
    [["Content-Length: 5"], "hello", 400, 0],
    [["Transfer-Encoding: chunked"], "5\r\nhello\r\n0\r\n\r\n", 400, 0],
    [["Content-Length: 0"], "", 200, 1],
    [["Transfer-Encoding: chunked"], "0\r\n\r\n", 200, 1],
  ])("a GET with %j and %j: %i", async (fields, body, status, asked) => {
    const answer = await send(["GET /with HTTP/1.1", ...fields], body);
    expect(statusOf(answer)).toBe(status);
    if (status === 400) expect(answer).toContain("unexpected_content");
    expect(timesAsked()).toBe(asked);
  });

  test.each(["POST", "PUT", "PATCH", "DELETE"])(
    "%s keeps its length, and chunks stay chunks where bodies are not taken in first, else they get one",
    async (method) => {
      await send([`${method} /x HTTP/1.1`, "Content-Length: 5"], "hello");
      expect([values(seen(), "content-length"), bodyOf(seen())]).toEqual([["5"], "hello"]);
      const long = "x".repeat(100_000);
      const chunk = `${long.length.toString(16)}\r\n${long}\r\n0\r\n\r\n`;
      await send([`${method} /x HTTP/1.1`, "Host: streamed.test", "Transfer-Encoding: chunked"], chunk);
      expect(values(seen(), "transfer-encoding")).toEqual(["chunked"]);
      expect(values(seen(), "content-length")).toEqual([]);
      await send([`${method} /x HTTP/1.1`, "Transfer-Encoding: chunked"], chunk);
      expect(values(seen(), "transfer-encoding")).toEqual([]);
      expect([values(seen(), "content-length"), bodyOf(seen())]).toEqual([["100000"], long]);
    },
  );
});

describe("limits", () => {
  test.each([
    ["2,048 bytes of target", [`GET /${"a".repeat(2_047)} HTTP/1.1`], 200],
    ["2,049 bytes of target", [`GET /${"a".repeat(2_048)} HTTP/1.1`], 414],
    ["70,000 bytes of target", [`GET /${"a".repeat(70_000)} HTTP/1.1`], 414],
    ["7,900 bytes of header", ["GET / HTTP/1.1", `X: ${"a".repeat(7_900)}`], 200],
    ["8,192 bytes of header", ["GET / HTTP/1.1", `X: ${"a".repeat(8_192)}`], 431],
    [
      "a thousand headers",
      ["GET / HTTP/1.1", ...Array.from({ length: 1_000 }, (_, n) => `X-${n}: 12345`)],
      431,
    ],
  ])("%s: %#", async (_what, head, status) => {
    expect(statusOf(await send(head))).toBe(status);
    expect(timesAsked()).toBe(status === 200 ? 1 : 0);
  });

  test("a body that says it is too large is refused before it is sent", async () => {
    const answer = await send(["POST / HTTP/1.1", "Host: gated.test", "Content-Length: 100001"]);
    expect(statusOf(answer)).toBe(413);
    expect(timesAsked()).toBe(0);
  });

  test("one that does not say is refused as soon as it is, and no origin takes the torso for the whole", async () => {
    const chunk = (size: number): string => `${size.toString(16)}\r\n${"x".repeat(size)}\r\n`;
    const head = ["POST / HTTP/1.1", "Host: gated.test", "Transfer-Encoding: chunked"];
    // No last chunk: the answer comes although the body goes on.
    expect(statusOf(await send(head, chunk(60_000) + chunk(60_000)))).toBe(413);
    await eventually("no request holds a slot", async () => (await inFlight(stack))["site"] === 0);
    const torsos = origin.requests.slice(before);
    await eventually("the origin is told", () => torsos.every(({ over }) => over));
    for (const { text } of torsos) expect(text).not.toContain("\r\n0\r\n");
    expect(statusOf(await send(head, `${chunk(60_000)}${chunk(40_000)}0\r\n\r\n`))).toBe(200);
  });
});

test("what is kept of bodies to send them again is given back: after more than an isolate keeps, they still are", async () => {
  const post = async (host: string): Promise<number> => {
    const headers = { host, "Idempotency-Key": "one" };
    return (await ask(`${stack.url}/kept`, { method: "POST", headers, body: "x".repeat(60_000) })).status;
  };
  // 36 MB, where 32 MiB are kept at once.
  for (let round = 0; round < 30; round++) {
    const statuses = await Promise.all(Array.from({ length: 20 }, () => post("site.test")));
    expect(new Set(statuses)).toEqual(new Set([200]));
  }
  expect(await post("pair.test")).toBe(200);
  expect(bodyOf(seen())).toBe("x".repeat(60_000));
});
