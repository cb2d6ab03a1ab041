/**
 * Clients that read slowly keep no origin busy: not at all with an answer that Weir takes in, and not for long with a larger one. Nor do those
 * that get their answers slowly, as the `bandwidth` of their route says.
 */
import { createServer, type Server } from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";

import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";

import { ask } from "../support/ask.ts";
import { eventually, inFlight, startStack, type Stack } from "../support/stack.ts";

let origin: Server;
let stack: Stack;
const sockets: Socket[] = [];

beforeAll(async () => {
  origin = createServer(({ url = "" }, response) => {
    response.on("error", () => undefined);
    const bytes = Number(url.slice(1)) || 2;
    response.writeHead(200, { "Content-Length": bytes }).end(Buffer.alloc(bytes, url));
  });
  await new Promise<void>((resolve) => origin.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(origin.address() as AddressInfo).port}`;
  stack = await startStack({
    origins: {},
    config: () => ({
      target: "workerd",
      limits: { download: { idle: "2s" } },
      upstreams: {
        few: { pools: [{ name: "home", origins: [{ name: "a", url, maxConns: 4 }] }], health: false },
      },
      routes: [
        { upstream: "few" },
        { host: "paced.test", upstream: "few", bandwidth: { rate: "200KB/s", after: "50KB" } },
      ],
    }),
  });
});

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

afterAll(async () => {
  await stack.stop();
  origin.closeAllConnections();
  origin.close();
});

/** Clients that ask and do not read. */
function askAndWait(count: number, path: string): void {
  for (let client = 0; client < count; client++) {
    const socket = connect(Number(new URL(stack.url).port), "127.0.0.1").pause();
    socket.on("error", () => undefined).write(`GET ${path} HTTP/1.1\r\nHost: site.test\r\n\r\n`);
    sockets.push(socket);
  }
}

const noSlotIsHeld = async (): Promise<boolean> =>
  Object.values(await inFlight(stack)).every((open) => open === 0);

test("thirty slow downloads before an origin of four slots delay no other request", async () => {
  askAndWait(30, "/500000");
  await eventually("no slot is held", noSlotIsHeld);
  const quick = await Promise.all(Array.from({ length: 50 }, () => ask(`${stack.url}/quick`)));
  expect(new Set(quick.map(({ status }) => status))).toEqual(new Set([200]));
});

test.each([17_000, 300_000, 524_288, 524_289, 20_000_000])(
  "an answer of %i bytes arrives whole",
  async (bytes) => {
    const { status, body, headers } = await ask(`${stack.url}/${bytes}`);
    expect([status, headers["content-length"]]).toEqual([200, String(bytes)]);
    expect(body.equals(Buffer.alloc(bytes, `/${bytes}`))).toBe(true);
  },
);

test("a client that reads nothing of a large answer is cut off, and its slot is free", async () => {
  askAndWait(4, "/200000000");
  await eventually("all slots are held", async () => (await inFlight(stack))["a"] === 4, 10_000);
  await eventually("no slot is held", noSlotIsHeld, 15_000);
  expect((await ask(`${stack.url}/quick`)).status).toBe(200);
  const cut = stack.events.filter(({ body }) => body === "cut-by-weir");
  expect(cut).toHaveLength(4);
});

describe("an answer of a route with a bandwidth arrives whole, and no sooner than the rate allows", () => {
  const headers = { Host: "paced.test" };
  const timed = async (bytes: number): Promise<number> => {
    const startMs = performance.now();
    const { body } = await ask(`${stack.url}/${bytes}`, { headers });
    expect(body.equals(Buffer.alloc(bytes, `/${bytes}`))).toBe(true);
    return performance.now() - startMs;
  };

  // 50 KB come first, and a piece of 20 KB is sent at once.
  test("and keeps no slot meanwhile, if Weir can take it in, though the origin is idle", async () => {
    const took = timed(300_000);
    await eventually("it is over", () =>
      stack.events.some(({ path, host }) => path === "/300000" && host === "paced.test"),
    );
    expect(await noSlotIsHeld()).toBe(true);
    expect(await took).toBeGreaterThan(1_150);
  });

  test("also one that is too large for that", async () => {
    expect(await timed(540_000)).toBeGreaterThan(2_350);
  });
});
