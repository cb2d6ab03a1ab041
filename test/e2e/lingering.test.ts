/**
 * Answers that come before the end of their requests, Weir's own and origins': they arrive at clients that send all before they read,
 * at once at those that read early, and no client is read on for ever.
 */
import { createServer, type Server, type Socket } from "node:net";
import type { AddressInfo } from "node:net";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { freePort } from "../support/free-ports.ts";
import { RawClient } from "../support/raw-client.ts";
import { bodyOf, statusOf } from "../support/raw.ts";
import { residentBytes } from "../support/resident-memory.ts";
import { isWholeAnswer, requestWith, sendThenRead } from "../support/sending-client.ts";
import { eventually, inFlight, startStack, weirSecret, type Stack } from "../support/stack.ts";

/** 8 MiB: more than the kernel's buffers take in. */
const pieces = 128;

const close = "HTTP/1.1 413 Too Large\r\nConnection: close\r\n";
/** What the origin says of a request as soon as it has its head, by path, and what it does then: only "reads" takes more of it. */
const early: Record<string, { readonly answer: string; readonly after: "leaves" | "stays" | "reads" }> = {
  "/leaves": { answer: `${close}Content-Length: 3\r\n\r\nbig`, after: "leaves" },
  "/stays": { answer: `${close}Content-Length: 3\r\n\r\nbig`, after: "stays" },
  "/reads": { answer: `${close}Content-Length: 3\r\n\r\nbig`, after: "reads" },
  "/long": { answer: `${close}Content-Length: 50000\r\n\r\n${"b".repeat(50_000)}`, after: "stays" },
  "/chunked": { answer: `${close}Transfer-Encoding: chunked\r\n\r\n3\r\nbig\r\n0\r\n\r\n`, after: "leaves" },
  "/none": { answer: "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n", after: "leaves" },
};

let origin: Server;
let stack: Stack;
/** Connections to the origin that are open. */
const open = new Set<Socket>();

