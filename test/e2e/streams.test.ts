/** Answers that take their time, and ends that do: server-sent events, long polls, slow clients, slow origins. */
import { setTimeout as sleep } from "node:timers/promises";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { startHeldOrigin, type HeldExchange, type HeldOrigin } from "../support/held-origin.ts";
import { RawClient } from "../support/raw-client.ts";
import { statusOf, values } from "../support/raw.ts";
import { residentBytes } from "../support/resident-memory.ts";
import { eventually, inFlight, origins, startStack, type Stack } from "../support/stack.ts";

let origin: HeldOrigin;
let stack: Stack;

beforeAll(async () => {
  origin = await startHeldOrigin();
  const upstream = (name: string) => ({
    pools: [{ name: "home", origins: [{ name, url: origin.url }] }],
    coordination: "strict" as const,
    health: false as const,
    passive: { failures: 2 },
    timeouts: { headers: "20s", total: "20s", maxHold: "1s" },
  });
  const nobody = { name: "home", origins: [{ name: "nobody", url: "http://127.0.0.1:9" }] };
  const paid = { name: "cloud", cost: { perGb: 1 }, origins: [{ name: "paid", url: origin.url }] };
  stack = await startStack({
    origins: {},
    config: () => ({
      target: "workerd",
      upstreams: {
        site: upstream("site"),
        // Its answers are weighed, so they go through JavaScript.
        paid: { ...upstream("paid"), pools: [nobody, paid] },
        hasty: { ...upstream("hasty"), timeouts: { headers: "300ms", total: "300ms" } },
      },
      routes: ["site", "paid", "hasty"].map((name) => ({ host: `${name}.test`, upstream: name })),
    }),
  });
});

afterAll(async () => {
  await stack.stop();
  await origin.close();
});

let asked = 0;

/** A request of a client's, which has reached the origin. */
async function open(
  host: string,
  fields: readonly string[] = [],
): Promise<HeldExchange & { client: RawClient }> {
  const path = `/held-${asked++}`;
  const client = new RawClient(stack.url, get(path, host, fields));
  return { client, ...(await origin.exchanges.at(path)) };
}

const get = (path: string, host: string, fields: readonly string[] = []): string =>
  [`GET ${path} HTTP/1.1`, `Host: ${host}.test`, ...fields, "", ""].join("\r\n");

const holds = (name: string, slots: number): Promise<void> =>
  eventually(`${name} has ${slots} slots in use`, async () => (await inFlight(stack))[name] === slots);

async function failuresOf(name: string): Promise<number | undefined> {
  return origins(await stack.admin.upstreams()).find((one) => one.name === name)?.traffic.failed;
}

describe.each(["site", "paid"])("server-sent events of %s", (host) => {
  const headers = { "Content-Type": "text/event-stream", "Cache-Control": "no-store" };

  // The origin says nothing more until the client has what it said last: whatever is kept back stays back for good.
  test("reach the client one by one, as the origin sends them: headers, comments and events", async () => {
    const { client, response } = await open(host);
    response.writeHead(200, headers).flushHeaders();
    await client.receives("\r\n\r\n");
    expect(values(client.received, "content-type")).toEqual(["text/event-stream"]);
    expect(values(client.received, "cache-control")).toEqual(["no-store"]);
    await holds(host, 1);
    for (let id = 0; id < 20; id++) {
      response.write(": still here\n\n");
      await client.receives(": still here\n\n");
      response.write(`id: ${id}\ndata: x\n\n`);
      await client.receives(`id: ${id}\n`);
    }
    response.end();
    await client.receives("\r\n0\r\n\r\n");
    await holds(host, 0);
    client.leave("FIN");
  });

  test("go on where they ended: the client's Last-Event-ID is the origin's to read", async () => {
    const first = await open(host);
    first.response.writeHead(200, headers).write("id: 7\ndata: x\n\n");
    await first.client.receives("id: 7");
    first.request.socket.destroy();
    // Cut, not ended: there is no last chunk.
    await eventually("the client sees the cut", () => first.client.isClosed);
    expect(first.client.received).not.toContain("\r\n0\r\n\r\n");
    const second = await open(host, ["Last-Event-ID: 7"]);
    expect(second.request.headers["last-event-id"]).toBe("7");
    second.response.writeHead(200, headers).end("id: 8\n\n");
    await second.client.receives("id: 8");
    second.client.leave("FIN");
    await holds(host, 0);
  });
});

