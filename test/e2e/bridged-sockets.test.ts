/**
 * What a WebSocket costs that goes to its origin by a binding, as at the edge: the two sockets are joined in JavaScript
 * (`worker/proxy/response/websocket-bridge.ts`), and the runtime takes whatever is sent.
 */
import { afterAll, beforeAll, expect, test } from "vitest";

import { RawClient } from "../support/raw-client.ts";
import { peakResidentBytes, residentBytes } from "../support/resident-memory.ts";
import { startSocketOrigin, type SocketOrigin } from "../support/socket-origin.ts";
import { eventually, startStack, type Stack } from "../support/stack.ts";
import { carry, freshPath, openPair } from "../support/web-socket-pair.ts";

let origin: SocketOrigin;
let stack: Stack;
let restingBytes: number;

beforeAll(async () => {
  origin = await startSocketOrigin();
  const via = { binding: "SERVICE", kind: "vpc-service" as const };
  stack = await startStack({
    origins: {},
    servers: { SERVICE: new URL(origin.url).host },
    config: () => ({
      target: "workerd",
      upstreams: {
        bound: {
          pools: [{ name: "home", origins: [{ name: "bound", url: "http://bound.internal", via }] }],
          health: false,
        },
      },
      routes: [{ upstream: "bound" }],
    }),
  });
  restingBytes = await residentBytes(stack.weir.pid);
});

afterAll(async () => {
  await stack.stop();
  await origin.close();
});

test("messages that wait for an end arrive as they were sent", async () => {
  const { client, origin: end } = await openPair(stack.url, origin, { perMessageDeflate: false });
  end.connection.pause();
  const messages = Array.from({ length: 16 }, (_, index) => Buffer.alloc(2 ** 20, `message ${index} `));
  const arrived = carry(client, end, messages);
  await eventually("all have left the client", () => client.webSocket.bufferedAmount === 0);
  end.connection.resume();
  const heard = await arrived;
  expect(heard.every(({ data }, index) => messages[index]?.equals(data))).toBe(true);
  client.webSocket.close();
});

test("a client whose origin reads nothing is cut before it takes 64 MiB, and takes no more when it sends on all the same", async () => {
  const path = freshPath();
  const upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13";
  const key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";
  const client = new RawClient(
    stack.url,
    `GET ${path} HTTP/1.1\r\nHost: site.test\r\n${upgrade}\r\n${key}\r\n\r\n`,
  );
  const { connection } = await origin.sockets.at(path);
  connection.pause();
  // A binary frame of 1 MiB, under a mask of zeros.
  const frame = `\x82\xFF\0\0\0\0\0\x10\0\0\0\0\0\0${"\0".repeat(2 ** 20)}`;
  for (let sent = 0; sent < 256; sent++) await client.sends(frame);
  expect(client.received).toContain("\x03\xF5");
  expect((await peakResidentBytes(stack.weir.pid)) - restingBytes).toBeLessThan(67_108_864);
  client.leave("RST");
});