beforeAll(async () => {
  origin = createServer((socket) => {
    open.add(socket);
    socket.on("error", () => undefined).on("close", () => open.delete(socket));
    socket.once("data", (bytes: Buffer) => {
      const path = bytes.toString("latin1").split(" ", 2)[1] ?? "";
      if (path === "/held") return socket.resume();
      if (path === "/resets")
        return socket.pause().write(`${close}Content-Length: 3\r\n\r\nbig`, () => socket.destroy());
      const what = early[path];
      if (what === undefined) return socket.end("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
      if (what.after !== "reads") socket.pause();
      else socket.resume();
      return what.after === "leaves" ? socket.end(what.answer) : socket.write(what.answer);
    });
  });
  await new Promise<void>((resolve) => origin.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(origin.address() as AddressInfo).port}`;
  const closed = `http://127.0.0.1:${await freePort()}`;
  const upstream = (name: string, to: string, connection: "each" | "reuse", more = {}) => ({
    pools: [{ name: "home", origins: [{ name, url: to, connection, maxConns: 1 }] }],
    health: false,
    passive: false,
    queue: false,
    retries: { attempts: 0 },
    // An answer can be early only where an origin gets a body while it arrives.
    buffer: { request: "0B" },
    ...more,
  });
  stack = await startStack({
    origins: {},
    config: () => ({
      target: "workerd",
      admin: { hosts: ["127.0.0.1"] },
      forwarding: { trusted: ["127.0.0.1"] },
      upstreams: {
        each: upstream("each", url, "each"),
        reuse: upstream("reuse", url, "reuse"),
        pages: upstream("pages", url, "each", { errors: { intercept: ["413"] } }),
        gone: upstream("gone", closed, "each"),
        full: upstream("full", url, "each"),
        joined: {
          pools: [
            { name: "late", origins: [], register: { secret: weirSecret, urls: ["http://127.0.0.1"] } },
          ],
          health: false,
        },
      },
      routes: [
        { host: "small.test", upstream: "each", maxRequestBody: "100KB" },
        { host: "tiny.test", upstream: "each", maxRequestBody: "10KB" },
        { host: "get.test", upstream: "each", methods: ["GET"] },
        { host: "closed.test", upstream: "each", maintenance: true },
        ...["each", "reuse", "pages", "gone", "full"].map((name) => ({
          host: `${name}.test`,
          upstream: name,
        })),
      ],
    }),
  });
});

afterAll(async () => {
  await stack.stop();
  for (const socket of open) socket.destroy();
  await new Promise((resolve) => origin.close(resolve));
});

const send = (
  line: string,
  host: string,
  framing: "length" | "chunked",
  isWhole: (received: string) => boolean = isWholeAnswer,
): Promise<string> => sendThenRead(stack.url, requestWith(line, host, framing, pieces), isWhole);

/** A client that has sent the beginning of its request. */
const begun = (path: string, host: string): RawClient => {
  const head = `POST ${path} HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 99999999\r\n\r\n`;
  return new RawClient(stack.url, `${head}${"x".repeat(100_000)}`);
};

const noSlots = async (): Promise<boolean> => Object.values(await inFlight(stack)).every((n) => n === 0);

describe("an answer of Weir's own arrives at a client that sends 8 MiB before it reads", () => {
  test.each([
    ["POST / on small.test", 413, "length"],
    ["POST / on small.test", 413, "chunked"],
    ["POST / on tiny.test", 413, "chunked"],
    ["GET / on each.test", 400, "length"],
    ["GET / on each.test", 400, "chunked"],
    ["POST /%2e%2fx on each.test", 400, "length"],
    ["POST / on get.test", 405, "length"],
    ["POST / on closed.test", 503, "length"],
    ["POST / on nobody.test", 404, "chunked"],
    ["POST / on gone.test", 502, "length"],
    ["POST / on gone.test", 502, "chunked"],
    ["POST /_weir/api/v1/upstreams on 127.0.0.1", 403, "length"],
    ["POST /_weir/api/v1/pools/none/register on 127.0.0.1", 404, "length"],
    ["POST /_weir/api/v1/pools/late/register on 127.0.0.1", 413, "length"],
    ["POST /_weir/api/v1/pools/late/register on 127.0.0.1", 413, "chunked"],
    ["POST /_weir/healthz on 127.0.0.1", 404, "length"],
    ["POST /_weir/healthz on nobody.test", 404, "length"],
  ] as const)("%s: %i, sent by %s", async (what, status, framing) => {
    const [line = "", host = ""] = what.split(" on ");
    const answer = await send(line, host, framing);
    expect(statusOf(answer), answer).toBe(status);
    expect(isWholeAnswer(answer)).toBe(true);
  });

  test("503, where every slot is taken", async () => {
    const holder = begun("/held", "full.test");
    await eventually("the slot is taken", async () => (await inFlight(stack))["full"] === 1);
    for (const framing of ["length", "chunked"] as const)
      expect(statusOf(await send("POST /", "full.test", framing))).toBe(503);
    holder.leave("RST");
    await eventually("the slot is back", noSlots);
  });

  test("HEAD, whose answer is its head", async () => {
    const answer = await send("HEAD /", "each.test", "length", (received) => received.endsWith("\r\n\r\n"));
    expect(statusOf(answer)).toBe(400);
  });
});

describe.each(["each", "reuse", "pages"])("an origin's early answer, on %s.test", (name) => {
  test.each(
    Object.keys(early).flatMap((path) => (["length", "chunked"] as const).map((how) => [path, how] as const)),
  )("%s arrives at a client that sends 8 MiB by %s before it reads", async (path, framing) => {
    const answer = await send(`POST ${path}`, `${name}.test`, framing);
    const expected = path === "/none" ? 204 : 413;
    expect(statusOf(answer), answer.slice(0, 300)).toBe(expected);
    await eventually("the slot is back", noSlots);
  });
});

test.each(["length", "chunked"] as const)(
  "an answer that an origin spoils by a reset may be lost, but its client has a whole one, sending by %s",
  async (framing) => {
    const answer = await send("POST /resets", "each.test", framing);
    expect([413, 502]).toContain(statusOf(answer));
    expect(isWholeAnswer(answer)).toBe(true);
    await eventually("the slot is back", noSlots);
  },
);

describe("a client that reads early", () => {
  test.each([
    ["small.test", "/", "content_too_large"],
    ["nobody.test", "/", "no_route"],
    ["each.test", "/stays", "\r\n\r\nbig"],
    ["reuse.test", "/stays", "\r\n\r\nbig"],
    ["pages.test", "/stays", "refused"],
    ["each.test", "/chunked", "\r\nbig\r\n"],
  ])("has head and page of %s%s while it is sending, and no slot", async (host, path, page) => {
    const client = begun(path, host);
    await client.receives(page);
    await eventually("no slot is taken", noSlots);
    // It is read on for longer than that: the connection is there.
    client.send("x".repeat(100_000));
    expect(client.isClosed).toBe(false);
    client.leave("RST");
  });

  test.each(["Content-Length: 99999999", "Transfer-Encoding: chunked"])(
    "is read on, by %s, when the origin has been rid of it",
    async (framing) => {
      for (const socket of open) socket.destroy();
      const first = `POST /reads HTTP/1.1\r\nHost: each.test\r\n${framing}\r\n\r\n${framing.startsWith("T") ? "f0000\r\n" : ""}`;
      const client = new RawClient(stack.url, `${first}${"x".repeat(100_000)}`);
      await client.receives("\r\n\r\nbig");
      await eventually("the origin's connection has ended", () => open.size === 0);
      expect(client.isClosed).toBe(false);
      client.leave("RST");
    },
  );

  test("and waits to be told to go on is not told so", async () => {
    const client = new RawClient(
      stack.url,
      "POST / HTTP/1.1\r\nHost: small.test\r\nContent-Length: 99999999\r\nExpect: 100-continue\r\n\r\n",
    );
    await client.receives("content_too_large");
    await eventually("it is let go", () => client.isClosed);
    expect(client.received).toMatch(/^HTTP\/1\.1 413/);
  });

  test("sees the end of an answer without a length when it has sent nothing for a while", async () => {
    const client = begun("/chunked", "each.test");
    await client.receives("\r\nbig\r\n");
    expect(client.received).not.toContain("\r\n0\r\n");
    await client.receives("\r\n0\r\n");
  });
});

test("a client that has sent all of its body may go on on the same connection", async () => {
  const both = function* (): Generator<string | Buffer> {
    yield* requestWith("POST /", "small.test", "length", 16);
    yield "GET /next HTTP/1.1\r\nHost: each.test\r\n\r\n";
  };
  const answers = await sendThenRead(stack.url, both(), (received) => received.endsWith("\r\n\r\nok"));
  expect(statusOf(answers)).toBe(413);
  expect(bodyOf(answers)).toContain("HTTP/1.1 200 OK");
});

test("of a client that sends without end no more than 128 MiB are read, and none of it is kept", async () => {
  const before = await residentBytes(stack.weir.pid);
  let sent = 0;
  const endless = function* (): Generator<string | Buffer> {
    for (const part of requestWith("POST /", "nobody.test", "chunked", 16_384)) {
      sent += part.length;
      yield part;
    }
  };
  const answer = await sendThenRead(stack.url, endless(), () => false);
  expect(answer).toMatch(/^E(PIPE|CONNRESET)$/);
  expect(sent).toBeGreaterThan(128 * 1_048_576);
  expect(sent).toBeLessThan(160 * 1_048_576);
  expect((await residentBytes(stack.weir.pid)) - before).toBeLessThan(64_000_000);
});

test("of one client sixteen are read on at a time: the others have their answers, and are let go at once", async () => {
  // Connections of other tests may not be over yet: this client has an address of its own.
  const address = "X-Forwarded-For: 192.0.2.17";
  const head = `POST / HTTP/1.1\r\nHost: small.test\r\n${address}\r\nContent-Length: 99999999\r\n\r\n`;
  const clients = Array.from({ length: 17 }, () => new RawClient(stack.url, head));
  await Promise.all(clients.map((client) => client.receives("413")));
  await eventually("one is let go", () => clients.some(({ isClosed }) => isClosed));
  expect(clients.filter(({ isClosed }) => isClosed)).toHaveLength(1);
  for (const client of clients) client.leave("RST");
});
