/**
 * Requests on connections of their own, through the built bundle, in front of origins that answer byte by byte what the test says:
 * what they carry, how they fail, and that no request is lost to a server that closes connections as it likes.
 */
import { createServer, type Server, type Socket } from "node:net";
import type { AddressInfo } from "node:net";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { ask } from "../support/ask.ts";
import { startRawOrigin, type RawOrigin } from "../support/raw-origin.ts";
import { eventually, inFlight, origins, startStack, type Stack } from "../support/stack.ts";
import { startTerseOrigin, type TerseOrigin } from "../support/terse-origin.ts";

const ok = "HTTP/1.1 200 OK\r\n";

let raw: RawOrigin;
let terse: TerseOrigin;
let byHand: Server;
/** It dies of the second request on a connection. */
let mortal: Server;
/** What the origin does with each piece that comes on a connection; set by the test. */
let onPiece: (socket: Socket, seen: string) => void = () => undefined;
let hungUp = 0;
let stack: Stack;

beforeAll(async () => {
  raw = await startRawOrigin();
  terse = await startTerseOrigin();
  byHand = createServer({ allowHalfOpen: true }, (socket) => {
    let seen = "";
    socket.on("error", () => undefined).on("close", () => hungUp++);
    socket.on("end", () => socket.end());
    socket.setEncoding("latin1").on("data", (piece: string) => onPiece(socket, (seen += piece)));
  });
  await new Promise<void>((resolve) => byHand.listen(0, "127.0.0.1", resolve));
  mortal = createServer((socket) => {
    let seen = 0;
    socket
      .on("error", () => undefined)
      .on("data", () => {
        if (seen++ === 0) return socket.write(`${ok}Content-Length: 0\r\n\r\n`);
        mortal.close();
        return socket.destroy();
      });
  });
  await new Promise<void>((resolve) => mortal.listen(0, "127.0.0.1", resolve));
  const handUrl = `http://127.0.0.1:${(byHand.address() as AddressInfo).port}`;
  const each = { connection: "each" as const };
  stack = await startStack({
    origins: {},
    config: () => ({
      target: "workerd",
      upstreams: {
        // As everything comes, but for probes, which would end up among the requests.
        terse: { pools: [{ name: "home", origins: [{ name: "terse", url: terse.url }] }], health: false },
        raw: {
          pools: [{ name: "home", origins: [{ name: "raw", url: raw.url, ...each }] }],
          health: false,
          passive: false,
          retries: { attempts: 0 },
          // Uploads are sent while they arrive.
          buffer: { request: "0B" },
        },
        shared: {
          pools: [{ name: "home", origins: [{ name: "raw", url: raw.url, connection: "reuse" as const }] }],
          health: false,
          passive: false,
          retries: { attempts: 0 },
        },
        hand: {
          pools: [{ name: "home", origins: [{ name: "hand", url: handUrl, ...each }] }],
          health: false,
          passive: false,
          retries: { attempts: 0 },
          // A client that leaves with its whole body sent hangs up without a reset, which workerd does not tell.
          buffer: { request: "0B" },
        },
        used: {
          pools: [{ name: "home", origins: [{ name: "used", url: handUrl, maxConns: 2 }] }],
          health: false,
        },
        dies: {
          pools: [
            {
              name: "home",
              origins: [
                { name: "dies", url: `http://127.0.0.1:${(mortal.address() as AddressInfo).port}` },
                { name: "here", url: raw.url },
              ],
            },
          ],
          policy: "first",
          health: false,
          retries: { attempts: 1 },
        },
      },
      routes: [
        { host: "terse.test", upstream: "terse" },
        { host: "raw.test", upstream: "raw" },
        { host: "shared.test", upstream: "shared" },
        { host: "hand.test", upstream: "hand" },
        { host: "used.test", upstream: "used" },
        { host: "dies.test", upstream: "dies" },
      ],
    }),
  });
});

afterAll(async () => {
  await stack.stop();
  await Promise.all([raw.close(), terse.close()]);
  await new Promise((resolve) => byHand.close(resolve));
});

const to = (host: string, headers: Record<string, string> = {}) => ({ headers: { host, ...headers } });

