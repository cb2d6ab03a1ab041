/** WebSockets through Weir, from the handshake to the last frame: what docs/http.md promises of them. */
import { once } from "node:events";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import type { WeirOrigin } from "../../worker/config/weir-config.ts";
import { residentBytes } from "../support/resident-memory.ts";
import { RawClient } from "../support/raw-client.ts";
import { statusOf, values } from "../support/raw.ts";
import { startSocketOrigin, type SocketOrigin } from "../support/socket-origin.ts";
import { runSocketCrowd } from "../support/socket-crowd.ts";
import { runSocketFlood } from "../support/socket-flood.ts";
import { adminToken, eventually, inFlight, origins, startStack, type Stack } from "../support/stack.ts";
import { carry, freshPath, openPair } from "../support/web-socket-pair.ts";

let origin: SocketOrigin;
let other: SocketOrigin;
let mortal: SocketOrigin;
let stack: Stack;

beforeAll(async () => {
  const choose = (path: string): string | undefined => /choose=(\w+)/.exec(path)?.[1];
  [origin, other, mortal] = await Promise.all([
    startSocketOrigin({ choose, deflates: true }),
    startSocketOrigin({ echoes: true }),
    startSocketOrigin(),
  ]);
  const upstream = (...pool: WeirOrigin[]) => ({
    policy: "first" as const,
    // Each slot is told of at once.
    coordination: "strict" as const,
    pools: [{ name: "home", origins: pool }],
    health: false as const,
    passive: { failures: 2 },
  });
  const service = { binding: "SERVICE", kind: "vpc-service" as const };
  const nobody = { name: "nobody", url: "http://127.0.0.1:9" };
  stack = await startStack({
    origins: {},
    servers: { SERVICE: new URL(origin.url).host },
    config: () => ({
      target: "workerd",
      upstreams: {
        site: upstream({ name: "site", url: origin.url }),
        drained: upstream({ name: "first", url: origin.url }, { name: "second", url: other.url }),
        spare: upstream(nobody, { name: "spare", url: origin.url }),
        mortal: upstream({ name: "mortal", url: mortal.url }, { name: "heir", url: origin.url }),
        echo: upstream({ name: "echo", url: other.url }),
        muddled: upstream({ name: "muddled", url: other.url }),
        bound: upstream({ name: "bound", url: "http://bound.internal", via: service }),
      },
      routes: ["site", "drained", "spare", "mortal", "echo", "muddled", "bound"].map((name) => ({
        host: `${name}.test`,
        upstream: name,
      })),
    }),
  });
});

afterAll(async () => {
  await stack.stop();
  await Promise.all([origin, other, mortal].map((one) => one.close()));
});

const slotsOf = async (name: string): Promise<number | undefined> => (await inFlight(stack))[name];
const holds = (name: string, slots: number): Promise<void> =>
  eventually(`${name} has ${slots} slots in use`, async () => (await slotsOf(name)) === slots);

async function failuresOf(name: string): Promise<number | undefined> {
  const all = origins(await stack.admin.upstreams());
  return all.find((one) => one.name === name)?.traffic.failed;
}

/** What the log says of how the origin's sockets ended. */
const endings = (name: string): unknown[] =>
  stack.events.filter((event) => event["status"] === 101 && event["origin"] === name).map(({ body }) => body);

/** A handshake with these fields: what comes back, and what the origin saw. */
async function shakeHands(fields: readonly string[], choice = "") {
  const path = `${freshPath()}?choose=${choice}`;
  const client = new RawClient(stack.url, handshake(path, fields));
  const { request, webSocket } = await origin.sockets.at(path);
  await client.receives("\r\n\r\n");
  client.leave("RST");
  return { answer: client.received, asked: request.headers, extensions: webSocket.extensions };
}

function handshake(path: string, fields: readonly string[], host = "site.test"): string {
  const key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";
  const upgrade = ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", key];
  return [`GET ${path} HTTP/1.1`, `Host: ${host}`, ...upgrade, ...fields, "", ""].join("\r\n");
}

