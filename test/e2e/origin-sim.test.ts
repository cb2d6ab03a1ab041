/** Simulated origins on real ports, asked over real HTTP. */
import { createHash } from "node:crypto";
import { Agent, createServer, request, type ServerResponse } from "node:http";
import { once } from "node:events";
import { connect } from "node:net";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { WebSocket } from "ws";
import { sendAnswer } from "../../origin-sim/answer.ts";
import { Listener } from "../../origin-sim/listen.ts";
import type { OriginSpec } from "../../origin-sim/model/spec.ts";
import { startOrigin, type OriginOptions, type RunningOrigin } from "../../origin-sim/server.ts";
import { contentChunks } from "../../origin-sim/streams.ts";
import { ask, connectionRefused, connectionReset, json } from "../support/ask.ts";
import { freePort } from "../support/free-ports.ts";
import { eventually } from "../support/stack.ts";

const spec: OriginSpec = {
  workers: 2,
  threads: 1,
  backlog: 1,
  serviceTime: { kind: "constant", ms: 1 },
  restartMs: 0,
  coldStartMs: 0,
};

async function start(
  change: Partial<OriginSpec> = {},
  options: Partial<OriginOptions> = {},
): Promise<RunningOrigin> {
  const origin = await startOrigin({
    name: "o-1",
    port: await freePort(),
    spec: { ...spec, ...change },
    seed: 1,
    ...options,
  });
  onTestFinished(() => origin.close());
  return origin;
}

describe("an answer", () => {
  let origin: RunningOrigin;
  beforeAll(async () => {
    origin = await startOrigin({ name: "o-1", pool: "p", port: 0, spec, seed: 1 });
  });
  afterAll(() => origin.close());

  it("says which origin answered, and what was asked", async () => {
    const got = await ask(`${origin.url}/some/path?q=1`, { headers: { "X-Request-Id": "r-1" } });
    expect(got.status).toBe(200);
    expect(got.headers["x-origin"]).toBe("o-1");
    expect(json(got)).toEqual({
      origin: "o-1",
      pool: "p",
      method: "GET",
      path: "/some/path",
      requestId: "r-1",
      inFlight: 1,
    });
  });

  it("echoes the request as it came: target, raw headers in their order and case, body", async () => {
    const headers = { "X-Twice": "a", "x-Lower": "b" };
    const got = await ask(`${origin.url}/echo?a=%20b`, { method: "PUT", headers, body: "grüße" });
    expect(json(got)).toMatchObject({
      method: "PUT",
      url: "/echo?a=%20b",
      rawHeaders: expect.arrayContaining([
        ["X-Twice", "a"],
        ["x-Lower", "b"],
      ]) as unknown,
      body: { bytes: 7, utf8: "grüße", sha256: createHash("sha256").update("grüße").digest("hex") },
    });
  });

  it("echoes a body that is not text in base64", async () => {
    const got = await ask(`${origin.url}/echo`, { method: "POST", body: Buffer.from([0xff, 0x00]) });
    expect(json(got)).toHaveProperty("body.base64", "/wA=");
  });

  it("only measures and hashes a body above 1 MiB", async () => {
    const body = Buffer.alloc(2 ** 20 + 1, "x");
    const got = await ask(`${origin.url}/echo`, { method: "POST", body });
    const sha256 = createHash("sha256").update(body).digest("hex");
    expect(json(got)).toHaveProperty("body", { bytes: body.length, sha256 });
  });

  it.each([0, 1, 65_521, 65_522, 1_000_000])(
    "of /bytes/%d and /chunked has exactly those bytes",
    async (n) => {
      const expected = Buffer.concat([...contentChunks(n)]);
      const whole = await ask(`${origin.url}/bytes/${n}`);
      expect(whole.headers["content-length"]).toBe(String(n));
      expect(whole.body.equals(expected)).toBe(true);
      const chunked = await ask(`${origin.url}/chunked/${n}`);
      expect(chunked.headers["transfer-encoding"]).toBe("chunked");
      expect(chunked.body.equals(expected)).toBe(true);
    },
  );

  it("to HEAD has the length and no body", async () => {
    const got = await ask(`${origin.url}/bytes/1000000000`, { method: "HEAD" });
    expect(got.headers["content-length"]).toBe("1000000000");
    expect(got.body).toHaveLength(0);
  });

  it.each([200, 204, 304, 404, 429, 503, 599])("of /status/%d has that status", async (code) => {
    expect((await ask(`${origin.url}/status/${code}`)).status).toBe(code);
  });

  it("of /drip and /sse comes in pieces and ends", async () => {
    const drip = await ask(`${origin.url}/drip?ms=1&chunks=3`);
    expect(drip.body.toString()).toBe("chunk 0\nchunk 1\nchunk 2\n");
    const events = await ask(`${origin.url}/sse?ms=1&events=2`);
    expect(events.headers["content-type"]).toBe("text/event-stream");
    expect(events.body.toString()).toBe("id: 0\ndata: o-1\n\nid: 1\ndata: o-1\n\n");
  });

  it("of /gzip is compressed, of /cookies sets several, of /redirect leads elsewhere", async () => {
    const gzip = await ask(`${origin.url}/gzip`);
    expect(gzip.headers["content-encoding"]).toBe("gzip");
    expect(gunzipSync(gzip.body).toString()).toMatch(/^compressed by the origin\n/);
    expect((await ask(`${origin.url}/cookies`)).headers["set-cookie"]).toHaveLength(3);
    const redirect = await ask(`${origin.url}/redirect?to=/there`);
    expect([redirect.status, redirect.headers.location]).toEqual([302, "/there"]);
  });

  it.each([
    ["/bytes/-1", '/bytes/:n is "-1"; expected an integer from 0 to 1073741824'],
    ["/status/100", '/status/:code is "100"; expected an integer from 200 to 599'],
    ["/slow/", '/slow/:ms is ""; expected an integer from 0 to 600000'],
    ["/drip?chunks=x", '?chunks is "x"; expected an integer from 0 to 1000000'],
    ["/redirect?to=%0d%0aX:y", String.raw`?to is "\r\nX:y"; expected a URL in visible ASCII`],
  ])("to the bad parameter in %s is a 400 that says what was expected", async (path, error) => {
    const got = await ask(origin.url + path);
    expect(got.status).toBe(400);
    expect(json(got)).toEqual({ error });
  });

  it("keeps idle connections for longer than workerd does (5 s)", async () => {
    const agent = new Agent({ keepAlive: true });
    const { headers } = await ask(origin.url, { agent });
    agent.destroy();
    expect(headers["keep-alive"]).toBe("timeout=65");
  });
});

