/** A burst on the real thing: load over home and its end, and the sessions of clients that came before, in it and after. */
import { Agent, Pool } from "undici";
import { afterAll, beforeAll, expect, test } from "vitest";

import type { WeirUpstreamConfig } from "../../worker/config/weir-config.ts";
import { patienceMs } from "../support/patience.ts";
import { eventually, startStack, type Stack } from "../support/stack.ts";

const coordinations = ["strict", "leased"] as const;
const homeOf = (upstream: string): string[] => [`${upstream}-a`, `${upstream}-b`];
const cloudOf = (upstream: string): string => `${upstream}-cloud`;
/** It has no `burst`. */
const plain = "plain";

let stack: Stack;

beforeAll(async () => {
  stack = await startStack({
    origins: {
      home: [...coordinations.flatMap((name) => homeOf(name)), "plain-home"],
      cloud: [...coordinations, plain].map((name) => cloudOf(name)),
    },
    spec: { workers: 64, threads: 64 },
    isolates: 2,
    config: (urlOf) => ({
      target: "workerd",
      upstreams: {
        [plain]: {
          pools: [
            { name: "home", origins: [{ name: "plain-home", url: urlOf("plain-home"), maxConns: 4 }] },
            { name: "cloud", origins: [{ name: cloudOf(plain), url: urlOf(cloudOf(plain)) }] },
          ],
          health: { path: "/healthz", interval: "1s", timeout: "500ms" },
          sticky: true,
          queue: { timeout: "20ms" },
        },
        ...Object.fromEntries(
          coordinations.map((name): [string, WeirUpstreamConfig] => [
            name,
            {
              coordination: name,
              pools: [
                {
                  name: "home",
                  origins: homeOf(name).map((each) => ({ name: each, url: urlOf(each), maxConns: 4 })),
                },
                { name: "cloud", origins: [{ name: cloudOf(name), url: urlOf(cloudOf(name)) }] },
              ],
              health: { path: "/healthz", interval: "1s", timeout: "500ms" },
              sticky: true,
              burst: {
                enter: { utilisation: 0.9, for: "1s" },
                exit: { utilisation: 0.7, for: "2s" },
                minHold: "2s",
                sessions: { moveWithin: "4s" },
              },
            },
          ]),
        ),
      },
      routes: [...coordinations, plain].map((name) => ({ host: `${name}.test`, upstream: name })),
    }),
  });
});

afterAll(() => stack.stop());

const burstEvents = (name: string) =>
  stack.events.filter(({ event, upstream }) => event === "burst" && upstream === name);
const path = (name: string): unknown[] => burstEvents(name).map(({ to }) => to);

async function burstOf(name: string) {
  const view = (await stack.admin.upstreams()).find((upstream) => upstream.name === name);
  return view?.burst ?? expect.fail("the upstream has no burst");
}

/** Forty clients in a closed loop, for eight slots at home, until it is ended. */
function overload(name: string): { end(): Promise<void> } {
  const over = new AbortController();
  const pools = stack.weir.urls.map((url) => new Pool(url, { connections: 20 }));
  const client = async (pool: Pool): Promise<void> => {
    while (!over.signal.aborted) {
      const { body } = await pool.request({
        method: "GET",
        path: "/slow/200",
        headers: { host: `${name}.test` },
      });
      await body.arrayBuffer();
    }
  };
  const all = Promise.all(pools.flatMap((pool) => Array.from({ length: 20 }, () => client(pool))));
  return {
    end: async () => {
      over.abort();
      await all;
      await Promise.all(pools.map((pool) => pool.close()));
    },
  };
}

/** A client with a cookie jar. A new cookie in place of an old one means that its session was bound anew. */
class Visitor {
  readonly #host: string;
  #cookie: string | undefined;
  origin = "";
  moves = 0;

  constructor(upstream: string) {
    this.#host = `${upstream}.test`;
  }

