/**
 * What the API counts as spilled, and as answered, is what the log says, whichever way a request came to its slot in a later pool: asked for,
 * leased, waited for, without the object, by its session, with a second attempt, or in vain.
 */
import { Pool } from "undici";
import { afterAll, beforeAll, expect, test } from "vitest";

import type { WeirUpstreamConfig } from "../../worker/config/weir-config.ts";
import { eventually, found, startStack, type Stack } from "../support/stack.ts";

const ways = {
  strict: { coordination: "strict", queue: false },
  leased: { coordination: "leased", queue: false },
  waited: { queue: true },
  alone: { queue: false },
  bound: { sticky: true, queue: false },
  retried: { queue: false, passive: false },
} satisfies Record<string, Partial<WeirUpstreamConfig>>;

type Way = keyof typeof ways;

const names = Object.keys(ways) as Way[];
const originsOf = (name: Way) => ({
  home: [`${name}-a`, `${name}-b`],
  cloud: [`${name}-c`, `${name}-d`],
});

let stack: Stack;

beforeAll(async () => {
  stack = await startStack({
    bundle: "saboteur",
    isolates: 2,
    origins: {
      home: names.flatMap((name) => originsOf(name).home),
      cloud: names.flatMap((name) => originsOf(name).cloud),
    },
    spec: { workers: 64, serviceTime: { kind: "constant", ms: 50 } },
    config: (urlOf) => ({
      target: "workerd",
      upstreams: Object.fromEntries(
        names.map((name): [string, WeirUpstreamConfig] => {
          const { home, cloud } = originsOf(name);
          // Where there is not a slot of each origin for each isolate, they ask.
          const maxConns = name === "leased" ? 4 : 2;
          const pools = [
            { name: "home", origins: home.map((each) => ({ name: each, url: urlOf(each), maxConns })) },
            {
              name: "cloud",
              price: "50ms",
              origins: cloud.map((each) => ({ name: each, url: urlOf(each) })),
            },
          ];
          return [name, { health: false, ...ways[name], pools }];
        }),
      ),
      routes: names.map((name) => ({ host: `${name}.test`, upstream: name })),
    }),
  });
});

afterAll(() => stack.stop());

/** So many requests in a closed loop of so many clients; a client that was bound to an origin comes back with its cookie. */
async function load(name: Way, { clients, rounds }: { clients: number; rounds: number }): Promise<void> {
  const pools = stack.weir.urls.map((url) => new Pool(url, { connections: clients }));
  const client = async (index: number): Promise<void> => {
    let cookie: string | undefined;
    for (let round = 0; round < rounds; round++) {
      const { body, headers } = await pools[index % pools.length]!.request({
        method: "GET",
        path: "/",
        headers: { host: `${name}.test`, ...(cookie !== undefined && { cookie }) },
      });
      await body.arrayBuffer();
      cookie = [headers["set-cookie"]].flat()[0]?.split(";")[0] ?? cookie;
    }
  };
  await Promise.all(Array.from({ length: clients }, (_, index) => client(index)));
  await Promise.all(pools.map((pool) => pool.close()));
}

const requestsOf = (name: Way) =>
  stack.events.filter(({ event, upstream }) => event === "request" && upstream === name);

/** By the log: how many requests spilled, by reason. */
function logged(name: Way): Record<string, number> {
  const counts: Record<string, number> = { peak: 0, downtime: 0, drain: 0, policy: 0, budget: 0 };
  for (const { spill } of requestsOf(name)) {
    if (typeof spill === "string") counts[spill] = (counts[spill] ?? 0) + 1;
  }
  return counts;
}

async function counted(name: Way): Promise<Readonly<Record<string, number>>> {
  const view = (await stack.admin.upstreams()).find((upstream) => upstream.name === name);
  return view?.pools[1]?.spilled ?? {};
}

/** By the log: how many answers, by route and class of status. */
function loggedResponses(name: Way): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { route, status } of requestsOf(name)) {
    const key = `${String(route)} ${String(status)[0]}xx`;
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

async function countedResponses(name: Way): Promise<Readonly<Record<string, number>>> {
  const view = (await stack.admin.upstreams()).find((upstream) => upstream.name === name);
  const responses = view?.counters["responses"] ?? [];
  return Object.fromEntries(
    responses.map(({ labels, count }) => [`${labels["route"]} ${labels["class"]}`, count]),
  );
}

/** The counts travel with messages, so the last of them come a moment later. */
async function expectTheSame(name: Way, requests: number): Promise<void> {
  await eventually("each request has its line", () => requestsOf(name).length === requests);
  const lines = logged(name);
  expect(Object.values(lines).reduce((sum, count) => sum + count, 0)).toBeGreaterThan(10);
  const isSame = async (): Promise<boolean> => JSON.stringify(await counted(name)) === JSON.stringify(lines);
  await eventually("the API counts the same", isSame, 3_000).catch(() => undefined);
  expect(await counted(name)).toEqual(lines);
  expect(await countedResponses(name)).toEqual(loggedResponses(name));
}

const crowd = { clients: 24, rounds: 8 };
const all = crowd.clients * crowd.rounds;

test.each(["strict", "leased"] as const)("%s picks", async (name) => {
  await load(name, crowd);
  await expectTheSame(name, all);
  const modes = new Set(requestsOf(name).flatMap(({ spill, mode }) => (spill === undefined ? [] : [mode])));
  expect(modes).toContain(name);
});

test("requests that waited at home first", async () => {
  await load("waited", crowd);
  await expectTheSame("waited", all);
  const waited = requestsOf("waited").filter(
    ({ spill, queuedMs }) => spill === "peak" && queuedMs !== undefined,
  );
  expect(waited.length).toBeGreaterThan(0);
});

test("picks without the object", async () => {
  await load("alone", { clients: 4, rounds: 4 });
  const { ok } = await fetch(`${stack.url}/sabotage?object=alone&kind=overloaded&ms=1500`);
  expect(ok).toBe(true);
  await load("alone", crowd);
  await expectTheSame("alone", all + 16);
  expect(
    requestsOf("alone").filter(({ mode, spill }) => mode === "fail-static" && spill).length,
  ).toBeGreaterThan(10);
});

test("sessions that are bound to a later pool", async () => {
  await load("bound", crowd);
  await expectTheSame("bound", all);
  expect(logged("bound")["policy"]).toBeGreaterThan(10);
});

test("requests that were tried twice, and requests that failed", async () => {
  found(stack.origins, "retried-c").setFault({ kind: "status", status: 503 });
  await load("retried", crowd);
  await expectTheSame("retried", all);
  expect(requestsOf("retried").some(({ attempts, spill }) => Number(attempts) > 1 && spill)).toBe(true);
});
