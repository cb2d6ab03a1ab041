/** Limits of a fleet, on the bundle that ships: four isolates that share their objects, and a hot key. */
import { Agent, request } from "undici";
import { afterAll, beforeAll, expect, test } from "vitest";

import { startStack, type Stack } from "../support/stack.ts";

const isolates = 4;
let stack: Stack;
const agent = new Agent({ connections: 8 });

beforeAll(async () => {
  stack = await startStack({
    isolates,
    origins: { home: ["a"] },
    spec: { workers: 64 },
    config: (urlOf) => ({
      target: "workerd",
      upstreams: {
        shop: { pools: [{ name: "home", origins: [{ name: "a", url: urlOf("a") }] }], health: false },
      },
      routes: [
        {
          host: "exact.test",
          upstream: "shop",
          rateLimits: [{ rate: "20/s", burst: 5, key: "route", exact: true }],
        },
        { host: "leased.test", upstream: "shop", rateLimits: [{ rate: "20/s", burst: 5, key: "route" }] },
        { host: "plain.test", upstream: "shop" },
        { host: "open.test", upstream: "shop", concurrency: [{ key: "route", most: 3 }] },
        { host: "login.test", upstream: "shop", rateLimits: [{ name: "login", rate: "3/h", exact: true }] },
      ],
    }),
  });
  for (let isolate = 0; isolate < isolates; isolate++) await ask("plain.test", isolate);
});

afterAll(async () => {
  await agent.close();
  await stack.stop();
});

interface Told {
  readonly status: number;
  readonly fields: Readonly<Record<string, unknown>>;
}

async function ask(host: string, isolate: number, path = "/"): Promise<Told> {
  const url = stack.weir.urls[isolate % isolates] ?? expect.unreachable();
  const { statusCode, headers, body } = await request(`${url}${path}`, {
    headers: { Host: host },
    dispatcher: agent,
  });
  await body.dump();
  return { status: statusCode, fields: headers };
}

/** Four clients at each isolate, as fast as they can, for that time: how many passed, of how many, and in how long. */
async function flood(host: string, forMs: number) {
  const startMs = performance.now();
  const statuses: number[] = [];
  const clients = Array.from({ length: 4 * isolates }, async (_, nth) => {
    while (performance.now() - startMs < forMs) statuses.push((await ask(host, nth)).status);
  });
  await Promise.all(clients);
  const passed = statuses.filter((status) => status === 200).length;
  expect(statuses.every((status) => status === 200 || status === 429)).toBe(true);
  return { passed, asked: statuses.length, tookS: (performance.now() - startMs) / 1_000 };
}

test("an exact limit is kept by all isolates together, and used", async () => {
  const { passed, asked, tookS } = await flood("exact.test", 800);
  expect(asked).toBeGreaterThan(60);
  expect(passed).toBeLessThanOrEqual(5 + 20 * tookS);
  expect(passed).toBeGreaterThan(0.6 * (5 + 20));
});

test("a leased limit is exceeded by no more than a second of its rate", async () => {
  const { passed, asked, tookS } = await flood("leased.test", 800);
  expect(asked).toBeGreaterThan(60);
  expect(passed).toBeLessThanOrEqual(5 + 20 * (tookS + 1));
  expect(passed).toBeGreaterThan(0.6 * (5 + 20));
});

test("no more requests are open at a time than the limit says, at all isolates together, and places come back", async () => {
  const origin = stack.origins.get("a") ?? expect.unreachable();
  for (let round = 0; round < 2; round++) {
    origin.resetStats();
    const asked = Array.from({ length: 16 }, (_, nth) => ask("open.test", nth, "/slow/200"));
    const statuses = (await Promise.all(asked)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(3);
    expect(statuses.filter((status) => status === 429)).toHaveLength(13);
    expect(origin.stats().peakOpen).toBeLessThanOrEqual(3);
    // What an isolate has no use for it gives back half a second later.
    if (round === 0) await new Promise((resolve) => setTimeout(resolve, 700));
  }
});

test("a client that is refused by one isolate is refused by all, and told when to come again; a crash forgets none of it", async () => {
  const first: Told[] = [];
  for (let nth = 0; nth < 5; nth++) first.push(await ask("login.test", nth));
  expect(first.map(({ status }) => status)).toEqual([200, 200, 200, 429, 429]);
  expect(first[0]?.fields).toMatchObject({
    "ratelimit-policy": '"login";q=3;w=3600',
    ratelimit: '"login";r=2;t=1200',
  });
  const { fields } = first[4] ?? expect.unreachable();
  expect(Number(fields["retry-after"])).toBeGreaterThan(1_190);
  // It is stored within a second.
  await new Promise((resolve) => setTimeout(resolve, 1_200));
  await stack.crash();
  expect((await ask("login.test", 2)).status).toBe(429);
});