describe("the handshake", () => {
  // What the client is to do about an answer that it did not ask for is its own business (RFC 6455 §4.1).
  test.each([
    ["one of those", "chat_v2", ["chat_v2"]],
    ["none", "", []],
    ["one that was not offered", "other", ["other"]],
  ])("offers subprotocols in their order, and the origin chooses %s", async (_what, choice, chosen) => {
    const { answer, asked } = await shakeHands(["Sec-WebSocket-Protocol: chat_v1, chat_v2"], choice);
    expect(asked["sec-websocket-protocol"]).toBe("chat_v1, chat_v2");
    expect(values(answer, "sec-websocket-protocol")).toEqual(chosen);
    expect(values(answer, "sec-websocket-accept")).toEqual(["s3pPLMBiTxaQ9kYGzzhZRbK+xOo="]);
  });

  test.each([
    ["permessage-deflate", ["permessage-deflate"]],
    ["permessage-deflate; client_max_window_bits=10", ["permessage-deflate; client_max_window_bits=10"]],
    ["x-unknown, permessage-deflate", ["permessage-deflate"]],
    ["x-unknown", []],
    ["", []],
  ])("offers the extensions %j: what the origin agrees to is agreed", async (offer, agreed) => {
    const fields = offer === "" ? [] : [`Sec-WebSocket-Extensions: ${offer}`];
    const { answer, asked, extensions } = await shakeHands(fields);
    expect(values(answer, "sec-websocket-extensions")).toEqual(agreed);
    expect(asked["sec-websocket-extensions"]).toBe(agreed[0]);
    expect(extensions).toBe(agreed.length === 0 ? "" : "permessage-deflate");
  });

  test("whose offer to compress the origin declines is agreed without", async () => {
    const { client } = await openPair(stack.url, other, { host: "echo.test", perMessageDeflate: true });
    expect(client.webSocket.extensions).toBe("");
    client.webSocket.terminate();
  });

  test("that the origin refuses is refused in its words", async () => {
    const client = new RawClient(stack.url, handshake("/refused", []));
    await client.receives("not here");
    expect(statusOf(client.received)).toBe(403);
    client.leave("RST");
  });

  test("that the origin gets wrong is a 502 in Weir's words, not in the runtime's", async () => {
    const client = new RawClient(stack.url, handshake("/muddled", [], "muddled.test"));
    await client.receives("bad_gateway");
    expect(statusOf(client.received)).toBe(502);
    expect(client.received).not.toContain("Sec-WebSocket-Accept");
    client.leave("RST");
    await holds("muddled", 0);
  });

  test("reaches the origin with all bytes of its fields, also those that are no UTF-8", async () => {
    const { asked } = await shakeHands(["Cookie: name=Jos\xE9"]);
    expect(asked.cookie).toBe("name=Jos\xE9");
  });

  test("that is refused leaves no connection that another handshake could be taken for", async () => {
    for (let times = 0; times < 3; times++) {
      const client = new RawClient(stack.url, handshake("/refused", []));
      await client.receives("not here");
      client.leave("RST");
    }
    const { client } = await openPair(stack.url, other, { host: "echo.test" });
    client.webSocket.close();
    await client.closed;
  });

  test("goes to another origin, where the first is not there", async () => {
    const { client, origin: end } = await openPair(stack.url, origin, { host: "spare.test" });
    await expect(carry(client, end, ["hello"])).resolves.toHaveLength(1);
    client.webSocket.close();
    await client.closed;
  });
});