describe("a long poll", () => {
  test("has its answer when there is one, and its slot until then", async () => {
    const { client, response } = await open("site");
    await holds("site", 1);
    const other = await open("site");
    other.response.end("others are served");
    await other.client.receives("others are served");
    await holds("site", 1);
    response.end("news");
    await client.receives("news");
    await holds("site", 0);
    client.leave("FIN");
  });

  test("whose client has said that it sends nothing more is answered all the same", async () => {
    const { client, response } = await open("site");
    client.endSending();
    response.writeHead(200).write("one");
    await client.receives("one");
    response.end("two");
    await client.receives("two");
    await holds("site", 0);
  });

  test("that has no answer in time is a 504, its slot is back, and no other origin is blamed", async () => {
    const { client, isOver } = await open("hasty");
    await client.receives("\r\n\r\n");
    expect(statusOf(client.received)).toBe(504);
    await eventually("the origin is told", isOver);
    await holds("hasty", 0);
    await eventually("it counts", async () => (await failuresOf("hasty")) === 1);
    client.leave("FIN");
  });
});

describe("what is slow", () => {
  const whole = 50_000_000;

  test("clients that read nothing hold their origins back, no memory, and no other client", async () => {
    const [before, failures] = [await residentBytes(stack.weir.pid), await failuresOf("site")];
    const slow = await Promise.all(Array.from({ length: 6 }, () => open("site")));
    let sent = 0;
    for (const { client, response } of slow) {
      response.writeHead(200, { "Content-Length": whole }).flushHeaders();
      await client.receives("\r\n\r\n");
      client.stopReading();
      const more = (): void => {
        do sent += 65_536;
        while (response.write(Buffer.alloc(65_536)));
      };
      response.on("drain", more);
      more();
    }
    let [seen, still] = [-1, 0];
    await eventually("all origins have to wait", () => {
      still = seen === sent ? still + 1 : 0;
      seen = sent;
      return still > 10;
    });
    expect((await residentBytes(stack.weir.pid)) - before).toBeLessThan(64_000_000);
    await holds("site", 6);
    const other = await open("site");
    other.response.end("at once");
    await other.client.receives("at once");
    for (const { client } of slow) client.leave("RST");
    await eventually("their origins are told", () => slow.every(({ isOver }) => isOver()));
    await holds("site", 0);
    expect(await failuresOf("site")).toBe(failures);
  });

  test("a client that sends byte by byte is heard to its end, and no origin waits with it", async () => {
    const path = `/held-${asked++}`;
    const head = `POST ${path} HTTP/1.1\r\nHost: site.test\r\nContent-Length: 20\r\n\r\n`;
    const client = new RawClient(stack.url, "");
    const drip = async (bytes: string): Promise<void> => {
      for (const byte of bytes) {
        client.send(byte);
        await sleep(1);
      }
    };
    await drip(`${head}nineteen characters`);
    expect(origin.exchanges.has(path)).toBe(false);
    expect(await inFlight(stack)).toMatchObject({ site: 0 });
    await drip(".");
    const { response } = await origin.exchanges.at(path);
    response.end("heard");
    await client.receives("heard");
    client.leave("FIN");
  });

  test("an origin that answers byte by byte is passed on byte by byte", async () => {
    const { client, request } = await open("site");
    const head = "HTTP/1.1 200 OK\r\nContent-Length: 20000\r\n\r\n";
    request.socket.setNoDelay().write(head.slice(0, 20));
    for (const byte of head.slice(20)) request.socket.write(byte);
    for (let count = 1; count <= 50; count++) {
      request.socket.write("x");
      await client.receives(`\r\n\r\n${"x".repeat(count)}`);
    }
    await holds("site", 1);
    request.socket.write("x".repeat(20_000 - 50));
    await holds("site", 0);
    client.leave("FIN");
  });
});
