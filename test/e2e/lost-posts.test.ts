/** What becomes of requests that may not be sent twice, where an origin refuses connections, or takes a request and does not answer it. */
import { createServer, type AddressInfo, type Server } from "node:net";

import { afterAll, beforeAll, expect, test } from "vitest";

import { ask, type Got } from "../support/ask.ts";
import { freePort } from "../support/free-ports.ts";
import { startRawOrigin, type RawOrigin } from "../support/raw-origin.ts";
import { eventually, startStack, type Stack } from "../support/stack.ts";

/** It answers everything. */
let here: RawOrigin;
/** It takes requests, and hangs up. */
let silent: Server;
let taken = "";
let stack: Stack;

beforeAll(async () => {
  here = await startRawOrigin();
  silent = createServer((socket) => {
    let seen = "";
    socket.on("error", () => undefined).setEncoding("latin1");
    socket.on("data", (piece: string) => {
      seen += piece;
      if (!seen.endsWith("order=1")) return;
      taken += seen;
      socket.destroy();
    });
  });
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  const refusing = `http://127.0.0.1:${await freePort()}`;
  const silentUrl = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
  const before = (origin: { url: string; connection?: "reuse" }, more: object = {}) => ({
    pools: [
      {
        name: "home",
        origins: [
          { name: "first", ...origin },
          { name: "here", url: here.url },
        ],
      },
    ],
    policy: "first" as const,
    health: false as const,
    passive: false as const,
    ...more,
  });
  stack = await startStack({
    origins: {},
    config: () => ({
      target: "workerd",
      upstreams: {
        refused: before({ url: refusing }),
        doubtful: before({ url: refusing, connection: "reuse" }),
        once: before({ url: silentUrl }),
        twice: before({ url: silentUrl }, { retries: { nonIdempotent: true } }),
      },
      routes: ["refused", "doubtful", "once", "twice"].map((name) => ({
        host: `${name}.test`,
        upstream: name,
      })),
    }),
  });
});

afterAll(async () => {
  await stack.stop();
  await here.close();
  silent.close();
});

const post = (upstream: string, path: string, body: Buffer | string): Promise<Got> =>
  ask(`${stack.url}${path}`, { method: "POST", headers: { host: `${upstream}.test` }, body });

const arrivedHere = (path: string): string | undefined =>
  here.requests.find(({ text }) => text.startsWith(`POST ${path} `))?.text;

const logged = (path: string) => stack.events.filter((event) => event["path"] === path);

test("a refused connection has carried nothing: a POST, and a long upload, go to another origin", async () => {
  for (const bytes of [10, 300_000]) {
    const { status } = await post("refused", `/refused-${bytes}`, Buffer.alloc(bytes, "x"));
    expect(status).toBe(200);
    expect(arrivedHere(`/refused-${bytes}`)?.endsWith("x".repeat(bytes))).toBe(true);
  }
});

test('with connection: "reuse" it costs one POST an error, and no further one', async () => {
  expect((await post("doubtful", "/doubtful", "x")).status).toBe(502);
  const triedTwice = () => logged("/doubtful").filter(({ attempts }) => attempts === 2);
  // An origin that has just failed a request is let alone for a moment; then it is tried again.
  await eventually("the origin is tried again, more than once", async () => {
    expect((await post("doubtful", "/doubtful", "x")).status).toBe(200);
    return triedTwice().length > 1;
  });
  for (const request of triedTwice())
    expect(request).toMatchObject({ failure: "refused", origin: "here", status: 200 });
});

test("a POST that an origin has taken and not answered is sent nowhere else", async () => {
  expect((await post("once", "/once", "order=1")).status).toBe(502);
  expect(taken).toMatch(/^POST \/once .*order=1$/s);
  expect(arrivedHere("/once")).toBeUndefined();
});

test("… unless the application takes one twice", async () => {
  taken = "";
  expect((await post("twice", "/twice", "order=1")).status).toBe(200);
  expect(taken).toMatch(/^POST \/twice .*order=1$/s);
  expect(arrivedHere("/twice")?.endsWith("order=1")).toBe(true);
  await eventually("it is logged", () => logged("/twice").some(({ failure }) => failure === "reset"));
});
