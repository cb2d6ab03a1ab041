/** Bodies larger than an isolate's memory: they pass through, and the process does not grow by them. */
import { createServer, get, request as httpRequest, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

import { afterAll, beforeAll, expect, test } from "vitest";

import { residentBytes } from "../support/resident-memory.ts";
import { eventually, startStack, type Stack } from "../support/stack.ts";

const bodyBytes = 200_000_000;
/** What the platform allows a whole isolate is twice as much. */
const maxGrowthBytes = 64_000_000;
const piece = Buffer.alloc(65_536, "weir");

/** By the runtime's `fetch`, and on a connection of the request's own. */
const connections = ["reuse", "each"] as const;
type Connection = (typeof connections)[number];

let origin: Server;
/** Bytes of the last download that the origin has been rid of. */
let sentBytes = 0;
let stack: Stack;

beforeAll(async () => {
  origin = createServer((request, response) => {
    const serve = async (): Promise<void> => {
      if (request.method === "POST") return void response.end(String(await sizeOf(request)));
      const bytes = Number(request.url?.slice(1));
      if (request.headers["x-chunked"] === undefined) response.setHeader("Content-Length", bytes);
      await pipeline(
        pieces(bytes, (left) => (sentBytes = bytes - left)),
        response,
      );
    };
    serve().catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => origin.listen(0, "127.0.0.1", resolve));
  const { port } = origin.address() as AddressInfo;
  stack = await startStack({
    origins: {},
    config: () => ({
      target: "workerd",
      upstreams: Object.fromEntries(
        connections.map((connection) => [
          connection,
          {
            pools: [{ name: "home", origins: [{ name: "a", url: `http://127.0.0.1:${port}`, connection }] }],
            health: false,
          },
        ]),
      ),
      routes: connections.map((connection) => ({ host: `${connection}.test`, upstream: connection })),
    }),
  });
});

afterAll(async () => {
  await stack.stop();
  origin.closeAllConnections();
  origin.close();
});

function pieces(bytes: number, onRead: (left: number) => void = () => undefined): Readable {
  let left = bytes;
  return new Readable({
    read() {
      const next = piece.subarray(0, Math.min(left, piece.byteLength));
      left -= next.byteLength;
      onRead(left);
      this.push(next.byteLength === 0 ? null : next);
    },
  });
}

async function sizeOf(body: AsyncIterable<Buffer>): Promise<number> {
  let bytes = 0;
  for await (const chunk of body) bytes += chunk.byteLength;
  return bytes;
}

/** The bytes that arrived, there for an upload, here for a download. */
function transfer(
  connection: Connection,
  way: "up" | "down",
  framing: "length" | "chunked",
  bytes: number,
): Promise<number> {
  const framed = framing === "length" ? { "Content-Length": bytes } : {};
  const asked = way === "up" ? framed : framing === "length" ? {} : { "X-Chunked": "1" };
  const headers = { Host: `${connection}.test`, ...asked };
  return new Promise((resolve, reject) => {
    const url = `${stack.url}/${bytes}`;
    const sent = httpRequest(url, { method: way === "up" ? "POST" : "GET", headers }, (response) => {
      const arrived =
        way === "down" ? sizeOf(response) : response.toArray().then((text) => Number(text.join("")));
      arrived.then(resolve, reject);
    });
    sent.on("error", reject);
    if (way === "up") pipeline(pieces(bytes), sent).catch(reject);
    else sent.end();
  });
}

const resident = (): Promise<number> => residentBytes(stack.weir.pid);

const transfers = connections.flatMap((connection) =>
  (["up", "down"] as const).flatMap((way) =>
    (["length", "chunked"] as const).map((framing) => [way, framing, connection] as const),
  ),
);

test.runIf(process.platform === "linux").each(transfers)(
  "200 MB %sstream with %s, by %s",
  async (way, framing, connection) => {
    // What a first transfer leaves behind is the runtime's, not the body's.
    expect(await transfer(connection, way, framing, 10_000_000)).toBe(10_000_000);
    const before = await resident();
    let most = before;
    const sample = setInterval(() => void resident().then((now) => (most = Math.max(most, now))), 50);
    const arrived = await transfer(connection, way, framing, bodyBytes);
    clearInterval(sample);
    most = Math.max(most, await resident());
    expect(arrived).toBe(bodyBytes);
    expect(most - before).toBeLessThan(maxGrowthBytes);
  },
);

test.each(connections)(
  "a client that reads nothing holds the origin back, not the body in memory, by %s",
  async (connection) => {
    // What an answer that is read leaves behind is the runtime's: it collects its garbage when it likes.
    expect(await transfer(connection, "down", "length", bodyBytes)).toBe(bodyBytes);
    const before = await resident();
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      get(`${stack.url}/${bodyBytes}`, { headers: { Host: `${connection}.test` } }, resolve).on(
        "error",
        reject,
      );
    });
    let [seen, still] = [-1, 0];
    await eventually("the origin has to wait", () => {
      still = seen === sentBytes ? still + 1 : 0;
      seen = sentBytes;
      return still > 10;
    });
    expect(sentBytes).toBeLessThan(maxGrowthBytes);
    expect((await resident()) - before).toBeLessThan(maxGrowthBytes);
    expect(await sizeOf(response)).toBe(bodyBytes);
  },
);
