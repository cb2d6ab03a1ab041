/** Origins that register themselves, on the shipped bundle: from their first word to their last. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { stayRegistered, sayGoodbye, type Entry } from "../../cli/autoscaler/registration.ts";
import type { OriginView } from "../../core/protocol/origin-view.ts";
import { startOrigin, type RunningOrigin } from "../../origin-sim/server.ts";
import { loadUntil } from "../support/load-until.ts";
import { patienceMs } from "../support/patience.ts";
import { registeringShop } from "../support/registering-shop.ts";
import { registerSecret, signMessage, signRegistration, type Signing } from "../support/sign-message.ts";
import { adminToken, eventually, origins, startStack, type Stack } from "../support/stack.ts";
import { freePorts } from "../support/free-ports.ts";

const shopsCloud = { upstream: "shop", pool: "cloud", secret: registerSecret };

let ports: number[];
let stack: Stack;

beforeAll(async () => {
  ports = await freePorts(4);
  const urls = ports.map((port) => `http://127.0.0.1:${port}`);
  stack = await startStack({
    origins: { home: ["home-1"] },
    isolates: 2,
    spec: { workers: 64, serviceTime: { kind: "constant", ms: 50 } },
    config: (urlOf) => ({
      target: "workerd",
      upstreams: {
        shop: registeringShop(urlOf("home-1"), urls),
        twins: {
          pools: [
            { name: "both", origins: [], register: { secret: registerSecret, urls } },
            { name: "other", origins: [{ name: "home-1", url: urlOf("home-1") }] },
          ],
          health: false,
        },
        waits: {
          pools: [
            { name: "busy", origins: [{ name: "home-1", url: urlOf("home-1"), maxConns: 1 }] },
            { name: "late", origins: [], register: { secret: registerSecret, urls } },
          ],
          health: false,
          queue: { timeout: "20s" },
        },
        other: {
          pools: [{ name: "both", origins: [], register: { secret: registerSecret, urls } }],
          health: false,
        },
      },
      routes: [
        { upstream: "shop", debug: true },
        { host: "localhost", upstream: "waits", debug: true },
      ],
    }),
  });
});

afterAll(() => stack.stop());

async function cloud(): Promise<OriginView[]> {
  const views = await stack.admin.upstreams();
  return origins(views).filter(({ registered }) => registered !== null);
}

async function member(name: string): Promise<OriginView | undefined> {
  return (await cloud()).find((origin) => origin.name === name);
}

interface Answer {
  readonly status: number;
  readonly state?: string;
  readonly error?: { readonly code: string; readonly message: string };
}

async function say(
  body: object | string,
  { upstream = "shop", pool = "cloud", ...signing }: Signing & { upstream?: string; pool?: string } = {},
): Promise<Answer> {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return send(pool, text, signRegistration(text, { upstream, pool, ...signing }));
}

async function send(pool: string, body: string, headers: Record<string, string>): Promise<Answer> {
  const url = `${stack.url}/_weir/api/v1/pools/${pool}/register`;
  const response = await fetch(url, { method: "POST", headers, body });
  const { error, state }: Omit<Answer, "status"> = JSON.parse(await response.text());
  return { status: response.status, ...(state && { state }), ...(error && { error }) };
}

/** Eight clients, by turns through both isolates. */
const underLoadUntil = (what: string, holds: () => Promise<boolean>) =>
  loadUntil(what, { urls: stack.weir.urls, clients: 8 }, holds);

async function startInstance(name: string, port: number): Promise<RunningOrigin> {
  const spec = {
    workers: 8,
    threads: 1,
    backlog: 100,
    serviceTime: { kind: "constant", ms: 50 } as const,
    restartMs: 100,
    coldStartMs: 0,
  };
  return startOrigin({ name, pool: "cloud", port, spec, seed: 1 });
}