  async visit(isolate: number, agent: Agent): Promise<void> {
    const url = stack.weir.urls[isolate % stack.weir.urls.length] ?? "";
    const headers = { host: this.#host, ...(this.#cookie !== undefined && { cookie: this.#cookie }) };
    const { body, headers: answer } = await agent.request({ origin: url, method: "GET", path: "/", headers });
    await body.arrayBuffer();
    this.origin = String(answer["x-origin"]);
    const [set] = [answer["set-cookie"]].flat();
    if (set === undefined) return;
    if (this.#cookie !== undefined) this.moves += 1;
    this.#cookie = set.split(";")[0];
  }
}

const isHome = ({ origin }: Visitor): boolean => !origin.endsWith("-cloud");
const movesOf = (visitors: readonly Visitor[]): number[] => visitors.map(({ moves }) => moves);

/** Bound to the cloud since home was full; home has room while the tests of bursts run. */
const strays = Array.from({ length: 24 }, () => new Visitor(plain));

test("a session that begins while home is full is bound to the cloud", async () => {
  const agent = new Agent();
  const headers = { host: `${plain}.test` };
  const [url = ""] = stack.weir.urls;
  const slow = Array.from({ length: 4 }, () =>
    agent
      .request({ origin: url, method: "GET", path: "/slow/5000", headers })
      .then(({ body }) => body.dump()),
  );
  const view = async () => (await stack.admin.upstreams()).find(({ name }) => name === plain);
  await eventually("home is full", async () => (await view())?.pools[0]?.origins[0]?.inFlight === 4);
  for (const visitor of strays) await visitor.visit(0, agent);
  expect(strays.some(isHome)).toBe(false);
  // 4 slots, 20 ms, and answers of 100 ms as far as is known: less than one can be served in time, and one may wait.
  expect(await view()).toMatchObject({ burst: null, sessionsMoved: 0, queue: { length: 0, limit: 1 } });
  await Promise.all(slow);
  await agent.close();
});

// Both at once: each has its own upstream, and most of a burst is waiting.
test.concurrent.each(coordinations)(
  "%s: one burst, one return; no session moves in it, and each that began in the cloud comes home once after it",
  async (name) => {
    const agent = new Agent();
    const locals = Array.from({ length: 6 }, () => new Visitor(name));
    for (const [index, local] of locals.entries()) await local.visit(index, agent);
    expect(locals.every(isHome)).toBe(true);

    const load = overload(name);
    await eventually("a burst", async () => (await burstOf(name)).state === "bursting", patienceMs);
    // A new session waits for a place at home first, and many get one.
    const away: Visitor[] = [];
    await eventually(
      "twelve sessions that begin in the cloud",
      async () => {
        const visitors = Array.from({ length: 6 }, () => new Visitor(name));
        await Promise.all(visitors.map((visitor, index) => visitor.visit(index, agent)));
        away.push(...visitors.filter((visitor) => !isHome(visitor)));
        return away.length >= 12;
      },
      30_000,
    );
    const guests = away.slice(0, 12);
    const all = [...locals, ...guests];
    for (let round = 0; round < 20; round++) {
      await Promise.all(all.map((visitor, index) => visitor.visit(round + index, agent)));
    }
    expect(path(name)).toEqual(["bursting"]);
    expect(movesOf(all)).toEqual(all.map(() => 0));
    expect(guests.some(isHome)).toBe(false);
    expect(await burstOf(name)).toMatchObject({ sessionsMoved: 0, sessionsInCloud: 12 });

    await load.end();
    const isBackAfterVisits = async (): Promise<boolean> => {
      for (const [index, visitor] of all.entries()) await visitor.visit(index, agent);
      return path(name).includes("home");
    };
    await eventually("home again", isBackAfterVisits, patienceMs);
    // The deadline has passed: who comes now is at home.
    for (const [index, visitor] of all.entries()) await visitor.visit(index, agent);
    expect(all.every(isHome)).toBe(true);
    expect(movesOf(locals)).toEqual(locals.map(() => 0));
    expect(movesOf(guests)).toEqual(guests.map(() => 1));
    expect(path(name)).toEqual(["bursting", "returning", "home"]);
    expect(burstEvents(name)).toMatchObject([
      {
        upstream: name,
        from: "home",
        evidence: expect.stringMatching(/^utilisation .* at or above 0\.9 for /),
      },
      {
        upstream: name,
        from: "bursting",
        evidence: expect.stringMatching(/^utilisation .* at or below 0\.7 for /),
      },
      { upstream: name, from: "returning", evidence: expect.stringMatching(/ s after the return$/) },
    ]);
    expect(await burstOf(name)).toMatchObject({ state: "home", sessionsMoved: 12, sessionsInCloud: 0 });
    await agent.close();
  },
);

test("without a burst in the config, too, sessions that are bound to the cloud come home when home has had room for a while: each once, and the API counts them", async () => {
  const agent = new Agent();
  const visitAll = async (): Promise<void> => {
    for (const [index, visitor] of strays.entries()) await visitor.visit(index, agent);
  };
  const come = async (): Promise<boolean> => {
    await visitAll();
    return strays.some(isHome);
  };
  await eventually("the first has come home", come, patienceMs);
  await visitAll();
  const home = strays.filter(isHome);
  expect(movesOf(home)).toEqual(home.map(() => 1));
  expect(movesOf(strays.filter((visitor) => !isHome(visitor))).every((moves) => moves === 0)).toBe(true);
  await eventually("they are counted", async () => {
    const view = (await stack.admin.upstreams()).find(({ name }) => name === plain);
    return view?.sessionsMoved === home.length;
  });
  await agent.close();
});