const failureAt = (path: string): unknown =>
  stack.events.findLast((event) => event["event"] === "request" && event["path"] === path)?.["failure"];

test("a server that closes behind each answer without saying so loses no request, and none comes twice", async () => {
  const work = Array.from({ length: 600 }, (_, id) => ({ id, method: id % 3 === 0 ? "GET" : "POST" }));
  const answers: string[] = [];
  const queue = [...work];
  const client = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const { id, method } = next;
      const body = method === "POST" ? { body: `form=${id}` } : {};
      const got = await ask(`${stack.url}/${id}`, { method, ...to("terse.test"), ...body });
      answers.push(`${got.status} ${got.body.toString()}`);
    }
  };
  await Promise.all(Array.from({ length: 16 }, client));
  const expected = work.map(
    ({ id, method }) => `200 ${method} /${id}${method === "POST" ? ` form=${id}` : ""}`,
  );
  expect(answers.toSorted()).toEqual(expected.toSorted());
  expect(terse.seen.toSorted()).toEqual(expected.map((line) => line.slice(4)).toSorted());
  const origin = origins(await stack.admin.upstreams()).find(({ name }) => name === "terse");
  expect(origin).toMatchObject({ available: true, ejectedUntilMs: null });
  expect(stack.events.filter(({ event }) => event === "connection")).toEqual([
    expect.objectContaining({ upstream: "terse", origin: "terse", way: "each" }),
  ]);
});

test("a request that meets the end of a used connection goes again in its slot, though others wait for one", async () => {
  // It keeps each connection open for longer than Weir watches it, and closes it on the next request.
  onPiece = (socket, seen) => {
    if (seen.split("\r\n\r\n").length > 2) return socket.destroy();
    setTimeout(() => socket.write(`${ok}Content-Length: 2\r\n\r\nok`), 10);
  };
  const get = async (): Promise<number> => (await ask(`${stack.url}/used`, to("used.test"))).status;
  const again = () => stack.events.filter(({ path, failure }) => path === "/used" && failure === "reset");
  await eventually("Weir uses connections again", async () => {
    expect(await get()).toBe(200);
    return again().length > 0;
  });
  const before = again().length;
  const statuses: number[] = [];
  const client = async (): Promise<void> => {
    for (let nth = 0; nth < 40; nth++) statuses.push(await get());
  };
  await Promise.all(Array.from({ length: 8 }, client));
  expect(statuses.filter((status) => status !== 200)).toEqual([]);
  await eventually("some have met one", () => again().length > before);
  for (const request of again()) expect(request).toMatchObject({ attempts: 2, status: 200 });
});

test("a used connection's end takes no retry: if it was the origin's death, the request goes elsewhere", async () => {
  const failed = () => stack.events.find(({ path, failure }) => path === "/dead" && failure !== undefined);
  await eventually("a request meets the end of a used connection", async () => {
    expect((await ask(`${stack.url}/dead`, to("dies.test"))).status).toBe(200);
    return failed() !== undefined;
  });
  const logged = failed();
  expect(logged).toMatchObject({ attempts: 3, failure: "refused", origin: "here", status: 200 });
});

const chunked = `${ok}Transfer-Encoding: chunked\r\n\r\n`;