describe("an origin that registers itself", () => {
  test("serves a request that waits since before it came, though the isolate has heard of nothing else meanwhile", async () => {
    const port = ports[0] ?? 0;
    const origin = await startInstance("late-1", port);
    const url = stack.url.replace("127.0.0.1", "localhost");
    const left = new AbortController();
    const busy = fetch(`${url}/slow/20000`, { signal: left.signal }).catch(() => undefined);
    const state = async () => (await stack.admin.upstreams()).find(({ name }) => name === "waits");
    await eventually("home is full", async () => (await state())?.pools[0]?.origins[0]?.inFlight === 1);
    const waiter = fetch(`${url}/`);
    await eventually("one waits", async () => (await state())?.queue?.length === 1);
    const sentMs = Date.now();
    expect(
      await say({ name: "late-1", url: `http://127.0.0.1:${port}` }, { upstream: "waits", pool: "late" }),
    ).toMatchObject({
      state: "joined",
    });
    const answer = await waiter;
    expect(answer.headers.get("X-Weir-Origin")).toBe("late-1");
    expect(Date.now() - sentMs).toBeLessThan(10_000);
    await answer.body?.cancel();
    left.abort();
    await busy;
    await say(
      { name: "late-1", url: `http://127.0.0.1:${port}`, leaving: true },
      { upstream: "waits", pool: "late" },
    );
    await origin.close();
  });

  test("serves when a probe has found it well, goes when it is silent, and is not forgotten in a crash", async () => {
    const port = ports[0] ?? 0;
    const url = `http://127.0.0.1:${port}`;
    const entry: Entry = { weir: stack.url, ...shopsCloud, name: "alone", url };
    const silent = new AbortController();
    const heartbeats = stayRegistered(entry, silent.signal, () => undefined);
    // No program is there yet: it is a member, and gets nothing.
    await eventually("it has joined", async () => (await member("alone")) !== undefined, patienceMs);
    await eventually(
      "it was probed",
      async () => (await member("alone"))?.health === "unhealthy",
      patienceMs,
    );
    expect(await member("alone")).toMatchObject({
      available: false,
      maxConns: 8,
      registered: { url, leaving: null },
    });
    const origin = await startInstance("alone", port);
    const served = async () => ((await member("alone"))?.traffic.answered ?? 0) > 20;
    expect((await underLoadUntil("it serves", served)).get(502)).toBeUndefined();

    await stack.crash();
    // A member still, from the roster on the disk. Its heartbeats go to a port where no program is any more.
    expect(await member("alone")).toMatchObject({ registered: { url } });
    const again = stayRegistered({ ...entry, weir: stack.url }, silent.signal, () => undefined);
    const isHeard = async () => ((await member("alone"))?.registered?.heartbeatAgeMs ?? 1e9) < 2_000;
    await eventually("it is heard again", isHeard, patienceMs);

    silent.abort();
    await Promise.all([heartbeats, again]);
    const events = () => stack.events.filter(({ event, origin }) => event === "member" && origin === "alone");
    await eventually("it is removed", async () => (await member("alone")) === undefined, patienceMs);
    expect(events().map(({ to, why }) => [to, why])).toEqual([
      ["joined", undefined],
      ["draining", "silent"],
      ["gone", "silent"],
    ]);
    await origin.close();
  });

  test("says goodbye, is drained, and ends at the moment when it hears that it has gone: no request meets its end", async () => {
    const port = ports[1] ?? 0;
    const seen = stack.events.length;
    const origin = await startInstance("polite", port);
    const entry: Entry = { weir: stack.url, ...shopsCloud, name: "polite", url: origin.url };
    const leaving = new AbortController();
    const heartbeats = stayRegistered(entry, leaving.signal, () => undefined);
    let gone: Promise<boolean> | undefined;
    const statuses = await underLoadUntil("it has served, and gone", async () => {
      const view = await member("polite");
      if (gone === undefined && (view?.traffic.answered ?? 0) > 20) {
        leaving.abort();
        gone = sayGoodbye(entry, patienceMs).then(async (hasGone) => {
          await origin.close();
          return hasGone;
        });
      }
      return gone !== undefined && view === undefined;
    });
    expect([await gone, statuses.get(502), statuses.get(504)]).toEqual([true, undefined, undefined]);
    // A second attempt elsewhere would hide it.
    const failed = stack.events
      .slice(seen)
      .filter(({ failure }) => failure === "refused" || failure === "reset");
    expect(failed).toEqual([]);
    const events = stack.events.filter(({ event, origin }) => event === "member" && origin === "polite");
    expect(events.map(({ to }) => to)).toEqual(["joined", "draining", "gone"]);
    await heartbeats;
  });
});

