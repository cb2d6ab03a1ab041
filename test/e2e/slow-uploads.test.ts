/** Clients that send slowly keep no origin busy: it gets their bodies in one go, each with its length. */
import { createServer, type Server } from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";
import { setImmediate, setTimeout as sleep } from "node:timers/promises";

import { afterAll, beforeAll, expect, test } from "vitest";

import { ask } from "../support/ask.ts";
import { eventually, inFlight, startStack, type Stack } from "../support/stack.ts";

interface Seen {
  readonly length: string | undefined;
  readonly coding: string | undefined;
  readonly bytes: number;
}

let origin: Server;
let stack: Stack;
const seen: Seen[] = [];
let failures = 0;

beforeAll(async () => {
  origin = createServer((request, response) => {
    let bytes = 0;
    request.on("data", (piece: Buffer) => (bytes += piece.length));
    request.on("end", () => {
      const { "content-length": length, "transfer-encoding": coding } = request.headers;
      seen.push({ length, coding, bytes });
      response.writeHead(request.url === "/fails-once" && failures++ === 0 ? 503 : 200).end("ok");
    });
  });
  await new Promise<void>((resolve) => origin.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(origin.address() as AddressInfo).port}`;
  stack = await startStack({
    origins: {},
    config: () => ({
      target: "workerd",
      upstreams: {
        few: {
          pools: [{ name: "home", origins: ["a", "b"].map((name) => ({ name, url, maxConns: 2 })) }],
          health: false,
        },
      },
      routes: [{ upstream: "few" }],
    }),
  });
});

afterAll(async () => {
  await stack.stop();
  origin.close();
});

async function* piecesOf(bytes: number): AsyncGenerator<Uint8Array> {
  for (let left = bytes; left > 0; left -= 50_000) {
    yield new Uint8Array(Math.min(left, 50_000));
    // In pieces, each of them a chunk.
    await setImmediate();
  }
}

test.each([70_000, 3_000_000])("a chunked body of %i bytes arrives with its length", async (bytes) => {
  const init = { method: "POST", body: ReadableStream.from(piecesOf(bytes)), duplex: "half" };
  expect((await fetch(`${stack.url}/chunked`, init as RequestInit)).status).toBe(200);
  expect(seen.at(-1)).toEqual({ length: String(bytes), coding: undefined, bytes });
});

test("a body that is on disk is sent again to another origin", async () => {
  const body = new Uint8Array(3_000_000);
  const answer = await fetch(`${stack.url}/fails-once`, { method: "PUT", body });
  expect(answer.status).toBe(200);
  expect(seen.slice(-2).map(({ bytes }) => bytes)).toEqual([3_000_000, 3_000_000]);
});

test("thirty slow uploads before an origin of four slots delay no other request, and all arrive whole", async () => {
  const answers: string[] = [];
  const uploads: Socket[] = Array.from({ length: 30 }, () => {
    const socket = connect(Number(new URL(stack.url).port), "127.0.0.1");
    socket.on("error", () => undefined).on("data", (data) => answers.push(data.toString().slice(9, 12)));
    socket.write("POST /slow HTTP/1.1\r\nHost: site.test\r\nContent-Length: 100000\r\n\r\n");
    socket.write(Buffer.alloc(60_000));
    return socket;
  });
  // From the second second on they are slow.
  for (let second = 0; second < 3; second++) {
    await sleep(1_000);
    for (const socket of uploads) socket.write(Buffer.alloc(5_000));
    const quick = await Promise.all(Array.from({ length: 50 }, () => ask(`${stack.url}/quick`)));
    expect(new Set(quick.map(({ status }) => status))).toEqual(new Set([200]));
  }
  await eventually("no slot is held", async () =>
    Object.values(await inFlight(stack)).every((open) => open === 0),
  );
  for (const socket of uploads) socket.write(Buffer.alloc(25_000));
  await expect.poll(() => answers.length, { timeout: 10_000 }).toBe(30);
  expect(new Set(answers)).toEqual(new Set(["200"]));
  for (const socket of uploads) socket.destroy();
  expect(seen.filter(({ bytes, length }) => bytes === 100_000 && length === "100000")).toHaveLength(30);
});
