/**
 * WebSockets whose one end is gone without a word, neither FIN nor RST. Weir loses its patience in two seconds instead of two minutes
 * (`timeouts.ping`).
 */
import { afterAll, beforeAll, expect, test } from "vitest";

import { RawClient } from "../support/raw-client.ts";
import { startSocketOrigin, type SocketOrigin } from "../support/socket-origin.ts";
import { eventually, inFlight, startStack, type Stack } from "../support/stack.ts";
import { carry, freshPath, openPair } from "../support/web-socket-pair.ts";

let origin: SocketOrigin;
let stack: Stack;

beforeAll(async () => {
  origin = await startSocketOrigin();
  stack = await startStack({
    origins: {},
    config: () => ({
      target: "workerd",
      upstreams: {
        site: {
          coordination: "strict",
          pools: [{ name: "home", origins: [{ name: "site", url: origin.url }] }],
          health: false,
          timeouts: { ping: "1s" },
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

const holds = (slots: number): Promise<void> =>
  eventually(`${slots} slots are in use`, async () => (await inFlight(stack))["site"] === slots);

const endings = (): unknown[] => stack.events.filter(({ status }) => status === 101).map(({ body }) => body);

test("a client that answers no ping is given up: the origin is told, and the slot is back", async () => {
  const path = freshPath();
  const client = new RawClient(
    stack.url,
    [
      `GET ${path} HTTP/1.1`,
      "Host: site.test",
      "Connection: Upgrade",
      "Upgrade: websocket",
      "Sec-WebSocket-Version: 13",
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
      "",
      "",
    ].join("\r\n"),
  );
  const { webSocket } = await origin.sockets.at(path);
  const told = new Promise((resolve) => webSocket.on("close", resolve));
  await holds(1);
  await client.receives("\x89\0");
  expect(await told).toBe(1014);
  await holds(0);
  await eventually("it is logged", () => endings().at(-1) === "client-gone");
  client.leave("RST");
});

test("an origin that answers no ping is given up: the client is told, and the slot is back", async () => {
  const { client, origin: end } = await openPair(stack.url, origin);
  await holds(1);
  end.connection.pause();
  expect(await client.closed).toEqual([1014, ""]);
  await holds(0);
  await eventually("it is logged", () => endings().at(-1) === "cut-by-origin");
  end.webSocket.terminate();
});

test("two ends that answer pings, and say nothing else, are left alone", async () => {
  const { client, origin: end } = await openPair(stack.url, origin);
  let pings = 0;
  for (const { webSocket } of [client, end]) webSocket.on("ping", () => pings++);
  // An end that had not answered the first would not be asked again, but given up.
  await eventually("each has been asked twice", () => pings >= 4);
  expect((await carry(client, end, ["still here"])).map(({ data }) => String(data))).toEqual(["still here"]);
  client.webSocket.close();
  await holds(0);
});
