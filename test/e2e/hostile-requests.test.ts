/** What a client can only send on purpose: none of it gets past the routes, learns a secret, or keeps a slot. */
import { createHash } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";

import { sendRaw, statusOf } from "../support/raw.ts";
import { isWholeAnswer } from "../support/sending-client.ts";
import { adminToken, eventually, inFlight, startStack, type Stack } from "../support/stack.ts";

/** An application under a path prefix that says what it was asked for, and agrees to any WebSocket but never closes one. */
const seen: { url: string; authorization: string | undefined }[] = [];
const application: Server = createServer((request, response) => {
  seen.push({ url: request.url ?? "", authorization: request.headers.authorization });
  // As servers of files do, and frameworks that want a slash at the end.
  if (request.url?.endsWith("/dir") === true) response.writeHead(301, { Location: `${request.url}/` });
  response.end(request.url);
});
application.on("upgrade", (request, socket) => {
  const key = request.headers["sec-websocket-key"] ?? "";
  const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
  const head = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade"];
  socket.on("error", () => socket.destroy());
  socket.write([...head, `Sec-WebSocket-Accept: ${accept}`, "", ""].join("\r\n"));
});

let stack: Stack;

beforeAll(async () => {
  await new Promise<void>((resolve) => {
    application.listen(0, "127.0.0.1", resolve);
  });
  const { port } = application.address() as AddressInfo;
  const upstream = (name: string) => ({
    pools: [
      {
        name: "home",
        origins: [{ name, url: `http://127.0.0.1:${port}${name === "bare" ? "" : `/${name}`}` }],
      },
    ],
    health: false,
    timeouts: { headers: "1s", total: "2s" },
  });
  stack = await startStack({
    origins: {},
    config: () => ({
      target: "workerd",
      admin: { hosts: ["127.0.0.1"] },
      upstreams: { site: upstream("site"), internal: upstream("internal"), bare: upstream("bare") },
      routes: [
        { upstream: "site" },
        { prefix: "/internal", upstream: "internal" },
        { host: "secret.test", upstream: "internal" },
        { host: "bare.test", upstream: "bare" },
        { host: "keeps.test", upstream: "site", ambiguousPaths: "keep" },
        { host: "keeps.test", prefix: "/internal", upstream: "internal" },
      ],
    }),
  });
});

afterAll(async () => {
  await stack.stop();
  application.closeAllConnections();
  application.close();
});