describe("messages", () => {
  const sizes = [0, 1, 125, 126, 65_535, 65_536, 1_048_576];
  const binary = sizes.map((size) => Buffer.from(Array.from({ length: size }, (_, at) => (at * 7) % 256)));
  // Characters of one, two, three and four bytes, the first and the last of all among them.
  const sample = "aé€😀\u0000\u{10FFFF}";
  const text = sizes.map((size) => {
    const bytes = Buffer.byteLength(sample);
    return sample.repeat(size / bytes) + "x".repeat(size % bytes);
  });

  test.each([
    ["compressed", true],
    ["not compressed", false],
  ])(
    "%s cross byte by byte in both directions, text as text and binary as binary",
    async (_what, deflates) => {
      const { client, origin: end } = await openPair(stack.url, origin, { perMessageDeflate: deflates });
      expect(client.webSocket.extensions).toBe(deflates ? "permessage-deflate" : "");
      const messages = [...binary, ...text];
      for (const [from, to] of [
        [client, end],
        [end, client],
      ] as const) {
        const heard = await carry(from, to, messages);
        expect(heard.map(({ isBinary }) => isBinary)).toEqual(
          messages.map((message) => Buffer.isBuffer(message)),
        );
        expect(heard.every(({ data }, index) => data.equals(Buffer.from(messages[index] ?? "")))).toBe(true);
      }
      client.webSocket.close();
      await end.closed;
    },
  );

  test("in several frames arrive in one", async () => {
    const { client, origin: end } = await openPair(stack.url, origin, { perMessageDeflate: false });
    const arrived = once(end.webSocket, "message");
    for (const part of ["in ", "three ", "frames"]) client.webSocket.send(part, { fin: part === "frames" });
    expect(String((await arrived)[0])).toBe("in three frames");
    client.webSocket.close();
  });

  test("that are not the text they claim to be, or not masked, go as they are: the origin judges them", async () => {
    const faults = [
      ["\x81\x82\0\0\0\0a\xFF", "WS_ERR_INVALID_UTF8"],
      ["\x81\x01b", "WS_ERR_EXPECTED_MASK"],
    ] as const;
    for (const [frame, fault] of faults) {
      const path = freshPath();
      const client = new RawClient(stack.url, handshake(path, []));
      const { webSocket } = await origin.sockets.at(path);
      const judged = once(webSocket, "error");
      client.send(frame);
      expect((await judged)[0]).toMatchObject({ code: fault });
      client.leave("RST");
    }
  });

  test("larger than any that the runtime would hold cross all the same", async () => {
    const { client, origin: end } = await openPair(stack.url, origin, { perMessageDeflate: false });
    const large = Buffer.alloc(2 ** 25 + 1, "large");
    for (const [from, to] of [
      [client, end],
      [end, client],
    ] as const) {
      const [heard] = await carry(from, to, [large]);
      expect(heard?.data.equals(large)).toBe(true);
    }
    client.webSocket.close();
    await end.closed;
  });

  test.each(["client", "origin"] as const)(
    "that the %s does not read stay with their sender: Weir's memory stays flat, and all arrive when it reads",
    async (deaf) => {
      const pair = await openPair(stack.url, origin, { perMessageDeflate: false });
      const [from, to] = deaf === "client" ? [pair.origin, pair.client] : [pair.client, pair.origin];
      const before = await residentBytes(stack.weir.pid);
      to.connection.pause();
      const message = Buffer.alloc(30 * 2 ** 20, "unread");
      const messages = Array.from({ length: 4 }, () => message);
      const arrived = carry(from, to, messages);
      let most = before;
      const look = async (): Promise<void> => {
        most = Math.max(most, await residentBytes(stack.weir.pid));
      };
      // Whatever Weir takes of them it takes in a fraction of this time.
      for (const untilMs = performance.now() + 1_000; performance.now() < untilMs;) await look();
      expect(to.messages).toEqual([]);
      to.connection.resume();
      const watch = setInterval(() => void look(), 20);
      expect((await arrived).every(({ data }) => data.equals(message))).toBe(true);
      clearInterval(watch);
      expect(most - before).toBeLessThan(64_000_000);
      pair.client.webSocket.close();
      await pair.origin.closed;
    },
  );

  test("that an origin says back, 64 MiB each way, leave Weir's memory flat", async () => {
    const { before, most } = await runSocketFlood(stack, { host: "echo.test", count: 64 });
    expect(most - before).toBeLessThan(64_000_000);
  });

  test("pings and pongs cross with what they carry, so that each end knows of the other", async () => {
    const { client, origin: end } = await openPair(stack.url, origin);
    for (const [from, to] of [
      [client, end],
      [end, client],
    ] as const) {
      const [ping, pong] = [once(to.webSocket, "ping"), once(from.webSocket, "pong")];
      from.webSocket.ping("are you there?");
      expect(String((await ping)[0])).toBe("are you there?");
      expect(String((await pong)[0])).toBe("are you there?");
    }
    client.webSocket.close();
    await end.closed;
  });
});

