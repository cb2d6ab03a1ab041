/** The fleet's limits on the real thing: several isolates, clients that vanish, streams that last. */
import { connect } from "node:net";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { eventually, found, inFlight, startStack, type Stack } from "../support/stack.ts";

describe("two isolates in front of one home origin with four slots", () => {
  let stack: Stack;

  beforeAll(async () => {
    stack = await startStack({
      origins: { home: ["a"], cloud: ["c"] },
      isolates: 2,
      config: (urlOf) => ({
        target: "workerd",
        upstreams: {
          shop: {
            pools: [
              { name: "home", origins: [{ name: "a", url: urlOf("a"), maxConns: 4 }] },
              { name: "cloud", origins: [{ name: "c", url: urlOf("c") }] },
            ],
            health: false,
            timeouts: { headers: "5s", total: "6s", maxHold: "2s" },
          },
        },
        routes: [{ upstream: "shop" }],
      }),
    });
  });

  afterAll(() => stack.stop());

  test("the isolates share its slots: it never has more than four open, and the rest spills as a peak", async () => {
    const clients = Array.from({ length: 24 }, async (_, client) => {
      for (let request = 0; request < 20; request++) {
        const response = await fetch(`${stack.weir.urls[client % 2]}/slow/20`);
        expect(response.status).toBe(200);
        await response.arrayBuffer();
      }
    });
    await Promise.all(clients);
    expect(found(stack.origins, "a").stats().peakOpen).toBe(4);
    const requests = stack.events.filter(({ event }) => event === "request");
    await eventually(
      "every request has its log line",
      () => stack.events.filter(({ event }) => event === "request").length >= 480,
    );
    const spilled = requests.filter(({ pool }) => pool === "cloud");
    expect(spilled.length).toBeGreaterThan(0);
    expect(spilled.every(({ spill }) => spill === "peak")).toBe(true);
    expect(requests.some(({ pool, spill }) => pool === "home" && spill !== undefined)).toBe(false);
    await eventually("all slots are free again", async () => (await inFlight(stack))["a"] === 0);
  });

  test("a hundred clients that reset before the headers leave nothing in flight", async () => {
    const { port } = new URL(stack.url);
    const sockets = Array.from({ length: 100 }, () => {
      const socket = connect(Number(port), "127.0.0.1");
      socket.write("GET /slow/3000 HTTP/1.1\r\nHost: shop\r\n\r\n");
      socket.on("error", () => {});
      return socket;
    });
    await eventually("home is full of them", async () => (await inFlight(stack))["a"] === 4);
    for (const socket of sockets) socket.resetAndDestroy();
    await eventually(
      "in-flight is back at zero, well before any timeout",
      async () => {
        const open = await inFlight(stack);
        return open["a"] === 0 && open["c"] === 0;
      },
      2_500,
    );
    const gone = stack.events.filter(({ status }) => status === 499);
    expect(gone.length).toBe(100);
  });

  test("a download that outlasts every timer keeps its slot to its end, and only to its end", async () => {
    const response = await fetch(`${stack.url}/drip?chunks=80&ms=100`);
    expect(response.status).toBe(200);
    const reader = response.body?.getReader();
    const startedMs = performance.now();
    const readings: number[] = [];
    for (let done = false; !done;) {
      done = (await reader?.read())?.done ?? true;
      if (!done) readings.push((await inFlight(stack))["a"] ?? -1);
    }
    // Longer than the total timeout and several times maxHold.
    expect(performance.now() - startedMs).toBeGreaterThan(7_000);
    // The last one may come after the end.
    expect(new Set(readings.slice(0, -1))).toEqual(new Set([1]));
    await eventually("its slot is free", async () => (await inFlight(stack))["a"] === 0);
  });
});