describe("an answer that is one", () => {
  test.each<[what: string, answer: string, status: number, body: string]>([
    ["has a length", `${ok}Content-Length: 3\r\n\r\nabc`, 200, "abc"],
    [
      "has more than its length, which is dropped",
      `${ok}Content-Length: 3\r\n\r\nabcHTTP/1.1 500`,
      200,
      "abc",
    ],
    ["has a length twice, the same", `${ok}Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc`, 200, "abc"],
    ["has a length as a list of the same", `${ok}Content-Length: 3, 3\r\n\r\nabc`, 200, "abc"],
    ["ends with the connection", `${ok}\r\nabc`, 200, "abc"],
    ["is of HTTP/1.0", "HTTP/1.0 200 OK\r\n\r\nabc", 200, "abc"],
    ["comes in chunks", `${chunked}1\r\na\r\n2\r\nbc\r\n0\r\n\r\n`, 200, "abc"],
    ["has extensions and trailers", `${chunked}3;a="b"\r\nabc\r\n00 ;x\r\nT: 1\r\n\r\n`, 200, "abc"],
    ["has more behind its last chunk", `${chunked}3\r\nabc\r\n0\r\n\r\nHTTP/1.1 500`, 200, "abc"],
    ["says chunked in capitals", `${ok}Transfer-Encoding: CHUNKED\r\n\r\n3\r\nabc\r\n0\r\n\r\n`, 200, "abc"],
    [
      "follows interim responses",
      `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n${ok}Content-Length: 3\r\n\r\nabc`,
      200,
      "abc",
    ],
    ["has no reason", "HTTP/1.1 200\r\nContent-Length: 3\r\n\r\nabc", 200, "abc"],
    ["has lines that end with LF", "HTTP/1.1 200 OK\nContent-Length: 3\n\nabc", 200, "abc"],
    ["has a space before a colon", `${ok}Content-Length : 3\r\n\r\nabc`, 200, "abc"],
    ["has no body", "HTTP/1.1 204 No Content\r\n\r\n", 204, ""],
    ["is not modified", 'HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\nETag: "x"\r\n\r\n', 304, ""],
    [
      "resets, in chunks",
      "HTTP/1.1 205 Reset Content\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      205,
      "",
    ],
    ["resets, with a body that it may not have", "HTTP/1.1 205 R\r\nContent-Length: 5\r\n\r\nhello", 205, ""],
    ["has a tab in its reason", "HTTP/1.1 200 All\tright\r\nContent-Length: 3\r\n\r\nabc", 200, "abc"],
    ["is of a status of its own", "HTTP/1.1 299 Mine\r\nContent-Length: 3\r\n\r\nabc", 299, "abc"],
  ])("and %s", async (what, answer, status, body) => {
    const path = `/lawful-${encodeURIComponent(what)}`;
    raw.answer(path, answer);
    const got = await ask(`${stack.url}${path}`, to("raw.test"));
    expect([got.status, got.body.toString()]).toEqual([status, body]);
  });

  test("keeps its fields: several of a name, cookies, bytes of UTF-8, what the connection says of itself does not", async () => {
    const fields = ["X-A: 1", "Set-Cookie: a=1", "x-a: 2", "Set-Cookie: b=2", "X-U: Jos\xc3\xa9", "X-Hop: 1"];
    raw.answer(
      "/fields",
      `${ok}${fields.join("\r\n")}\r\nConnection: close, X-Hop\r\nContent-Length: 0\r\n\r\n`,
    );
    const { headers } = await ask(`${stack.url}/fields`, to("raw.test"));
    expect(headers).toMatchObject({ "x-a": "1, 2", "set-cookie": ["a=1", "b=2"], "x-u": "Jos\xc3\xa9" });
    expect(headers).not.toHaveProperty("x-hop");
  });

  test("has a date, also where the origin's says nothing", async () => {
    raw.answer("/undated", `${ok}Date:\r\nContent-Length: 0\r\n\r\n`);
    const { headers } = await ask(`${stack.url}/undated`, to("raw.test"));
    expect(Date.parse(String(headers["date"]))).not.toBeNaN();
  });

  test("to HEAD has the length that GET would have", async () => {
    raw.answer("/head", `${ok}Content-Length: 12345\r\n\r\n`);
    const got = await ask(`${stack.url}/head`, { method: "HEAD", ...to("raw.test") });
    expect([got.status, got.headers["content-length"], got.body.length]).toEqual([200, "12345", 0]);
  });
});

