/**
 * One client that wants all there is, and another one beside it: with `limits.client` the other one is served as if it were alone. Both come
 * by way of a trusted proxy, which says who they are.
 */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { ask } from "../support/ask.ts";
import { startHeldOrigin, type HeldOrigin } from "../support/held-origin.ts";
import { RawClient } from "../support/raw-client.ts";
import { startSocketOrigin, type SocketOrigin } from "../support/socket-origin.ts";
import { eventually, origins, startStack, type Stack } from "../support/stack.ts";
import { openPair } from "../support/web-socket-pair.ts";

const greedy = "203.0.113.5";
const other = "198.51.100.7";
const client = { slots: 4, queue: 2, uploads: 3 };

let origin: HeldOrigin;
let sockets: SocketOrigin;
/** It answers everything with an error that is worth another attempt. */
let failing: Server;
let stack: Stack;

beforeAll(async () => {
  [origin, sockets] = await Promise.all([startHeldOrigin(), startSocketOrigin()]);
  failing = createServer((_, response) => response.writeHead(503).end("no"));
  await new Promise<void>((resolve) => failing.listen(0, "127.0.0.1", resolve));
  const failingUrl = `http://127.0.0.1:${(failing.address() as AddressInfo).port}`;
  const site = (maxConns: number, more: object = {}) => ({
    pools: [{ name: "home", origins: [{ name: `of-${maxConns}`, url: origin.url, maxConns }] }],
    health: false as const,
    ...more,
  });
  stack = await startStack({
    origins: {},
    config: () => ({
      target: "workerd",
      forwarding: { trusted: ["127.0.0.1"] },
      limits: { client },
      upstreams: {
        wide: site(6),
        narrow: site(1, { coordination: "strict", queue: { length: 5, timeout: "20s" } }),
        sockets: { pools: [{ name: "home", origins: [{ name: "s", url: sockets.url }] }], health: false },
        failing: {
          pools: [{ name: "home", origins: ["one", "two"].map((name) => ({ name, url: failingUrl })) }],
          health: false,
          passive: false,
          retries: { attempts: 1, on: ["503"] },
        },
      },
      routes: ["wide", "narrow", "sockets", "failing"].map((name) => ({
        host: `${name}.test`,
        upstream: name,
      })),
    }),
  });
});

afterAll(async () => {
  await stack.stop();
  await Promise.all([origin.close(), sockets.close(), new Promise((resolve) => failing.close(resolve))]);
});

let asked = 0;

/** So many requests of the client at once. */
function send(host: string, from: string, count: number, line = "GET", rest = "\r\n") {
  return Array.from({ length: count }, () => {
    const path = `/${asked++}`;
    const head = `${line} ${path} HTTP/1.1\r\nHost: ${host}\r\nX-Forwarded-For: ${from}\r\n`;
    return { path, client: new RawClient(stack.url, head + rest) };
  });
}

type Sent = ReturnType<typeof send>;
const refused = (sent: Sent): Sent => sent.filter(({ client }) => client.received.startsWith("HTTP/1.1 429"));
const arrived = (sent: Sent): Sent => sent.filter(({ path }) => origin.exchanges.has(path));
const leave = (sent: Sent): void => sent.forEach(({ client }) => client.leave("RST"));
const failuresOf = (sent: Sent): unknown[] =>
  stack.events
    .filter(({ event, path }) => event === "request" && sent.some((one) => one.path === path))
    .map(({ failure }) => failure);

const inFlight = async (upstream: string): Promise<number> =>
  origins((await stack.admin.upstreams()).filter(({ name }) => name === upstream)).reduce(
    (sum, one) => sum + one.inFlight,
    0,
  );
const areFree = (upstream: string): Promise<void> =>
  eventually("every slot is back", async () => (await inFlight(upstream)) === 0);

/** The other client's request, answered as soon as it is at the origin. */
async function served(host: string): Promise<number> {
  const path = `/good-${asked++}`;
  const answer = ask(stack.url + path, { headers: { Host: host, "X-Forwarded-For": other } });
  const { response } = await origin.exchanges.at(path);
  response.end("served");
  return (await answer).status;
}