const get = (target: string, host = "any.test"): Promise<string> =>
  sendRaw(stack.url, `GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);

describe("what a request is for", () => {
  test.each(["/../../etc/passwd", "/%2e%2e/etc/passwd", "/a/..%2f/..", "/a/../../../etc/passwd", "/.%2E/x"])(
    "%s stays below the origin's path",
    async (target) => {
      expect(statusOf(await get(target))).toBe(200);
      expect(seen.at(-1)?.url).toMatch(/^\/site\//);
    },
  );

  test.each(["/%69nternal/x", "//internal/x", "/./internal/x", "/a/../internal/x"])(
    "%s goes by the route of /internal, as the origin would read it",
    async (target) => {
      expect(statusOf(await get(target))).toBe(200);
      expect(seen.at(-1)?.url).toMatch(/^\/internal\//);
    },
  );

  test.each([
    "/x%2f..%2finternal",
    "/..%5cinternal",
    "/internal%2fx",
    "/internal;a/x",
    "/internal%3fx",
    "/a/..;/internal",
    "/%252e%252e/x",
    "/%c0%ae%c0%ae/x",
    "/a%00",
    "/%zz",
    "/%2fx/internal/y",
    "/%09/x/internal/y",
    "/inter%09nal/x",
  ])("%s could be read otherwise by the origin: 400, and no origin hears of it", async (target) => {
    const before = seen.length;
    const answer = await get(target);
    expect(statusOf(answer)).toBe(400);
    expect(answer).toContain("ambiguous_path");
    expect(seen.length).toBe(before);
    expect(statusOf(await get(target, "keeps.test"))).toBe(200);
    expect(seen.at(-1)?.url).toBe(`/site${target}`);
  });

  test.each(["//evil.test/dir", "///evil.test/dir", "/\\evil.test/dir", "/a/..//evil.test/dir"])(
    "an origin that adds a slash to %s sends the client to a path of the same host",
    async (target) => {
      const answer = await get(target, "bare.test");
      expect(statusOf(answer)).toBe(301);
      expect(answer).toContain("Location: /evil.test/dir/\r\n");
    },
  );

  test.each(["/@scope%2fname", "/group%2Fproject?x=%2f..", "/feature%252Fx", "/view;id=1", "/a//b"])(
    "%s, which applications ask for, arrives as it is",
    async (target) => {
      expect(statusOf(await get(target))).toBe(200);
      expect(seen.at(-1)?.url).toBe(`/site${target}`);
    },
  );

  test.each(["SECRET.test", "secret.test.", "secret.test:8080"])(
    "%s is the host secret.test",
    async (host) => {
      expect(statusOf(await get("/x", host))).toBe(200);
      expect(seen.at(-1)?.url).toBe("/internal/x");
    },
  );

  test.each([
    "secret.test#",
    "secret.test?",
    "x/internal",
    "user@secret.test",
    "foo bar",
    "a:99999",
    "a\r\nHost: b",
  ])("%j is no host: 400, and no origin hears of it", async (host) => {
    const before = seen.length;
    expect(statusOf(await get("/x", host))).toBe(400);
    expect(seen.length).toBe(before);
  });

  test("OPTIONS * is for no route, and counts against no origin", async () => {
    const answer = await sendRaw(
      stack.url,
      "OPTIONS * HTTP/1.1\r\nHost: any.test\r\nConnection: close\r\n\r\n",
    );
    expect(statusOf(answer)).toBe(400);
  });
});

describe("the admin token", () => {
  test.each([
    "//_weir/api/v1/upstreams",
    "/./_weir/api/v1/upstreams",
    "/x/../_weir/api/v1/upstreams",
    "/%5fweir/api/v1/upstreams",
  ])("%s is Weir's own, however it is spelt", async (target) => {
    const before = seen.length;
    expect(statusOf(await get(target, "127.0.0.1"))).toBe(403);
    expect(seen.length).toBe(before);
  });

  test.each([
    ["/_WEIR/api/v1/upstreams", "127.0.0.1"],
    ["/_weir%2fapi", "127.0.0.1"],
    ["/_weir/api/v1/upstreams", "elsewhere.test"],
    ["/", "127.0.0.1"],
  ])("%s on %s is the application's, and does not show it the token", async (target, host) => {
    const request = `GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n`;
    const answer = await sendRaw(stack.url, `${request}Authorization: Bearer ${adminToken}\r\n\r\n`);
    expect(statusOf(answer)).toBe(200);
    expect(seen.at(-1)?.authorization).toBeUndefined();
    await sendRaw(stack.url, `${request}Authorization: Bearer the-application's\r\n\r\n`);
    expect(seen.at(-1)?.authorization).toBe("Bearer the-application's");
  });
});

describe("a WebSocket's slot is given back", () => {
  const upgrade = (lines: readonly string[]): Promise<string> =>
    sendRaw(
      stack.url,
      `${["GET /ws HTTP/1.1", "Host: any.test", "Connection: Upgrade", "Upgrade: websocket", ...lines].join("\r\n")}\r\n\r\n`,
      isWholeAnswer,
    );

  test("when its handshake has no key, or is of another version: the origin is not asked", async () => {
    const key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";
    expect(statusOf(await upgrade(["Sec-WebSocket-Version: 13"]))).toBe(400);
    const old = await upgrade([key, "Sec-WebSocket-Version: 8"]);
    expect(statusOf(old)).toBe(426);
    expect(old).toMatch(/sec-websocket-version: 13/i);
    await eventually("no slot is taken", async () => (await inFlight(stack))["site"] === 0);
  });

  test("when the origin never answers the Close", async () => {
    const socket = new WebSocket(`${stack.url.replace("http", "ws")}/ws`);
    await new Promise((resolve) => socket.once("open", resolve));
    await eventually("the slot is taken", async () => (await inFlight(stack))["site"] === 1);
    socket.close(1000);
    await eventually("the slot is free", async () => (await inFlight(stack))["site"] === 0, 20_000);
  });
});
