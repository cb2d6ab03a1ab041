/** The queue on the real thing: four isolates, more clients than slots, some that vanish, and an object that dies. */
import { connect, type Socket } from "node:net";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { ask } from "../support/ask.ts";
import { startFleet, type Fleet } from "../support/fleet.ts";
import { eventually } from "../support/stack.ts";

let fleet: Fleet;

/** As long as there may be: on a slow machine ten seconds may be too short for a crowd. */
const patient = { queue: { length: 100, timeout: "60s" }, timeouts: { total: "120s" } };

beforeAll(async () => {
  fleet = await startFleet({
    auto: { maxConns: 4, ...patient, onCoordinatorLoss: "refuse" },
    strict: { maxConns: 4, ...patient, coordination: "strict", onCoordinatorLoss: "refuse" },
    leased: { maxConns: 4, ...patient, coordination: "leased", onCoordinatorLoss: "refuse" },
    dies: { maxConns: 4, ...patient, onCoordinatorLoss: "refuse" },
    ordered: { maxConns: 1, ...patient, priority: { header: "X-Priority" } },
    vanish: { maxConns: 1, ...patient },
    short: { maxConns: 1, queue: { length: 2, timeout: "300ms" } },
  });
});

afterAll(() => fleet.stop());

const requestsOf = (upstream: string) =>
  fleet.stack.events.filter((event) => event["event"] === "request" && event["upstream"] === upstream);

describe("sixty clients at eight slots", () => {
  test.each(["auto", "strict", "leased"])(
    "%s: no request is refused, the limit is never exceeded, and the slots are used",
    async (name) => {
      const load = fleet.load(name, { clients: 60 });
      await load.further(400);
      await load.end();
      expect(load.seen.filter(({ status }) => status !== 200)).toEqual([]);
      expect(fleet.peaks(name)).toEqual([4, 4]);
      const waited = requestsOf(name).filter(({ queuedMs }) => Number(queuedMs) > 0);
      expect(waited.length).toBeGreaterThan(300);
      expect(await fleet.waiting(name)).toBe(0);
      await fleet.allFree(name);
    },
  );

  test("and an object that dies while they wait: they ask again, none is refused, no limit is exceeded", async () => {
    const load = fleet.load("dies", { clients: 60 });
    await load.further(60);
    for (let time = 0; time < 3; time++) {
      await eventually("many wait", async () => (await fleet.waiting("dies")) > 30);
      await fleet.sabotage("dies", "abort");
      await load.further(60);
    }
    await load.end();
    expect(load.seen.filter(({ status }) => status !== 200)).toEqual([]);
    for (const peak of fleet.peaks("dies")) expect(peak).toBeLessThanOrEqual(4);
    expect(await fleet.waiting("dies")).toBe(0);
    await fleet.allFree("dies");
  });
});

/** So many requests, whose connections stay open until they are reset, which is noticed at once. */
function send(upstream: string, path: string, count: number): Socket[] {
  return Array.from({ length: count }, (_, index) => {
    const { port } = new URL(fleet.stack.weir.urls[index % fleet.stack.weir.urls.length] ?? "");
    const socket = connect(Number(port), "127.0.0.1");
    socket.write(`GET ${path} HTTP/1.1\r\nHost: ${upstream}.test\r\n\r\n`);
    socket.on("error", () => {});
    return socket;
  });
}

/** So many requests that keep their slots until they are reset. */
async function occupy(upstream: string, slots: number): Promise<Socket[]> {
  const sockets = send(upstream, "/slow/20000", slots);
  await eventually("the slots are taken", async () => {
    const counts = await fleet.inFlight(upstream);
    return counts.reduce((sum, count) => sum + count, 0) === slots;
  });
  return sockets;
}

test("requests that wait at several isolates are served in order, higher priorities first", async () => {
  const [held, other] = await occupy("ordered", 2);
  const asked = ["low", "normal", "urgent", "high", "low", "normal", "high"];
  const served: number[] = [];
  const answers: Promise<unknown>[] = [];
  for (const [index, priority] of asked.entries()) {
    const url = fleet.stack.weir.urls[index % fleet.stack.weir.urls.length] ?? "";
    const headers = { host: "ordered.test", "x-priority": priority };
    answers.push(
      ask(url, { headers }).then(({ status }) => {
        expect(status).toBe(200);
        return served.push(index);
      }),
    );
    await eventually("it waits", async () => (await fleet.waiting("ordered")) === index + 1);
  }
  held?.resetAndDestroy();
  await Promise.all(answers);
  // Who claims what is no priority is one of the normal ones.
  expect(served).toEqual([3, 6, 1, 2, 5, 0, 4]);
  other?.resetAndDestroy();
  await fleet.allFree("ordered");
});

test("clients that vanish while they wait leave no request waiting, and no slot taken", async () => {
  const held = await occupy("vanish", 2);
  const sockets = send("vanish", "/", 20);
  await eventually("all wait", async () => (await fleet.waiting("vanish")) === 20);
  for (const socket of sockets) socket.resetAndDestroy();
  await eventually("no request waits", async () => (await fleet.waiting("vanish")) === 0, 15_000);
  expect(await fleet.inFlight("vanish")).toEqual([1, 1]);
  const isGone = ({ status, queuedMs }: Record<string, unknown>) => status === 499 && Number(queuedMs) >= 0;
  await eventually("each has its log line", () => requestsOf("vanish").filter(isGone).length === 20);
  for (const socket of held) socket.resetAndDestroy();
  await fleet.allFree("vanish");
});

test("a request that finds no place is refused at once, one that is not served in time then, and both are told when to come back", async () => {
  const held = await occupy("short", 2);
  const answers = await Promise.all(
    Array.from({ length: 5 }, () => ask(fleet.stack.url, { headers: { host: "short.test" } })),
  );
  for (const { status, headers } of answers) {
    expect(status).toBe(503);
    expect(Number(headers["retry-after"])).toBeGreaterThanOrEqual(1);
  }
  const refused = requestsOf("short").filter(({ status }) => status === 503);
  expect(refused.map(({ failure }) => failure)).toEqual(Array.from({ length: 5 }, () => "full"));
  expect(refused.filter(({ queuedMs }) => queuedMs === undefined).length).toBe(3);
  // The object counts its time from before the isolate knows that it waits.
  for (const { queuedMs, durationMs } of refused) {
    if (queuedMs !== undefined) expect(Number(durationMs)).toBeGreaterThanOrEqual(290);
  }
  for (const socket of held) socket.resetAndDestroy();
  await fleet.allFree("short");
});
