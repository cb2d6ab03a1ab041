/** The fleet's limits on the real thing: four isolates, hundreds of clients, some that vanish, and streams that last. */
import { once } from "node:events";
import { connect } from "node:net";
import { finished } from "node:stream/promises";

import { request } from "undici";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";

import { maxConns, startFleet, tally, type Fleet } from "../support/fleet.ts";
import { patienceMs } from "../support/patience.ts";
import { eventually } from "../support/stack.ts";

/** A request lasts a second to its headers, and a stream of a silent isolate is counted for one more. */
const short = { headers: "1s", total: "1s", maxHold: "1s" };

let fleet: Fleet;

beforeAll(async () => {
  fleet = await startFleet({
    strict: { coordination: "strict", cloud: true },
    leased: { coordination: "leased", cloud: true },
    auto: { cloud: true },
    few: { coordination: "auto" },
    many: { coordination: "auto", maxConns: 40 },
    alone: { onCoordinatorLoss: "refuse", queue: false },
    "strict-streams": { coordination: "strict", timeouts: short },
    "leased-streams": { coordination: "leased", timeouts: short },
    refusing: { coordination: "leased", onCoordinatorLoss: "refuse", timeouts: short },
    exceeding: { coordination: "leased", onCoordinatorLoss: "exceed", timeouts: short },
  });
});

afterAll(() => fleet.stop());

const spilling = ["strict", "leased", "auto"];

test("home is used and never more than full, in every mode; the rest spills or is told to come back", async () => {
  const loads = [...spilling, "alone"].map((name) => ({ name, load: fleet.load(name, { clients: 60 }) }));
  await Promise.all(loads.map(({ load }) => load.further(300)));
  await eventually(
    "the isolate that asks for each request has filled home",
    () => fleet.peaks("strict").every((peak) => peak === maxConns),
    patienceMs,
  );
  await Promise.all(loads.map(({ load }) => load.end()));
  for (const { name, load } of loads) {
    for (const peak of fleet.peaks(name)) {
      expect(peak).toBeLessThanOrEqual(maxConns);
      // Isolates with a lease may have a slot that they do not use just now.
      expect(peak).toBeGreaterThanOrEqual(name === "strict" ? maxConns : maxConns / 2);
    }
    const refused = load.seen.filter(({ status }) => status !== 200);
    if (name === "alone") expect(refused.length).toBeGreaterThan(0);
    else expect(refused).toEqual([]);
    expect(refused.filter(({ status, retryAfter }) => status !== 503 || !Number(retryAfter))).toEqual([]);
    const modes = Object.keys(tally(load.seen));
    if (name === "leased") expect(modes).toContain("200 leased");
    if (name === "strict") expect(modes).toEqual(["200 strict"]);
  }
  await Promise.all(loads.map(({ name }) => fleet.allFree(name)));
  const spills = fleet.stack.events.filter(
    ({ event, upstream }) => event === "request" && spilling.includes(String(upstream)),
  );
  expect(spills.filter(({ pool, spill }) => (pool === "cloud") !== (spill === "peak"))).toEqual([]);
});

test("auto: isolates ask where there are few slots for each of them, and need not where there are many", async () => {
  const [few, many] = [fleet.load("few", { clients: 12 }), fleet.load("many", { clients: 30 })];
  await Promise.all([few, many].map((load) => load.further(200)));
  await Promise.all([few, many].map((load) => load.end()));
  expect(Object.keys(tally(few.seen))).toEqual(["200 strict"]);
  const { "200 leased": leased, "200 strict": strict = 0, ...others } = tally(many.seen);
  expect(others).toEqual({});
  expect(leased).toBeGreaterThan(strict);
});

test("a hundred clients that reset before the headers leave nothing in flight", async () => {
  const { port } = new URL(fleet.stack.url);
  const sockets = Array.from({ length: 100 }, () => {
    const socket = connect(Number(port), "127.0.0.1");
    socket.write("GET /slow/20000 HTTP/1.1\r\nHost: auto.test\r\n\r\n");
    socket.on("error", () => {});
    return socket;
  });
  await eventually("all are in flight", async () => {
    const open = await fleet.inFlight("auto");
    return open.reduce((sum, slots) => sum + slots, 0) === 100;
  });
  for (const socket of sockets) socket.resetAndDestroy();
  await eventually(
    "in-flight is back at zero, well before any timeout",
    async () => (await fleet.inFlight("auto")).every((open) => open === 0),
    2_500,
  );
  await eventually(
    "each has its log line",
    () => fleet.stack.events.filter(({ status }) => status === 499).length === 100,
  );
});

