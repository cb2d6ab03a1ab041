/** Budgets on the real thing: exactly so many requests are answered by the cloud, and the next decision is another one. */
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { periods } from "../../core/budget/spending.ts";
import type { PoolView } from "../../core/protocol/upstream-view.ts";
import type { WeirPool, WeirUpstreamConfig } from "../../worker/config/weir-config.ts";
import { ask } from "../support/ask.ts";
import { eventually, startStack, type Stack } from "../support/stack.ts";

const isolates = 3;
const requestsPerHour = 10;

let stack: Stack;

/** Home has one slot, which the test takes; the cloud is paid for. */
function paid(
  urlOf: (origin: string) => string,
  bill: Partial<WeirPool>,
  options: object = {},
): WeirUpstreamConfig {
  return {
    pools: [
      { name: "home", origins: [{ name: "a", url: urlOf("a"), maxConns: 1 }] },
      { name: "cloud", origins: [{ name: "c", url: urlOf("c") }], ...bill },
    ],
    health: false,
    // So that a slow machine is no reason to go on without the object.
    onCoordinatorLoss: "refuse",
    timeouts: { exchange: "10s" },
    ...options,
  };
}

beforeAll(async () => {
  // All of it is to happen within one hour.
  while (Date.now() % periods.hour > periods.hour - 45_000) await sleep(1_000);
  const budget = { requestsPerHour };
  stack = await startStack({
    origins: { home: ["a"], cloud: ["c"] },
    isolates,
    config: (urlOf) => ({
      target: "workerd",
      upstreams: {
        strict: paid(urlOf, { budget }, { coordination: "strict" }),
        leased: paid(urlOf, { budget }, { coordination: "leased" }),
        weighed: paid(urlOf, { cost: { perGb: 1_000_000 }, budget: { moneyPerDay: 100 } }),
      },
      routes: ["strict", "leased", "weighed"].map((name) => ({
        host: `${name}.test`,
        upstream: name,
        debug: true,
      })),
    }),
  });
});

afterAll(() => stack.stop());

function get(name: string, path = "/", isolate = 0) {
  return ask(`${stack.weir.urls[isolate] ?? stack.url}${path}`, { headers: { host: `${name}.test` } });
}

async function cloudOf(upstream: string): Promise<PoolView> {
  const views = await stack.admin.upstreams();
  const cloud = views.find(({ name }) => name === upstream)?.pools[1];
  if (cloud === undefined) throw new Error(`no cloud in ${upstream}`);
  return cloud;
}

/** Takes home's only slot, and keeps it until the returned function is called. */
async function fillHome(upstream: string): Promise<() => Promise<void>> {
  const { hostname, port } = new URL(stack.url);
  const socket = connect(Number(port), hostname);
  socket.on("error", () => {});
  socket.write(`GET /slow/60000 HTTP/1.1\r\nHost: ${upstream}.test\r\n\r\n`);
  const isHomeFull = async (): Promise<boolean> => {
    const views = await stack.admin.upstreams();
    const home = views.find(({ name }) => name === upstream)?.pools[0];
    return home?.origins[0]?.inFlight === 1;
  };
  await eventually("home is full", isHomeFull);
  return async () => {
    socket.resetAndDestroy();
    await eventually("home has room again", async () => !(await isHomeFull()));
  };
}

function budgetEvents(upstream: string): unknown[] {
  return stack.events.filter(({ event, upstream: of }) => event === "budget" && of === upstream);
}

describe.each(["strict", "leased"])("%s", (name) => {
  test(`exactly ${requestsPerHour} requests an hour are answered by the cloud, then 503`, async () => {
    const letGo = await fillHome(name);
    const answers = await Promise.all(Array.from({ length: 60 }, (_, nth) => get(name, "/", nth % isolates)));
    const served = answers.filter(({ status }) => status === 200);
    expect(served.map(({ headers }) => headers["x-weir-pool"])).toEqual(
      Array.from({ length: requestsPerHour }, () => "cloud"),
    );
    const refused = answers.filter(({ status }) => status !== 200);
    expect(refused.map(({ status, headers }) => [status, headers["retry-after"]])).toEqual(
      Array.from({ length: 60 - requestsPerHour }, () => [503, "2"]),
    );
    await eventually("the bill is complete", async () => {
      const { spilled, refused: turnedAway } = await cloudOf(name);
      return spilled.peak === requestsPerHour && turnedAway === 60 - requestsPerHour;
    });
    expect((await cloudOf(name)).budget).toMatchObject({
      isUsedUp: true,
      requestsPerHour: { limit: requestsPerHour, spent: requestsPerHour, left: 0 },
    });
    const hourly = { event: "budget", upstream: name, pool: "cloud", of: "requests", per: "hour", limit: 10 };
    const events = [
      { ...hourly, state: "warning", spent: 8 },
      { ...hourly, state: "used-up", spent: 10 },
    ];
    expect(budgetEvents(name)).toMatchObject(events);
    const failures = stack.events.filter(
      ({ upstream, failure }) => upstream === name && failure !== undefined,
    );
    expect(failures.map(({ failure, status }) => [failure, status])).toEqual(
      Array.from({ length: 60 - requestsPerHour }, () => ["budget", 503]),
    );
    await letGo();
    await eventually("home serves again", async () => (await get(name)).headers["x-weir-pool"] === "home");
  });
});

test("what responses weigh is paid for, of known length and of unknown, and then nothing more goes there", async () => {
  const letGo = await fillHome("weighed");
  // A thousandth of the currency for a byte: a hundred thousand bytes a day.
  expect((await get("weighed", "/bytes/30000")).status).toBe(200);
  expect((await get("weighed", "/chunked/20000")).body).toHaveLength(20_000);
  await eventually("both are on the bill", async () => (await cloudOf("weighed")).bytes === 50_000);
  expect((await cloudOf("weighed")).budget?.moneyPerDay).toMatchObject({ limit: 100, spent: 50, left: 50 });
  expect((await get("weighed", "/bytes/1000")).status).toBe(200);
  expect((await get("weighed", "/bytes/60000")).status).toBe(200);
  await eventually("it is used up", async () => (await cloudOf("weighed")).budget?.isUsedUp === true);
  expect((await get("weighed")).status).toBe(503);
  expect((await cloudOf("weighed")).budget?.moneyPerDay).toMatchObject({ spent: 111, left: 0 });
  await letGo();
});

test("a crash of Weir brings no budget back, and no event twice", async () => {
  await stack.crash();
  for (const name of ["strict", "leased"]) {
    const letGo = await fillHome(name);
    const answers = await Promise.all(Array.from({ length: 6 }, (_, nth) => get(name, "/", nth % isolates)));
    expect(answers.map(({ status }) => status)).toEqual([503, 503, 503, 503, 503, 503]);
    expect(budgetEvents(name)).toHaveLength(2);
    await letGo();
  }
});
