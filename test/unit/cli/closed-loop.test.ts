/** The load generator, against a server whose answers the test gives out by hand. */
import { createServer, type Server, type ServerResponse } from "node:http";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { runClosedLoop, type LoadRecord } from "../../../cli/load/closed-loop.ts";
import { listening } from "./listening.ts";

let server: Server;
let url: string;
let waiting: ServerResponse[];

beforeEach(async () => {
  waiting = [];
  server = createServer((_, response) => void waiting.push(response));
  url = `http://127.0.0.1:${await listening(server)}`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

function load(clients: number) {
  const records: LoadRecord[] = [];
  const over = new AbortController();
  const ended = runClosedLoop({
    url,
    clients,
    signal: over.signal,
    onRecord: (record) => records.push(record),
  });
  return { records, over, ended };
}

const requestsWaiting = (count: number) => vi.waitFor(() => expect(waiting).toHaveLength(count), 5000);
const answerAll = (): void => {
  for (const response of waiting.splice(0)) response.end("ok");
};

describe("a closed loop of 3 clients", () => {
  it("has exactly 3 requests open, and a client sends its next one only after an answer", async () => {
    const { records, over, ended } = load(3);
    await requestsWaiting(3);
    waiting.shift()?.end("ok");
    await requestsWaiting(3);
    expect(records).toHaveLength(1);
    over.abort();
    answerAll();
    await ended;
  });

  it("when it is over, awaits what is open and starts nothing", async () => {
    const { records, over, ended } = load(3);
    await requestsWaiting(3);
    over.abort();
    answerAll();
    await ended;
    expect(records.map(({ outcome }) => outcome)).toEqual(
      Array.from({ length: 3 }, () => ({ kind: "answered", status: 200 })),
    );
    expect(waiting).toEqual([]);
  });
});

it("clients that keep their cookies send the last one they were given, each its own", async () => {
  const sent: (string | undefined)[] = [];
  server.removeAllListeners("request").on("request", ({ headers }, response: ServerResponse) => {
    sent.push(headers.cookie);
    response
      .writeHead(200, sent.length <= 2 ? { "Set-Cookie": `weir=${sent.length}; Path=/; HttpOnly` } : {})
      .end();
  });
  const over = new AbortController();
  const cookies: (string | undefined)[] = [];
  await runClosedLoop({
    url,
    clients: 2,
    keepCookies: true,
    signal: over.signal,
    onRecord: ({ outcome }) => {
      if (outcome.kind === "answered") cookies.push(outcome.cookie);
      if (cookies.length === 6) over.abort();
    },
  });
  expect(sent.slice(0, 2)).toEqual([undefined, undefined]);
  expect(new Set(sent.slice(2))).toEqual(new Set(["weir=1", "weir=2"]));
  expect(cookies.filter((cookie) => cookie !== undefined)).toEqual(["weir=1", "weir=2"]);
});

describe("a record", () => {
  async function only(
    respond: (response: ServerResponse) => void,
  ): Promise<LoadRecord["outcome"] | undefined> {
    const { records, over, ended } = load(1);
    await requestsWaiting(1);
    over.abort();
    for (const response of waiting) respond(response);
    await ended;
    return records[0]?.outcome;
  }

  it("says the status, and which origin answered", async () => {
    const outcome = await only((response) => response.writeHead(503, { "X-Origin": "cloud-1" }).end());
    expect(outcome).toEqual({ kind: "answered", status: 503, origin: "cloud-1" });
  });

  it("of a connection that was closed is a failure", async () => {
    expect(await only((response) => response.destroy())).toMatchObject({ kind: "failed" });
  });

  it("of a body that broke off is a failure, although its status was 200", async () => {
    const outcome = await only((response) => {
      response.writeHead(200, { "Content-Length": "100" });
      response.write("half", () => response.destroy());
    });
    expect(outcome).toMatchObject({ kind: "failed" });
  });
});
