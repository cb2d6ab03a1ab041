/** The fleet's limits on the real thing: four isolates, hundreds of clients, some that vanish, and streams that last. */
import { connect } from "node:net";

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";

import { ask } from "../support/ask.ts";
import { maxConns, startFleet, tally, type Fleet } from "../support/fleet.ts";
import { eventually } from "../support/stack.ts";

/** A request lasts a second to its headers, and a stream of a silent isolate is counted for one more. */
const short = { headers: "1s", total: "1s", maxHold: "1s" };

let fleet: Fleet;

beforeAll(async () => {
  fleet = await startFleet({
    strict: { coordination: "strict", cloud: true },
    leased: { coordination: "leased", cloud: true },
    auto: { cloud: true },
    alone: { onCoordinatorLoss: "refuse" },
    "strict-streams": { coordination: "strict", timeouts: short },
    "leased-streams": { coordination: "leased", timeouts: short },
    refusing: { coordination: "leased", onCoordinatorLoss: "refuse", timeouts: short },
    exceeding: { coordination: "leased", onCoordinatorLoss: "exceed", timeouts: short },
  });
});

afterAll(() => fleet.stop());

const spilling = ["strict", "leased", "auto"];

test("home is full and never more than full, in every mode; the rest spills or is told to come back", async () => {
  const loads = [...spilling, "alone"].map((name) => ({ name, load: fleet.load(name, { clients: 60 }) }));
  await Promise.all(loads.map(({ load }) => load.further(300)));
  await eventually("each home has been full", () =>
    loads.every(({ name }) => fleet.peaks(name).every((peak) => peak >= maxConns)),
  );
  await Promise.all(loads.map(({ load }) => load.end()));
  for (const { name, load } of loads) {
    expect(fleet.peaks(name)).toEqual([maxConns, maxConns]);
    const refused = load.seen.filter(({ status }) => status !== 200);
    if (name === "alone") expect(refused.length).toBeGreaterThan(0);
    else expect(refused).toEqual([]);
    expect(refused.filter(({ status, retryAfter }) => status !== 503 || !Number(retryAfter))).toEqual([]);
    const modes = Object.keys(tally(load.seen));
    expect(modes).toContain(name === "strict" ? "200 strict" : "200 leased");
    if (name === "strict") expect(modes).not.toContain("200 leased");
  }
  await Promise.all(loads.map(({ name }) => fleet.allFree(name)));
  const spills = fleet.stack.events.filter(
    ({ event, upstream }) => event === "request" && spilling.includes(String(upstream)),
  );
  expect(spills.filter(({ pool, spill }) => (pool === "cloud") !== (spill === "peak"))).toEqual([]);
});

test("a hundred clients that reset before the headers leave nothing in flight", async () => {
  const { port } = new URL(fleet.stack.url);
  const sockets = Array.from({ length: 100 }, () => {
    const socket = connect(Number(port), "127.0.0.1");
    socket.write("GET /slow/3000 HTTP/1.1\r\nHost: auto.test\r\n\r\n");
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

/** A stream of three seconds, several times as long as any timer, and a WebSocket, both from the mode of the upstream. */
async function openStreams(upstream: string) {
  const headers = { host: `${upstream}.test` };
  if (upstream !== "strict-streams") {
    await eventually("the isolate has a lease", async () => {
      const { headers: answer } = await ask(fleet.stack.url, { headers });
      return answer["x-weir-mode"] === "leased";
    });
  }
  const socket = new WebSocket(`${fleet.stack.url.replace("http", "ws")}/ws`, { headers });
  const opened = new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
  const closed = new Promise((resolve) => socket.once("close", resolve));
  const download = ask(`${fleet.stack.url}/drip?chunks=30&ms=100`, { headers });
  download.catch(() => undefined);
  await opened;
  return { socket, closed, download };
}

const home = async (upstream: string): Promise<number> =>
  (await fleet.inFlight(upstream)).reduce((sum, slots) => sum + slots, 0);

const ends = (upstream: string) =>
  fleet.stack.events.filter((event) => event["upstream"] === upstream && event["body"] !== undefined);

test.each(["strict-streams", "leased-streams"])(
  "%s: a download and a WebSocket keep their slots to their ends, and only to their ends",
  async (upstream) => {
    const { socket, download } = await openStreams(upstream);
    await eventually("both are counted", async () => (await home(upstream)) === 2);
    const readings: number[] = [];
    let over = false;
    void download.finally(() => (over = true));
    for (; !over; readings.push(await home(upstream)));
    expect((await download).status).toBe(200);
    // The last one may come after the end.
    expect(new Set(readings.slice(0, -1))).toEqual(new Set([2]));
    await eventually(
      "the download's slot is free, the socket's is not",
      async () => (await home(upstream)) === 1,
    );
    socket.close();
    await fleet.allFree(upstream);
    expect(ends(upstream).map(({ body }) => body)).toEqual(["complete", "complete"]);
    if (upstream === "leased-streams")
      expect(new Set(ends(upstream).map(({ mode }) => mode))).toContain("leased");
  },
);

describe("while the object is silent for longer than a stream may be counted unheard", () => {
  test("streams are cut with `refuse`, and go on with `exceed`", async () => {
    const [cut, kept] = await Promise.all(["refusing", "exceeding"].map(openStreams));
    if (cut === undefined || kept === undefined) throw new Error("two were asked for");
    await Promise.all(["refusing", "exceeding"].map((name) => fleet.sabotage(name, "deaf", 3_000)));
    await expect(cut.download).rejects.toThrow();
    await cut.closed;
    await eventually("both cuts are in the log", () => ends("refusing").length === 2);
    expect(ends("refusing").map(({ body }) => body)).toEqual(["cut-by-weir", "cut-by-weir"]);
    expect((await kept.download).body.toString()).toContain("chunk 29");
    expect(kept.socket.readyState).toBe(WebSocket.OPEN);
    kept.socket.close();
    await eventually("both ends are in the log", () => ends("exceeding").length === 2);
    expect(ends("exceeding").map(({ body }) => body)).toEqual(["complete", "complete"]);
    for (const name of ["refusing", "exceeding"]) await fleet.allFree(name);
  });
});