describe("slots", () => {
  it("bound what is served at once; open requests are counted with those that wait", async () => {
    const origin = await start({ backlog: 10 });
    origin.setFault({ kind: "hang" });
    const answers = Array.from({ length: 6 }, () => ask(origin.url));
    await eventually("six are open", () => origin.stats().open === 6);
    expect(origin.stats()).toMatchObject({ slots: 2, busy: 2, queued: 4 });
    origin.setFault({ kind: "none" });
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200]);
    expect(origin.stats()).toMatchObject({ peakOpen: 6, open: 0, busy: 0, queued: 0, served: 6 });
  });

  it("reset what fits neither in them nor in the queue", async () => {
    const origin = await start();
    origin.setFault({ kind: "hang" });
    const accepted = Array.from({ length: 3 }, () => ask(origin.url));
    await eventually("three are open", () => origin.stats().open === 3);
    await expect(ask(origin.url)).rejects.toMatchObject(connectionReset);
    origin.setFault({ kind: "none" });
    expect((await Promise.all(accepted)).map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(origin.stats()).toMatchObject({ served: 3, refused: 1, peakOpen: 3 });
  });

  it("are gone while a worker is replaced after maxRequests, and then come back", async () => {
    const origin = await start({ workers: 1, backlog: 0, maxRequests: 2, restartMs: 1000 });
    await ask(origin.url);
    await ask(origin.url);
    await expect(ask(origin.url)).rejects.toMatchObject(connectionReset);
    const serves = () =>
      ask(origin.url).then(
        () => true,
        () => false,
      );
    await eventually("it serves again", serves);
    expect(origin.stats()).toMatchObject({ recycled: 1, served: 3 });
  });

  it("stay busy when the client has gone, although its request is no longer open", async () => {
    const origin = await start();
    const client = new AbortController();
    const asked = ask(`${origin.url}/slow/600000`, { signal: client.signal });
    await eventually("one is busy", () => origin.stats().busy === 1);
    client.abort();
    await expect(asked).rejects.toThrow("aborted");
    await eventually("none is open", () => origin.stats().open === 0);
    expect(origin.stats()).toMatchObject({ busy: 1, abandoned: 1, served: 0 });
  });

  it("are freed when the client leaves a stream", async () => {
    const origin = await start();
    const client = new AbortController();
    const asked = ask(`${origin.url}/sse`, { signal: client.signal });
    await eventually("one is busy", () => origin.stats().busy === 1);
    client.abort();
    await expect(asked).rejects.toThrow("aborted");
    await eventually("none is busy", () => origin.stats().busy === 0);
    expect(origin.stats()).toMatchObject({ open: 0, abandoned: 1 });
  });

  it("wait for a client that reads slowly: no more of a body is made than the connection takes", async () => {
    let made = 0;
    function* chunks(): Generator<Uint8Array> {
      for (; made < 10_000; made++) yield new Uint8Array(2 ** 16);
    }
    let sending: ServerResponse | undefined;
    const server = createServer((_, response) => {
      sending = response;
      void sendAnswer(response, { status: 200, headers: {}, body: { chunks } }, () => undefined);
    });
    const listener = new Listener(server, "test", "127.0.0.1");
    const port = await listener.open(0);
    onTestFinished(() => listener.close());

    const client = connect(port, "127.0.0.1").pause();
    client.write("GET / HTTP/1.1\r\nHost: o\r\nConnection: close\r\n\r\n");
    await eventually("the connection takes no more", () => sending?.writableNeedDrain === true);
    expect(made).toBeLessThan(1000);
    client.resume();
    await once(client, "close");
    expect(made).toBe(10_000);
    expect(client.bytesRead).toBeGreaterThan(10_000 * 2 ** 16);
  });
});