describe("an answer that is none is a 502, and the log says so", () => {
  test.each([
    ["an unknown transfer coding", `${ok}Transfer-Encoding: foo\r\n\r\nabc`],
    ["a transfer coding that was not asked for", `${ok}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`],
    [
      "two transfer codings",
      `${ok}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    ],
    ["an empty transfer coding", `${ok}Transfer-Encoding: \r\nContent-Length: 3\r\n\r\nabc`],
    [
      "a transfer coding beside a length",
      `${ok}Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n`,
    ],
    ["a transfer coding in HTTP/1.0", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"],
    ["two lengths", `${ok}Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd`],
    ["a list of two lengths", `${ok}Content-Length: 3, 4\r\n\r\nabcd`],
    ["a length with a sign", `${ok}Content-Length: +3\r\n\r\nabc`],
    ["a length beyond all numbers", `${ok}Content-Length: 99999999999999999999\r\n\r\nabc`],
    ["an empty length", `${ok}Content-Length: \r\n\r\nabc`],
    ["a folded field", `${ok}X-A: 1\r\n 2\r\nContent-Length: 3\r\n\r\nabc`],
    ["a bare CR", `${ok}X-A: 1\rX-B: 2\r\nContent-Length: 3\r\n\r\nabc`],
    ["a NUL", `${ok}X-A: 1\0\r\nContent-Length: 3\r\n\r\nabc`],
    ["a field without a colon", `${ok}X-A\r\nContent-Length: 3\r\n\r\nabc`],
    ["a field without a name", `${ok}: 1\r\nContent-Length: 3\r\n\r\nabc`],
    ["a field's name that is none", `${ok}X A: 1\r\nContent-Length: 3\r\n\r\nabc`],
    ["no status line", "Content-Length: 3\r\n\r\nabc"],
    ["another protocol", "SSH-2.0-OpenSSH_9.2\r\n\r\n"],
    ["another version", "HTTP/2.0 200 OK\r\nContent-Length: 3\r\n\r\nabc"],
    ["a status of two digits", "HTTP/1.1 20 OK\r\nContent-Length: 3\r\n\r\nabc"],
    ["a status beyond 599", "HTTP/1.1 999 OK\r\nContent-Length: 3\r\n\r\nabc"],
    ["an upgrade that was not asked for", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"],
    ["interim responses without end", "HTTP/1.1 102 Processing\r\n\r\n".repeat(100)],
    ["a head without end", `${ok}${"X-A: 1\r\n".repeat(20_000)}\r\n`],
    ["a line without end", `${ok}X-A: ${"x".repeat(100_000)}\r\n\r\n`],
    ["too many fields", `${ok}${"A:1\r\n".repeat(501)}\r\n`],
  ])("%s", async (what, answer) => {
    const path = `/unlawful-${what.replaceAll(/\W/g, "-")}`;
    raw.answer(path, answer);
    const { status } = await ask(`${stack.url}${path}`, to("raw.test"));
    await eventually("it is logged", () => failureAt(path) !== undefined);
    expect([status, failureAt(path)]).toEqual([502, "malformed"]);
  });

  test.each(["foo", "gzip", "gzip, chunked", "chunked, chunked", "identity"])(
    "one whose transfer coding is %s, also on a connection that is shared",
    async (coding) => {
      const path = `/coded-${coding.replaceAll(/\W/g, "-")}`;
      raw.answer(path, `${ok}Transfer-Encoding: ${coding}\r\n\r\n3\r\nabc\r\n0\r\n\r\n`);
      const { status } = await ask(`${stack.url}${path}`, to("shared.test"));
      await eventually("it is logged", () => failureAt(path) !== undefined);
      expect([status, failureAt(path)]).toEqual([502, "malformed"]);
    },
  );

  test.each([
    ["nothing", ""],
    ["a part of a head", "HTTP/1.1 200 OK\r\nContent-Le"],
  ])("%s, and then the end: a reset", async (what, answer) => {
    const path = `/none-${what.replaceAll(" ", "-")}`;
    onPiece = (socket) => socket.end(answer);
    const { status } = await ask(`${stack.url}${path}`, to("hand.test"));
    await eventually("it is logged", () => failureAt(path) !== undefined);
    expect([status, failureAt(path)]).toEqual([502, "reset"]);
  });
});

describe("a body that is cut is cut for the client, too", () => {
  test.each([
    ["within its length", `${ok}Content-Length: 30000\r\n\r\nabc`],
    ["within a chunk", `${chunked}3\r\nab`],
    ["between chunks", `${chunked}3\r\nabc\r\n`],
    ["before the end of its trailers", `${chunked}3\r\nabc\r\n0\r\nT: 1\r\n`],
    ["by a size that is none", `${chunked}3\r\nabc\r\nzz\r\n`],
    ["by a size without digits", `${chunked}3\r\nabc\r\n;x\r\nabc`],
    ["by a size beyond all numbers", `${chunked}3\r\nabc\r\n${"f".repeat(20)}\r\n`],
    ["by a chunk that is longer than it says", `${chunked}3\r\nabcd\r\n0\r\n\r\n`],
    ["by an extension with a bare LF", `${chunked}3;a\nabc\r\n0\r\n\r\n`],
    ["by an extension without end", `${chunked}3;${"a".repeat(10_000)}\r\nabc\r\n0\r\n\r\n`],
    ["by trailers without end", `${chunked}3\r\nabc\r\n0\r\n${"T: 1\r\n".repeat(20_000)}\r\n`],
  ])("%s", async (what, answer) => {
    const path = `/cut-${what.replaceAll(/\W/g, "-")}`;
    raw.answer(path, answer);
    await expect(ask(`${stack.url}${path}`, to("raw.test"))).rejects.toThrow();
  });

  test("by a reset, where only the connection's end would have ended it", async () => {
    onPiece = (socket) => {
      socket.write(`${ok}\r\nabc`);
      setTimeout(() => socket.resetAndDestroy(), 50);
    };
    await expect(ask(`${stack.url}/rst`, to("hand.test"))).rejects.toThrow();
  });
});

describe("an upload", () => {
  test("without a length is sent in chunks, byte for byte", async () => {
    const body = Buffer.alloc(200_000, "0123456789abcdef");
    const sent = { method: "POST", ...to("raw.test", { "transfer-encoding": "chunked" }), body };
    expect((await ask(`${stack.url}/chunks`, sent)).status).toBe(200);
    const { text = "" } = raw.requests.find((request) => request.text.includes("/chunks ")) ?? {};
    expect(text).toMatch(/^transfer-encoding: chunked\r$/m);
    expect(unchunked(text)).toBe(body.toString());
  });

  test("that the origin answers before its end gets the answer, and goes no further", async () => {
    const before = hungUp;
    onPiece = (socket, seen) => {
      if (seen.length < 100_000) return;
      onPiece = () => undefined;
      socket.write("HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nContent-Length: 3\r\n\r\nbig");
    };
    const body = Buffer.alloc(20_000_000, "x");
    const got = await ask(`${stack.url}/early`, { method: "POST", ...to("hand.test"), body });
    expect([got.status, got.body.toString()]).toEqual([413, "big"]);
    await eventually("the origin's connection has ended", () => hungUp > before);
    await eventually("the slot is back", async () => (await inFlight(stack))["hand"] === 0);
  });

  test("that its client breaks off is broken off at the origin", async () => {
    const before = hungUp;
    const abort = new AbortController();
    onPiece = (_, seen) => {
      if (seen.length > 100_000) abort.abort();
    };
    const body = Buffer.alloc(50_000_000, "x");
    const sent = ask(`${stack.url}/broken`, {
      method: "POST",
      ...to("hand.test"),
      body,
      signal: abort.signal,
    });
    await expect(sent).rejects.toThrow();
    await eventually("the origin's connection has ended", () => hungUp > before);
    await eventually("the slot is back", async () => (await inFlight(stack))["hand"] === 0);
  });
});

test("a client that goes away while the answer comes ends the origin's connection", async () => {
  const before = hungUp;
  const abort = new AbortController();
  onPiece = (socket) => {
    socket.write(`${ok}\r\n`);
    const timer = setInterval(() => socket.write("x".repeat(1_000)), 5);
    socket.on("close", () => clearInterval(timer));
    setTimeout(() => abort.abort(), 100);
  };
  await expect(ask(`${stack.url}/away`, { ...to("hand.test"), signal: abort.signal })).rejects.toThrow();
  await eventually("the origin's connection has ended", () => hungUp > before);
});

/** The data of a request's chunks. */
function unchunked(text: string): string {
  let data = "";
  let at = text.indexOf("\r\n\r\n") + 4;
  for (;;) {
    const end = text.indexOf("\r\n", at);
    const size = Number.parseInt(text.slice(at, end), 16);
    if (!(size > 0)) return data;
    data += text.slice(end + 2, end + 2 + size);
    at = end + 4 + size;
  }
}
