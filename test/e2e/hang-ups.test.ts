/**
 * Clients that go away, at every stage of a request, fifty at a time, by closing the connection and by resetting it: the origin's
 * work for them is ended, their slots come back, and no origin is blamed.
 *
 * workerd on its own takes a FIN for half a close: the client may still read. So it is noticed when the next byte is sent
 * to the client, where a reset is noticed at once (docs/how-it-works.md).
 *
 * And one client that stays all the while, and says nothing.
 */
import { setTimeout as sleep } from "node:timers/promises";

import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { ask } from "../support/ask.ts";
import { startHeldOrigin, type HeldExchange, type HeldOrigin } from "../support/held-origin.ts";
import { RawClient, type Leaving } from "../support/raw-client.ts";
import { startSocketOrigin, type SocketOrigin } from "../support/socket-origin.ts";
import { adminToken, eventually, origins, startStack, type Stack } from "../support/stack.ts";
import { carry, openPair, type SocketPair } from "../support/web-socket-pair.ts";

const crowd = 50;

let origin: HeldOrigin;
let sockets: SocketOrigin;
let stack: Stack;
let quiet: SocketPair;
let quietSinceMs: number;

beforeAll(async () => {
  [origin, sockets] = await Promise.all([startHeldOrigin(), startSocketOrigin()]);
  // Two, so that one that is blamed can be ejected: two failures in a row are enough.
  const pair = (name: string, url: string, limit: object = {}) => ({
    policy: "round_robin" as const,
    pools: [{ name: "home", origins: ["a", "b"].map((one) => ({ name: `${name}-${one}`, url, ...limit })) }],
    health: false as const,
    passive: { failures: 2 },
  });
  stack = await startStack({
    origins: {},
    config: () => ({
      target: "workerd",
      upstreams: {
        // Bodies are sent on as they come: one that is taken in first reaches no origin when its client goes.
        site: { ...pair("site", origin.url), buffer: { request: "0B" } },
        queued: { ...pair("queued", origin.url, { maxConns: 1 }), queue: { length: 100, timeout: "20s" } },
        // Its answers are weighed, so they go through JavaScript.
        paid: {
          ...pair("paid", origin.url),
          pools: [
            { name: "home", origins: [{ name: "drained", url: origin.url }] },
            ...pair("paid", origin.url).pools.map((pool) => ({ ...pool, name: "cloud", cost: { perGb: 1 } })),
          ],
        },
        // One slot, and no waiting.
        ...Object.fromEntries(
          (["reuse", "each"] as const).map((connection) => {
            const origins = [{ name: connection, url: origin.url, maxConns: 1, connection }];
            return [connection, { pools: [{ name: "home", origins }], health: false, queue: false } as const];
          }),
        ),
        sockets: pair("sockets", sockets.url),
        brief: {
          ...pair("brief", sockets.url),
          timeouts: { headers: "300ms", total: "300ms", maxHold: "1s" },
        },
      },
      routes: ["site", "queued", "paid", "reuse", "each", "sockets", "brief"].map((name) => ({
        host: `${name}.test`,
        upstream: name,
      })),
    }),
  });
  await fetch(`${stack.url}/_weir/api/v1/upstreams/paid/origins/drained/drain`, {
    method: "POST",
    headers: { Authorization: `Bearer ${adminToken}` },
  });
  quiet = await openPair(stack.url, sockets, { host: "brief.test" });
  quietSinceMs = performance.now();
});

afterAll(async () => {
  await stack.stop();
  await Promise.all([origin.close(), sockets.close()]);
});

let asked = 0;
let logged = 0;
beforeEach(() => {
  logged = stack.events.length;
});

const requests = () => stack.events.slice(logged).filter(({ event }) => event === "request");

interface Open {
  readonly client: RawClient;
  readonly path: string;
}

/** So many requests at once; `rest`: what follows the request line and the Host. */
function send(host: string, line: (path: string) => string, rest: string, count = crowd): Open[] {
  return Array.from({ length: count }, () => {
    const path = `/of-a-crowd-${asked++}`;
    const bytes = `${line(path)} HTTP/1.1\r\nHost: ${host}.test\r\n${rest}`;
    return { path, client: new RawClient(stack.url, bytes) };
  });
}

const get = (host: string, count?: number): Open[] => send(host, (path) => `GET ${path}`, "\r\n", count);
const post = (rest: string): Open[] => send("site", (path) => `POST ${path}`, rest);
const arrived = (open: readonly Open[]): Promise<HeldExchange[]> =>
  Promise.all(open.map(({ path }) => origin.exchanges.at(path)));
const leave = (open: readonly Open[], how: Leaving): void => open.forEach(({ client }) => client.leave(how));
const areOver = (exchanges: readonly HeldExchange[]): Promise<void> =>
  eventually("the origin's work for them is ended", () => exchanges.every(({ isOver }) => isOver()));

const originsOf = async (upstream: string) =>
  origins((await stack.admin.upstreams()).filter(({ name }) => name === upstream));
const inFlight = async (upstream: string): Promise<number> =>
  (await originsOf(upstream)).reduce((sum, one) => sum + one.inFlight, 0);

/** Nothing is left of them: no slot, no mark against an origin, no retry; no failure but their own. */
async function expectNoTrace(upstream: string): Promise<void> {
  await eventually("their slots are back", async () => (await inFlight(upstream)) === 0);
  await eventually("each has its log line", () => requests().length >= crowd);
  for (const { attempts, failure } of requests()) {
    expect(attempts).toBeLessThanOrEqual(1);
    expect([undefined, "client-gone"]).toContain(failure);
  }
  for (const one of (await originsOf(upstream)).filter(({ operator }) => operator === "up")) {
    expect(one).toMatchObject({ available: true, ejectedUntilMs: null, traffic: { failed: 0 } });
  }
}