describe("a fault", () => {
  it("slow: takes that many times as long", async () => {
    const origin = await start({ serviceTime: { kind: "constant", ms: 30 } });
    origin.setFault({ kind: "slow", factor: 10 });
    const began = performance.now();
    await ask(origin.url);
    expect(performance.now() - began).toBeGreaterThan(290);
  });

  it("status: answers with it, health checks too", async () => {
    const origin = await start();
    origin.setFault({ kind: "status", status: 503 });
    expect((await ask(origin.url)).status).toBe(503);
    expect((await ask(`${origin.url}/healthz`)).status).toBe(503);
    expect(origin.stats().statuses).toEqual({ 503: 1 });
  });

  it("hang: answers no request until it is cleared, health checks included", async () => {
    const origin = await start();
    origin.setFault({ kind: "hang" });
    const client = new AbortController();
    const [asked, checked] = [ask(origin.url), ask(`${origin.url}/healthz`)];
    const gone = ask(origin.url, { signal: client.signal });
    await eventually("two are busy", () => origin.stats().busy === 2);
    client.abort();
    await expect(gone).rejects.toThrow("aborted");
    await eventually("one is abandoned", () => origin.stats().abandoned === 1);
    origin.setFault({ kind: "none" });
    expect((await asked).status).toBe(200);
    expect((await checked).status).toBe(200);
    expect(origin.stats()).toMatchObject({ open: 0, busy: 0, served: 1 });
  });

  it("refuse: resets new requests, on kept connections and new ones, without an answer", async () => {
    const origin = await start();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    await ask(origin.url, { agent });
    origin.setFault({ kind: "refuse" });
    await expect(ask(origin.url, { agent })).rejects.toMatchObject(connectionReset);
    await expect(ask(origin.url, { method: "POST", body: "x" })).rejects.toMatchObject(connectionReset);
    await expect(ask(`${origin.url}/healthz`)).rejects.toMatchObject(connectionReset);
    expect(origin.stats()).toMatchObject({ refused: 2, served: 1 });
    agent.destroy();
  });

  it.each([
    ["/bytes/1000000", 500_000],
    ["/chunked/1000000", 1],
    ["/", 28],
  ])("cut-body: breaks off the body of %s after %d bytes", async (path, bytes) => {
    const origin = await start();
    origin.setFault({ kind: "cut-body" });
    let received = 0;
    const broken = new Promise((resolve) => {
      const sent = request(origin.url + path, { agent: false }, (response) => {
        response.on("data", (chunk: Buffer) => (received += chunk.length));
        response.on("error", resolve);
        response.on("end", () => resolve("a whole answer"));
      });
      sent.on("error", resolve).end();
    });
    expect(await broken).toMatchObject(connectionReset);
    expect(received).toBe(bytes);
    expect(origin.stats()).toMatchObject({ cut: 1, served: 0, busy: 0, open: 0 });
  });
});

