/** Origins over TLS on workerd, with certificates of a private authority. */
import { execFile } from "node:child_process";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { promisify } from "node:util";

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";

import { isInstalled } from "../servers/debian.ts";
import { ask } from "../support/ask.ts";
import { eventually, inFlight, startStack, type Stack } from "../support/stack.ts";

const servers: Server[] = [];
let stack: Stack;

describe.skipIf(!isInstalled.openssl)("an origin over TLS", () => {
  beforeAll(async () => {
    const [known, unknown] = [await selfSigned(), await selfSigned()];
    const upstream = async (name: string, certificate: Certificate) => ({
      pools: [{ name: "home", origins: [{ name, url: await serve(certificate) }] }],
      health: false,
      retries: { attempts: 0 },
    });
    const upstreams = { known: await upstream("known", known), unknown: await upstream("unknown", unknown) };
    stack = await startStack({
      origins: {},
      trustedCertificates: [known.cert],
      config: () => ({
        target: "workerd",
        upstreams,
        routes: [
          { host: "known.test", upstream: "known" },
          { host: "unknown.test", upstream: "unknown" },
        ],
      }),
    });
  });

  afterAll(async () => {
    await stack.stop();
    for (const server of servers) {
      server.closeAllConnections();
      server.close();
    }
  });

  test("whose certificate is of a known authority serves", async () => {
    for (const method of ["GET", "POST"]) {
      const { status, body } = await ask(`${stack.url}/x`, { method, headers: { host: "known.test" } });
      expect([status, body.toString()]).toEqual([200, "http /x"]);
    }
  });

  test("whose certificate is of a known authority carries WebSockets (wss), which hold slots until they close", async () => {
    const client = new WebSocket(stack.url.replace("http", "ws"), { headers: { host: "known.test" } });
    await once(client, "open");
    await holds("known", 1);
    for (const message of [Buffer.from("hello"), Buffer.alloc(2 ** 20, "large")]) {
      const echo = once(client, "message");
      client.send(message);
      expect(message.equals((await echo)[0] as Buffer)).toBe(true);
    }
    const closed = once(client, "close");
    client.close(4001, "bye");
    expect((await closed)[0]).toBe(4001);
    await holds("known", 0);
  });

  test("whose certificate is not gets no WebSocket either: 502, and no slot is left", async () => {
    const url = `${stack.url.replace("http", "ws")}/socket`;
    const client = new WebSocket(url, { headers: { host: "unknown.test" } });
    const [, answer] = (await once(client, "unexpected-response")) as [unknown, IncomingMessage];
    expect(answer.statusCode).toBe(502);
    client.on("error", () => undefined).terminate();
    await holds("unknown", 0);
    const logged = () => stack.events.find(({ path }) => path === "/socket");
    await eventually("it is logged", () => logged() !== undefined);
    expect(logged()).toMatchObject({ failure: "tls", status: 502 });
  });

  test("whose certificate is not is asked nothing: 502, and the log says that it was for TLS", async () => {
    const { status } = await ask(`${stack.url}/x`, { headers: { host: "unknown.test" } });
    expect(status).toBe(502);
    const logged = () =>
      stack.events.find(({ event, host }) => event === "request" && host === "unknown.test");
    await eventually("it is logged", () => logged() !== undefined);
    expect(logged()).toMatchObject({ failure: "tls", status: 502 });
  });
});

const holds = (origin: string, slots: number): Promise<void> =>
  eventually(`${origin} has ${slots} slots in use`, async () => (await inFlight(stack))[origin] === slots);

interface Certificate {
  readonly key: string;
  readonly cert: string;
}

/** A certificate for localhost that is its own authority. */
async function selfSigned(): Promise<Certificate> {
  const { stdout } = await promisify(execFile)("openssl", [
    "req",
    "-x509",
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:prime256v1",
    "-nodes",
    "-days",
    "2",
    "-subj",
    "/CN=localhost",
    "-addext",
    "subjectAltName=DNS:localhost",
    "-keyout",
    "-",
    "-out",
    "-",
  ]);
  const at = stdout.indexOf("-----BEGIN CERTIFICATE-----");
  return { key: stdout.slice(0, at), cert: stdout.slice(at) };
}

async function serve(certificate: Certificate): Promise<string> {
  const server = createServer(certificate, (request, response) => {
    response.end(`${String(request.headers["x-forwarded-proto"])} ${request.url}`);
  });
  new WebSocketServer({ server }).on("connection", (webSocket) => {
    webSocket.on("message", (data, isBinary) => webSocket.send(data, { binary: isBinary }));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, resolve));
  return `https://localhost:${(server.address() as AddressInfo).port}`;
}