describe.each(["RST", "FIN"] as const)("by %s, fifty clients go", (how) => {
  test("while they send a body that is kept: no origin hears of them", async () => {
    const open = post("Content-Length: 1000\r\n\r\nhalf of i");
    // Behind them, on the same wire: by then they have arrived.
    const last = get("site", 1);
    (await arrived(last))[0]?.response.end();
    leave(open, how);
    await expectNoTrace("site");
    expect(open.some(({ path }) => origin.exchanges.has(path))).toBe(false);
    leave(last, how);
  });

  test.each([
    ["with its length", "Content-Length: 1000000\r\n\r\n", "x".repeat(100_000)],
    ["in chunks", "Transfer-Encoding: chunked\r\n\r\n", `186A0\r\n${"x".repeat(100_000)}\r\n`],
  ])("in the middle of a long upload %s", async (_what, head, part) => {
    const open = post(`${head}${part}`);
    const exchanges = await arrived(open);
    leave(open, how);
    await areOver(exchanges);
    // The origin has not been made to believe that the torso is the whole.
    expect(exchanges.filter(({ request }) => request.complete)).toEqual([]);
    await expectNoTrace("site");
  });

  test("before the headers have come", async () => {
    const open = get("site");
    const exchanges = await arrived(open);
    leave(open, how);
    if (how === "FIN") for (const { response } of exchanges) response.write("the first of many bytes");
    await areOver(exchanges);
    await expectNoTrace("site");
  });

  test.each(["site", "paid"])(
    "in the middle of a stream of %s, with its next event at the latest",
    async (host) => {
      const open = get(host);
      const exchanges = await arrived(open);
      for (const { response } of exchanges) response.write("an event");
      await Promise.all(open.map(({ client }) => client.receives("an event")));
      leave(open, how);
      if (how === "FIN") for (const { response } of exchanges) response.write("another event");
      await areOver(exchanges);
      await expectNoTrace(host);
    },
  );

  test("in the middle of a long answer", async () => {
    const open = get("site");
    const exchanges = await arrived(open);
    for (const { response } of exchanges) {
      response.writeHead(200, { "Content-Length": 10_000_000 }).write("x".repeat(100_000));
    }
    await Promise.all(open.map(({ client }) => client.receives("\r\n\r\n")));
    leave(open, how);
    for (const { response } of exchanges) response.write("x".repeat(100_000));
    await areOver(exchanges);
    await expectNoTrace("site");
  });

  test("while they wait for a slot", async () => {
    const holding = get("queued", 2);
    const held = await arrived(holding);
    const waiting = get("queued");
    const waitingNow = async (): Promise<number | undefined> =>
      (await stack.admin.upstreams()).find(({ name }) => name === "queued")?.queue?.length;
    await eventually("all wait", async () => (await waitingNow()) === crowd);
    leave(waiting, how);
    if (how === "RST") await eventually("no request waits", async () => (await waitingNow()) === 0);
    for (const { response } of held) response.end();
    // It is not known that they have gone, so each has its turn.
    if (how === "FIN")
      await Promise.all(
        waiting.map(async ({ path }) => (await origin.exchanges.at(path)).response.end("too late")),
      );
    await expectNoTrace("queued");
    expect(waiting.some(({ path }) => origin.exchanges.has(path))).toBe(how === "FIN");
    leave(holding, "FIN");
  });

  test("with a WebSocket open", async () => {
    const pairs = await Promise.all(
      Array.from({ length: crowd }, () => openPair(stack.url, sockets, { host: "sockets.test" })),
    );
    for (const { client } of pairs) {
      if (how === "RST") client.connection.resetAndDestroy();
      else client.connection.destroy();
    }
    await Promise.all(pairs.map((pair) => pair.origin.closed));
    await expectNoTrace("sockets");
  });
});

test("a request that comes after them all is served at once", async () => {
  const answer = ask(`${stack.url}/after-all`, { headers: { host: "site.test" } });
  (await origin.exchanges.at("/after-all")).response.end("served");
  expect((await answer).body.toString()).toBe("served");
});

// Deadlines are declared in steps of 5 s.
const longestHoldMs = 6_500;

test("a WebSocket on which nothing is said keeps its slot, long after any other request would have lost it", async () => {
  // What is waited for is the time itself, most of which has passed with the other tests.
  await sleep(Math.max(0, longestHoldMs - (performance.now() - quietSinceMs)));
  expect(await inFlight("brief")).toBe(1);
  await carry(quiet.client, quiet.origin, ["still here"]);
  quiet.client.webSocket.close();
  await eventually("its slot is back", async () => (await inFlight("brief")) === 0);
});

test.each([
  ["reuse", 8],
  ["each", 1],
] as const)(
  "by connections of the kind %s, a server that stalls within ten bytes is found out by %i such answers: then each has its slot until its end",
  async (kind, most) => {
    const open: Open[] = [];
    const isRefused = ({ client }: Open): boolean => client.received.includes(" 503 ");
    for (;;) {
      const [one] = get(kind, 1);
      if (one === undefined) throw new Error("none was sent");
      await eventually(
        "it is at the origin, or refused",
        () => isRefused(one) || origin.exchanges.has(one.path),
      );
      if (isRefused(one)) break;
      open.push(one);
      expect(open.length).toBeLessThanOrEqual(most);
      const { response } = await origin.exchanges.at(one.path);
      response.writeHead(200, { "Content-Length": 10 }).write("half ");
      await one.client.receives(" 200 ");
    }
    for (const { response } of await arrived(open)) response.end("other");
    for (const { client } of open) await client.receives("half other");
    await eventually("the slot is back", async () => (await inFlight(kind)) === 0);
    leave(open, "FIN");
  },
);