describe("the end", () => {
  const sides = ["client", "origin"] as const;

  test.each([
    [1000, ""],
    [1000, "bye"],
    [1001, "going away"],
    [1011, "broken"],
    [3000, "a library's"],
    [4999, "é".repeat(61)],
    [undefined, ""],
  ])("by %s %j is told to the other, whichever end makes it, and the slot is back", async (code, reason) => {
    for (const side of sides) {
      const pair = await openPair(stack.url, origin);
      await holds("site", 1);
      pair[side].webSocket.close(code, reason);
      const told = [code ?? 1005, reason];
      expect(await Promise.all([pair.client.closed, pair.origin.closed])).toEqual([told, told]);
      await holds("site", 0);
    }
    expect(endings("site").slice(-2)).toEqual(["complete", "complete"]);
  });

  test.each([
    ["client", "FIN", "client-gone"],
    ["client", "RST", "client-gone"],
    ["origin", "FIN", "cut-by-origin"],
    ["origin", "RST", "cut-by-origin"],
  ] as const)(
    "of the %s's connection by %s is told to the other, and no origin is blamed",
    async (side, how, ended) => {
      const pair = await openPair(stack.url, origin);
      const { connection } = pair[side];
      if (how === "RST") connection.resetAndDestroy();
      else connection.destroy();
      expect(await pair[side === "client" ? "origin" : "client"].closed).toEqual([1014, ""]);
      await holds("site", 0);
      expect(endings("site").at(-1)).toBe(ended);
      expect(await failuresOf("site")).toBe(0);
    },
  );

  test("of an origin with twenty sockets open is told to all of them, and the next go elsewhere", async () => {
    const pairs = await Promise.all(
      Array.from({ length: 20 }, () => openPair(stack.url, mortal, { host: "mortal.test" })),
    );
    await holds("mortal", 20);
    await mortal.close();
    expect(await Promise.all(pairs.map(({ client }) => client.closed))).toEqual(pairs.map(() => [1014, ""]));
    await holds("mortal", 0);
    const { client } = await openPair(stack.url, origin, { host: "mortal.test" });
    client.webSocket.close();
  });
});

test("an origin that is drained keeps the sockets it has, and gets no new ones", async () => {
  const early = await openPair(stack.url, origin, { host: "drained.test" });
  await fetch(`${stack.url}/_weir/api/v1/upstreams/drained/origins/first/drain`, {
    method: "POST",
    headers: { Authorization: `Bearer ${adminToken}` },
  });
  const late = await openPair(stack.url, other, { host: "drained.test" });
  await Promise.all([holds("first", 1), holds("second", 1)]);
  await expect(carry(early.client, early.origin, ["still here"])).resolves.toHaveLength(1);
  for (const { client } of [early, late]) client.webSocket.close();
  await Promise.all([holds("first", 0), holds("second", 0)]);
});

test("two hundred at once open, are heard, hold two hundred slots, and close", async () => {
  const crowd = await runSocketCrowd(stack, { host: "echo.test", origin: "echo", count: 200 });
  expect(crowd.firstMessages).toEqual(crowd.firstMessages.map((_, index) => `hello ${index}`));
  expect(crowd.codes).toEqual(crowd.codes.map(() => 4000));
  expect(crowd.resident.open - crowd.resident.before).toBeLessThan(64_000_000);
});

// As at the edge: the way to the origin is a binding, so the two sockets are joined in JavaScript.
describe("messages that the runtime reads", () => {
  test("that are not the text they claim to be, or not masked, arrive as the runtime reads them", async () => {
    const path = freshPath();
    const client = new RawClient(stack.url, handshake(path, [], "bound.test"));
    const { webSocket } = await origin.sockets.at(path);
    const heard: string[] = [];
    webSocket.on("message", (data: Buffer) => heard.push(data.toString()));
    client.send("\x81\x82\0\0\0\0a\xFF\x81\x01b");
    await eventually("both have arrived", () => heard.length === 2);
    expect(heard).toEqual(["a\uFFFD", "b"]);
    client.leave("RST");
  });

  test("larger than 32 MiB end the socket with the code for that, and the origin is not blamed", async () => {
    const path = freshPath();
    const client = new RawClient(stack.url, handshake(path, [], "bound.test"));
    const { webSocket } = await origin.sockets.at(path);
    const closed = once(webSocket, "close");
    // The beginning of a frame of one byte more; 1009 is 0x03F1.
    client.send("\x82\xFF\x00\x00\x00\x00\x02\x00\x00\x01mask");
    await client.receives("\x03\xF1");
    expect((await closed)[0]).toBe(1014);
    expect(await failuresOf("bound")).toBe(0);
    client.leave("RST");
  });

  test("pings are answered by Weir, on each side for itself; an application's own heartbeat goes through", async () => {
    const { client, origin: end } = await openPair(stack.url, origin, { host: "bound.test" });
    let foreign = 0;
    for (const { webSocket } of [client, end]) webSocket.on("ping", () => foreign++);
    for (const { webSocket } of [client, end]) {
      const pong = once(webSocket, "pong");
      webSocket.ping("are you there?");
      expect(String((await pong)[0])).toBe("are you there?");
    }
    await carry(client, end, ["heartbeat"]);
    expect((await carry(end, client, ["heartbeat"])).map(({ data }) => String(data))).toEqual(["heartbeat"]);
    expect(foreign).toBe(0);
    client.webSocket.close();
  });
});