describe("kill and revive", () => {
  it("kill drops what is in flight and refuses connections; revive listens on the same port", async () => {
    const origin = await start();
    const asked = ask(`${origin.url}/slow/600000`);
    await eventually("one is busy", () => origin.stats().busy === 1);
    const dropped = expect(asked).rejects.toMatchObject(connectionReset);
    await origin.kill();
    await dropped;
    await expect(ask(origin.url)).rejects.toMatchObject(connectionRefused);
    expect(origin.stats()).toMatchObject({ phase: "dead", open: 0, busy: 0, dropped: 1 });
    await origin.revive();
    expect((await ask(origin.url)).status).toBe(200);
  });

  it("revive starts cold: requests are reset and health checks get a 503 until it is over", async () => {
    const origin = await start({ coldStartMs: 1000 });
    expect((await ask(origin.url)).status).toBe(200);
    await origin.kill();
    await origin.revive();
    expect((await ask(`${origin.url}/healthz`)).status).toBe(503);
    await expect(ask(origin.url)).rejects.toMatchObject(connectionReset);
    await eventually("it is up", () => origin.stats().phase === "up");
    expect((await ask(`${origin.url}/healthz`)).status).toBe(200);
    expect((await ask(origin.url)).status).toBe(200);
  });

  it("keep their order when they come at once, and may come twice", async () => {
    const origin = await start();
    await Promise.all([origin.kill(), origin.kill(), origin.revive(), origin.revive(), origin.kill()]);
    await expect(ask(origin.url)).rejects.toMatchObject(connectionRefused);
    await origin.revive();
    expect((await ask(origin.url)).status).toBe(200);
  });

  it("kill ends WebSockets too", async () => {
    const origin = await start();
    const webSocket = await openWebSocket(origin);
    const closed = new Promise((resolve) => webSocket.once("close", resolve));
    await origin.kill();
    expect(await closed).toBe(1006);
  });
});

describe("a health check", () => {
  it("is answered beside busy slots, and counted nowhere", async () => {
    const origin = await start({ workers: 1, backlog: 0 });
    await openWebSocket(origin);
    expect(origin.stats().busy).toBe(1);
    expect((await ask(`${origin.url}/healthz`)).status).toBe(200);
    expect(origin.stats()).toMatchObject({ arrived: 1, peakOpen: 1, refused: 0 });
  });

  it("waits behind them if the spec says so", async () => {
    const origin = await start({ workers: 1, healthBypassesQueue: false });
    const order: string[] = [];
    const asked = ask(`${origin.url}/slow/100`).then(() => order.push("request"));
    await eventually("one is busy", () => origin.stats().busy === 1);
    await Promise.all([asked, ask(`${origin.url}/healthz`).then(() => order.push("check"))]);
    expect(order).toEqual(["request", "check"]);
  });
});

describe("a WebSocket", () => {
  it("echoes text and binary, and holds a slot until it closes", async () => {
    const origin = await start();
    const webSocket = await openWebSocket(origin);
    for (const message of [Buffer.from("text"), Buffer.from([0, 255])]) {
      const echoed = new Promise((resolve) => webSocket.once("message", resolve));
      webSocket.send(message);
      expect(await echoed).toEqual(message);
    }
    expect(origin.stats()).toMatchObject({ open: 1, busy: 1 });
    webSocket.close(1000);
    await eventually("none is open", () => origin.stats().open === 0);
    expect(origin.stats()).toMatchObject({ busy: 0, served: 1, statuses: { 101: 1 } });
  });

  it("is refused with the status of a fault", async () => {
    const origin = await start();
    origin.setFault({ kind: "status", status: 503 });
    await expect(openWebSocket(origin)).rejects.toThrow("Unexpected server response: 503");
    await eventually("one is served", () => origin.stats().served === 1);
  });
});

function openWebSocket(origin: RunningOrigin): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const webSocket = new WebSocket(`${origin.url.replace("http", "ws")}/ws`);
    webSocket.once("open", () => resolve(webSocket));
    webSocket.once("error", reject);
  });
}

describe("a start that cannot be", () => {
  it("names the port that is taken and says what to do", async () => {
    const { port } = await start();
    await expect(start({}, { name: "o-2", port })).rejects.toThrow(
      `origin o-2: port ${port} on 127.0.0.1 is taken; stop what listens there (lsof -i :${port} names it)`,
    );
  });

  it("names all that is wrong with an origin", async () => {
    await expect(start({ workers: 0, backlog: -1 }, { name: "o 1" })).rejects.toThrow(
      /^origin "o 1": name is "o 1"; expected .*; workers is 0; .*; backlog is -1; /,
    );
  });
});