describe("refused, and nothing changes:", () => {
  const url = () => `http://127.0.0.1:${ports[3]}`;
  const good = () => ({ name: "new", url: url() });
  const minuteAgo = () => Date.now() - 62_000;
  const cases: readonly (readonly [string, () => Promise<Answer>, number, string])[] = [
    ["a bad signature", () => say(good(), { secret: "x".repeat(32) }), 403, "bad-signature"],
    ["an old message", () => say(good(), { atMs: minuteAgo() }), 403, "stale"],
    ["one of the future", () => say(good(), { atMs: Date.now() + 30_000 }), 403, "stale"],
    ["an unknown pool", () => say(good(), { pool: "moon" }), 404, "unknown-pool"],
    ["a pool that takes no registrations", () => say(good(), { pool: "home" }), 404, "unknown-pool"],
    ["an upstream that is none", () => say(good(), { upstream: "moon" }), 403, "bad-signature"],
    ["what a signature does not cover", () => say({ ...good(), upstream: "twins" }), 400, "bad-registration"],
    [
      "a URL outside of the list",
      () => say({ name: "new", url: "http://169.254.169.254" }),
      403,
      "url-refused",
    ],
    ["a URL with a path", () => say({ name: "new", url: `${url()}/admin` }), 400, "bad-registration"],
    ["a name too long", () => say({ ...good(), name: "n".repeat(65) }), 400, "bad-registration"],
    ["what is no JSON", () => say("{"), 400, "bad-registration"],
    ["too much", () => say({ ...good(), more: "x".repeat(5_000) }), 413, "too-large"],
    ["a configured origin's name", () => say({ ...good(), name: "home-1" }), 409, "name-taken"],
  ];
  test.each(cases)("%s", async (_what, attempt, status, code) => {
    const answer = await attempt();
    expect([answer.status, answer.error?.code]).toEqual([status, code]);
    expect(await member("new")).toBeUndefined();
  });

  test("a signed message at any pool but its own, though that has the same secret", async () => {
    const text = JSON.stringify(good());
    const signed = signRegistration(text, { upstream: "twins", pool: "both" });
    for (const pool of ["cloud", "late"]) {
      expect(await send(pool, text, signed)).toMatchObject({ status: 403, error: { code: "bad-signature" } });
    }
    expect(await send("both", text, signed)).toEqual({ status: 200, state: "joined" });
    const members = async () =>
      (await stack.admin.upstreams()).flatMap(({ name, pools }) =>
        pools.flatMap(({ origins }) => origins.flatMap((origin) => (origin.name === "new" ? [name] : []))),
      );
    // Two upstreams have this pool, under one secret.
    expect(await members()).toEqual(["twins"]);
    expect(await say({ ...good(), leaving: true }, { upstream: "twins", pool: "both" })).toMatchObject({
      status: 200,
    });
    await eventually("it has gone", async () => (await members()).length === 0, patienceMs);
  });

  test("the same text without the method, the upstream or the pool, or with another's", async () => {
    const text = JSON.stringify(good());
    const covered = ["POST", "shop", "cloud", text];
    for (const [at, others] of [
      [0, ["", "PUT", "post"]],
      [1, ["", "twins"]],
      [2, ["", "both"]],
    ] as const) {
      for (const other of others) {
        const headers = signMessage(covered.toSpliced(at, 1, other).join("\n"));
        expect((await send("cloud", text, headers)).error?.code).toBe("bad-signature");
      }
    }
    expect((await send("cloud", text, signMessage(text))).error?.code).toBe("bad-signature");
    expect(await member("new")).toBeUndefined();
  });

  test("no signature at all", async () => {
    const response = await fetch(`${stack.url}/_weir/api/v1/pools/cloud/register`, {
      method: "POST",
      body: "{}",
    });
    expect(response.status).toBe(403);
  });

  test("a heartbeat of one that an operator has drained; and the drain outlives it", async () => {
    const order = (what: string) =>
      fetch(`${stack.url}/_weir/api/v1/upstreams/shop/origins/drained/${what}`, {
        method: "POST",
        headers: { Authorization: `Bearer ${adminToken}` },
      });
    const body = { name: "drained", url: url() };
    expect(await say(body)).toEqual({ status: 200, state: "joined" });
    expect((await order("drain")).status).toBe(200);
    expect(await say(body)).toMatchObject({ status: 409, error: { code: "out-of-service" } });
    await eventually("it has gone", async () => (await member("drained")) === undefined, patienceMs);
    expect(await say(body)).toMatchObject({ status: 409, error: { code: "out-of-service" } });
    expect(await member("drained")).toBeUndefined();
    expect((await order("undrain")).status).toBe(200);
    // Its last word was heard in this very second, perhaps: a later one is needed.
    const joins = async () => (await say(body)).status === 200;
    await eventually("it may join again", joins, patienceMs);
    await say({ ...body, leaving: true });
    const hasGone = async () => (await say({ ...body, leaving: true })).state === "gone";
    await eventually("it has gone again", hasGone, patienceMs);
  });

  test("more than the pool takes", async () => {
    const names = ["one", "two", "three", "four"];
    const answers = [];
    for (const [index, name] of names.entries()) {
      answers.push(await say({ name, url: `http://127.0.0.1:${ports[index]}` }));
    }
    expect(answers.map(({ status, error }) => error?.code ?? status)).toEqual([200, 200, 200, "pool-full"]);
    await eventually("they have gone", async () => (await cloud()).length === 0, patienceMs);
  });
});