describe("a client that asks for everything at once", () => {
  test("has its slots and no more; another one is served meanwhile, and the slots come back", async () => {
    const all = send("wide.test", greedy, 20);
    await eventually("the rest is refused", () => refused(all).length === 16);
    await eventually("the others are at the origin", () => arrived(all).length === 4);
    expect(refused(all)[0]?.client.received).toMatch(/Retry-After: 2\r\n/i);
    for (let nth = 0; nth < 10; nth++) expect(await served("wide.test")).toBe(200);
    leave(all);
    await areFree("wide");
    expect(failuresOf(refused(all))).toEqual(Array.from({ length: 16 }, () => "client-slots"));
    const again = send("wide.test", greedy, 4);
    await eventually("they are at the origin", () => arrived(again).length === 4);
    leave(again);
    await areFree("wide");
  });

  test("may ask one after the other as often as it likes", async () => {
    const three = send("wide.test", greedy, 3);
    await eventually("they are at the origin", () => arrived(three).length === 3);
    const statuses: number[] = [];
    for (let nth = 0; nth < 50; nth++) {
      const path = `/in-turn-${nth}`;
      const answer = ask(stack.url + path, { headers: { Host: "wide.test", "X-Forwarded-For": greedy } });
      const { response } = await Promise.race([
        origin.exchanges.at(path),
        answer.then((got) => expect.unreachable(`${got.status}`)),
      ]);
      response.end("x".repeat(nth * 1_000));
      statuses.push((await answer).status);
    }
    expect(statuses.filter((status) => status !== 200)).toEqual([]);
    leave(three);
    await areFree("wide");
  });

  test("reads nothing of large answers: it holds its slots, and another client has the others", async () => {
    const all = send("wide.test", greedy, 16);
    await eventually("the rest is refused", () => refused(all).length === 12);
    await eventually("the others are at the origin", () => arrived(all).length === 4);
    for (const { path, client } of arrived(all)) {
      client.stopReading();
      (await origin.exchanges.at(path)).response.end(Buffer.alloc(30_000_000));
    }
    for (let nth = 0; nth < 10; nth++) expect(await served("wide.test")).toBe(200);
    leave(all);
    await areFree("wide");
  });

  test("uploads byte by byte: it has its uploads and no more, and another client is served", async () => {
    const all = send(
      "wide.test",
      greedy,
      16,
      "POST",
      `Content-Length: 1000000000\r\n\r\n${"x".repeat(80_000)}`,
    );
    await eventually("the rest is refused", () => refused(all).length === 13);
    expect(arrived(all).length).toBeLessThanOrEqual(3);
    for (let nth = 0; nth < 10; nth++) expect(await served("wide.test")).toBe(200);
    leave(all);
    await areFree("wide");
    expect(new Set(failuresOf(refused(all)))).toEqual(new Set(["client-uploads"]));
  });

  test("holds a slot with each WebSocket, until it closes", async () => {
    const options = (from: string) => ({ headers: { host: "sockets.test", "X-Forwarded-For": from } });
    const pairs = await Promise.all([1, 2, 3, 4].map(() => openPair(stack.url, sockets, options(greedy))));
    await expect(openPair(stack.url, sockets, options(greedy))).rejects.toThrow("429");
    pairs.push(await openPair(stack.url, sockets, options(other)));
    pairs[0]?.client.webSocket.close();
    await pairs[0]?.client.closed;
    const again = eventually("one more may come", () =>
      openPair(stack.url, sockets, options(greedy)).then(
        (pair) => pairs.push(pair) > 0,
        () => false,
      ),
    );
    await again;
    for (const { client } of pairs) client.webSocket.terminate();
    await areFree("sockets");
  });

  test("waits with few requests: the queue has places for others", async () => {
    const first = send("narrow.test", "192.0.2.1", 1);
    await eventually("the only slot is taken", () => arrived(first).length === 1);
    const all = send("narrow.test", greedy, 20);
    await eventually("the rest is refused", () => refused(all).length === 18);
    expect(new Set(failuresOf(refused(all)))).toEqual(new Set(["client-queue", "client-slots"]));
    const [good] = send("narrow.test", other, 1);
    await eventually(
      "three wait",
      async () => (await stack.admin.upstreams()).find(({ name }) => name === "narrow")?.queue?.length === 3,
    );
    leave(all);
    (await origin.exchanges.at(first[0]?.path ?? "")).response.end("done");
    (await origin.exchanges.at(good?.path ?? "")).response.end("served");
    await eventually("it is served", () => good?.client.received.startsWith("HTTP/1.1 200") === true);
    await areFree("narrow");
  });
});

test("beside another client, one that keeps asking for a page that fails does not use up the retries of others", async () => {
  const askFor = async (from: string, path: string) => {
    await ask(stack.url + path, { headers: { Host: "failing.test", "X-Forwarded-For": from } });
    return eventually(`the line of ${path}`, () => lineOf(path) !== undefined).then(() => lineOf(path));
  };
  const lineOf = (path: string) =>
    stack.events.find((event) => event["event"] === "request" && event["path"] === path);
  await askFor(other, "/before");
  const lines = [];
  for (let nth = 0; nth < 120; nth++) lines.push(await askFor(greedy, `/again-${nth}`));
  const held = lines.filter((line) => line?.["finished"] === "client-retry-budget");
  expect(held.length).toBeGreaterThan(20);
  expect(held[0]).toMatchObject({ attempts: 1, status: 503 });
  for (let nth = 0; nth < 5; nth++)
    expect(await askFor(other, `/once-${nth}`)).toMatchObject({ attempts: 2, finished: "no-attempts-left" });
});