interface Streams {
  readonly socket: WebSocket;
  readonly closed: Promise<unknown>;
  /** Resolves at its end; rejects if it is cut. */
  readonly download: Promise<void>;
  /** How many bytes of it have come. */
  received(): number;
  /** Lets go of both. */
  close(): void;
}

/** A WebSocket, and a download of so many seconds, longer than any timer. Both are picked in this mode. */
async function openStreams(upstream: string, mode: string, seconds: number): Promise<Streams> {
  const headers = { host: `${upstream}.test` };
  const socket = await inMode(mode, async () => {
    const socket = new WebSocket(`${fleet.stack.url.replace("http", "ws")}/ws`, { headers });
    const [answer] = await once(socket, "upgrade");
    return { it: socket, mode: answer.headers["x-weir-mode"], close: () => socket.terminate() };
  });
  const closed = once(socket, "close");
  const path = `/drip?chunks=${seconds * 10}&ms=100`;
  const body = await inMode(mode, async () => {
    const { body, headers: answer } = await request(`${fleet.stack.url}${path}`, { headers });
    body.on("error", () => {});
    return { it: body, mode: answer["x-weir-mode"], close: () => body.destroy() };
  });
  let bytes = 0;
  body.on("data", (chunk: Buffer) => (bytes += chunk.length));
  const download = finished(body);
  download.catch(() => {});
  return {
    socket,
    closed,
    download,
    received: () => bytes,
    close: () => {
      socket.close();
      body.destroy();
    },
  };
}

/** Opens one after the other, until one was picked in this mode. */
async function inMode<T>(
  mode: string,
  open: () => Promise<{ it: T; mode: unknown; close: () => unknown }>,
): Promise<T> {
  for (;;) {
    const opened = await open();
    if (opened.mode === mode) return opened.it;
    opened.close();
  }
}

const home = async (upstream: string): Promise<number> =>
  (await fleet.inFlight(upstream)).reduce((sum, slots) => sum + slots, 0);

const cuts = (upstream: string) =>
  fleet.stack.events.filter((event) => event["upstream"] === upstream && event["body"] === "cut-by-weir");

test.each(["strict", "leased"])(
  "%s: a download and a WebSocket keep their slots to their ends, and only to their ends",
  async (mode) => {
    const upstream = `${mode}-streams`;
    const { socket, download } = await openStreams(upstream, mode, 5);
    await eventually("both are counted", async () => (await home(upstream)) === 2);
    const readings: number[] = [];
    const over = new AbortController();
    void download.then(() => over.abort());
    while (!over.signal.aborted) readings.push(await home(upstream));
    await download;
    // The last one may come after the end.
    expect(new Set(readings.slice(0, -1))).toEqual(new Set([2]));
    await eventually(
      "the download's slot is free, the socket's is not",
      async () => (await home(upstream)) === 1,
    );
    socket.close();
    await fleet.allFree(upstream);
  },
);

describe("while the object is silent for longer than a stream may be counted unheard", () => {
  test("streams are cut with `refuse`, and go on with `exceed`", async () => {
    const [cut, kept] = await Promise.all(
      ["refusing", "exceeding"].map((name) => openStreams(name, "leased", 50)),
    );
    if (cut === undefined || kept === undefined) throw new Error("two were asked for");
    await Promise.all(["refusing", "exceeding"].map((name) => fleet.sabotage(name, "deaf", 3_000)));
    await expect(cut.download).rejects.toThrow();
    await cut.closed;
    await eventually("both cuts are in the log", () => cuts("refusing").length === 2);
    await eventually("the other two are heard of again", async () => (await home("exceeding")) === 2);
    const before = kept.received();
    await eventually("the download goes on", () => kept.received() > before);
    expect(kept.socket.readyState).toBe(WebSocket.OPEN);
    kept.close();
    await Promise.all(["refusing", "exceeding"].map((name) => fleet.allFree(name)));
    expect(cuts("exceeding")).toEqual([]);
  });
});
