/** Clients and origins that take as long as they may: by the clock, what `npm test` tries without waiting. */
import { setTimeout as sleep } from "node:timers/promises";

import { afterAll, beforeAll, expect, test } from "vitest";

import { startHeldOrigin, type HeldOrigin } from "../support/held-origin.ts";
import { RawClient } from "../support/raw-client.ts";
import { statusOf } from "../support/raw.ts";
import { eventually, inFlight, origins, startStack, type Stack } from "../support/stack.ts";

let origin: HeldOrigin;
let stack: Stack;

beforeAll(async () => {
  origin = await startHeldOrigin();
  stack = await startStack({
    origins: {},
    config: () => ({
      target: "workerd",
      upstreams: {
        site: {
          pools: [{ name: "home", origins: [{ name: "site", url: origin.url }] }],
          health: false,
          timeouts: { headers: "2m", total: "2m", maxHold: "5s" },
        },
      },
      routes: [{ upstream: "site" }],
    }),
  });
});

afterAll(async () => {
  await stack.stop();
  await origin.close();
});

const slots = async (): Promise<number | undefined> => (await inFlight(stack))["site"];
const timeout = 120_000;

async function expectNoTrace(): Promise<void> {
  await eventually("no slot is in use", async () => (await slots()) === 0);
  expect(origins(await stack.admin.upstreams())[0]?.traffic.failed).toBe(0);
}

test.concurrent(
  "a long poll that is answered after 35 s has held its slot all the time",
  { timeout },
  async () => {
    const client = new RawClient(stack.url, "GET /poll HTTP/1.1\r\nHost: site.test\r\n\r\n");
    const { response } = await origin.exchanges.at("/poll");
    for (let second = 0; second < 35; second++) {
      await sleep(1_000);
      expect(await slots()).toBeGreaterThanOrEqual(1);
    }
    response.end("news");
    await client.receives("news");
    client.leave("FIN");
  },
);

test.concurrent(
  "a client that falls silent in its body is told so after half a minute: 408",
  { timeout },
  async () => {
    const half = "POST /half HTTP/1.1\r\nHost: site.test\r\nContent-Length: 1000\r\n\r\nhalf of i";
    const client = new RawClient(stack.url, half);
    await eventually("it is answered", () => client.received.includes("\r\n\r\n"), 45_000);
    expect(statusOf(client.received)).toBe(408);
    expect(origin.exchanges.has("/half")).toBe(false);
    client.leave("FIN");
  },
);

test.concurrent(
  "a client that falls silent in a long upload, or sends a byte now and then, gives back its slot after half a minute",
  { timeout },
  async () => {
    const half = `POST /long HTTP/1.1\r\nHost: site.test\r\nContent-Length: 1000000\r\n\r\n${"x".repeat(100_000)}`;
    const client = new RawClient(stack.url, half);
    const { isOver } = await origin.exchanges.at("/long");
    const trickling = new RawClient(stack.url, half.replace("/long", "/trickle"));
    const trickle = await origin.exchanges.at("/trickle");
    const drip = setInterval(() => trickling.send("x"), 10_000);
    await eventually("the origin is told", () => isOver() && trickle.isOver(), 45_000);
    clearInterval(drip);
    await client.receives("HTTP/1.1 408");
    await trickling.receives("HTTP/1.1 408");
    client.leave("FIN");
    trickling.leave("FIN");
  },
);

test.concurrent(
  "a head that is not there after 15 s is hung up on, however busily it is sent",
  { timeout },
  async () => {
    const client = new RawClient(stack.url, "GET /drip HTTP/1.1\r\nHost: site.test\r\n");
    const drip = setInterval(() => client.send("X-More: 1\r\n"), 500);
    await eventually("it is hung up on", () => client.isClosed, 30_000);
    clearInterval(drip);
    expect(client.received).toBe("");
  },
);

/** Answered before its end: the path is one that is refused. */
const early = "POST /%2e%2fx HTTP/1.1\r\nHost: site.test\r\nContent-Length: 1000000\r\n\r\n";

test.concurrent(
  "a client that is answered early and drips on is let go after half a minute, not before",
  { timeout },
  async () => {
    const client = new RawClient(stack.url, early);
    await client.receives("ambiguous_path");
    const answeredMs = performance.now();
    const drip = setInterval(() => client.send("x"), 500);
    await eventually("it is let go", () => client.isClosed, 45_000);
    clearInterval(drip);
    expect(performance.now() - answeredMs).toBeGreaterThan(29_000);
  },
);

test.concurrent("one that sends nothing more is let go after five seconds", { timeout }, async () => {
  const client = new RawClient(stack.url, early);
  await client.receives("ambiguous_path");
  const answeredMs = performance.now();
  await eventually("it is let go", () => client.isClosed, 20_000);
  expect(performance.now() - answeredMs).toBeGreaterThan(4_000);
});

test("of all this nothing is left, and no origin is blamed", { timeout }, expectNoTrace);
