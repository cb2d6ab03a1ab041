/** A home whose capacity is not in the config, on the real thing: it is found out, the rest spills, no client notices. */
import { afterAll, beforeAll, expect, test } from "vitest";

import { loadUntil } from "../support/load-until.ts";
import { found, startStack, type Stack } from "../support/stack.ts";

/** Requests that the home server works on at once, and what one takes: long, so that a busy machine adds little. */
const workers = 10;
const serviceMs = 300;
/** Four times as many as home can do at once. */
const clients = 40;
const cloud = ["cloud-1", "cloud-2", "cloud-3", "cloud-4"];

let stack: Stack;

beforeAll(async () => {
  stack = await startStack({
    origins: { home: ["rack-1"], cloud },
    spec: { workers, threads: 1, serviceTime: { kind: "constant", ms: serviceMs } },
    isolates: 2,
    config: (urlOf) => ({
      target: "workerd",
      upstreams: {
        shop: {
          pools: [
            { name: "home", capacity: "auto", origins: [{ name: "rack-1", url: urlOf("rack-1") }] },
            { name: "cloud", origins: cloud.map((name) => ({ name, url: urlOf(name) })) },
          ],
          health: false,
        },
      },
      routes: [{ upstream: "shop" }],
    }),
  });
});

afterAll(() => stack.stop());

async function capacityOf(origin: string) {
  const [shop] = await stack.admin.upstreams();
  const origins = shop?.pools.flatMap((pool) => pool.origins);
  return origins?.find(({ name }) => name === origin)?.capacity ?? undefined;
}

test("the limit that is found out comes close to the workers, the rest spills, no client is refused; and a crash forgets no measurement", async () => {
  const isClose = async (): Promise<boolean> => {
    const { slots = 0, measuredMs = null } = (await capacityOf("rack-1")) ?? {};
    return measuredMs !== null && slots >= 0.75 * workers && slots <= 1.25 * workers;
  };
  const load = { urls: stack.weir.urls, clients };
  const statuses = await loadUntil("a limit within a quarter of the workers", load, isClose);
  expect([...statuses.keys()]).toEqual([200]);
  expect(found(stack.origins, "rack-1").stats().served).toBeGreaterThan(0);
  const [shop] = await stack.admin.upstreams();
  expect(shop?.pools[1]?.spilled.peak).toBeGreaterThan(0);
  expect(await capacityOf("cloud-1")).toBeUndefined();
  await stack.crash();
  expect((await capacityOf("rack-1"))?.unhurriedMs).toBeGreaterThan(0.9 * serviceMs);
});
