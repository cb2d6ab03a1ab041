/** What clients see when a whole pool, or Weir itself, is gone from one moment to the next. */

import { afterEach, describe, expect, test } from "vitest";

import { runClosedLoop, type LoadRecord } from "../../cli/load/closed-loop.ts";
import type { WeirUpstreamConfig } from "../../worker/config/weir-config.ts";
import { ask } from "../support/ask.ts";
import { eventually, found, inFlight, origins, startStack, type Stack } from "../support/stack.ts";

let stack: Stack;

afterEach(() => stack.stop());

const home = ["home-1", "home-2", "home-3"];
const cloud = ["cloud-1", "cloud-2", "cloud-3"];

/** Eight slots an origin at home, and every setting but that as it comes, unless others are given. */
function startHybrid(settings: Omit<WeirUpstreamConfig, "pools"> = {}): Promise<Stack> {
  return startStack({
    origins: { home, cloud },
    spec: { serviceTime: { kind: "constant", ms: 40 } },
    config: (urlOf) => ({
      target: "workerd",
      upstreams: {
        shop: {
          ...settings,
          pools: [
            { name: "home", origins: home.map((name) => ({ name, url: urlOf(name), maxConns: 8 })) },
            { name: "cloud", origins: cloud.map((name) => ({ name, url: urlOf(name) })) },
          ],
        },
      },
      routes: [{ upstream: "shop" }],
    }),
  });
}

describe.each([12, 60])("with %i clients and every setting as it comes", (clients) => {
  test("all of home dies at once, and no client sees an error", async () => {
    stack = await startHybrid();
    await eventually("everyone has been probed", async () =>
      origins(await stack.admin.upstreams()).every(({ health }) => health === "healthy"),
    );
    const records: LoadRecord[] = [];
    const enough = new AbortController();
    const load = runClosedLoop({
      url: stack.url,
      clients,
      signal: enough.signal,
      onRecord: (record) => records.push(record),
    });
    await eventually("home is busy", () => records.length > 5 * clients);
    await Promise.all(home.map((name) => found(stack.origins, name).kill()));
    await eventually("probes have seen it, in a hurry", async () =>
      origins(await stack.admin.upstreams()).every(
        ({ name, health }) => health === (home.includes(name) ? "unhealthy" : "healthy"),
      ),
    );
    const before = records.length;
    await eventually("the cloud goes on serving", () => records.length > before + 5 * clients);
    enough.abort();
    await load;
    const bad = records.filter(({ outcome }) => outcome.kind === "failed" || outcome.status !== 200);
    expect(bad).toEqual([]);
  });
});

test("an origin that is killed and restarted serves again as soon as it answers", async () => {
  stack = await startHybrid({ health: { interval: "60s" }, passive: { eject: "300s" } });
  const [victim] = home;
  const victimView = async () => origins(await stack.admin.upstreams()).find(({ name }) => name === victim);
  await eventually("everyone has been probed", async () =>
    origins(await stack.admin.upstreams()).every(({ health }) => health === "healthy"),
  );
  const enough = new AbortController();
  const load = runClosedLoop({ url: stack.url, clients: 12, signal: enough.signal, onRecord: () => {} });
  const changes = (of: string) =>
    stack.events.filter(({ event, origin, to }) => event === "health" && origin === victim && to === of)
      .length;
  const healthyBefore = changes("healthy");
  await found(stack.origins, victim!).kill();
  await eventually("it is ejected", () => changes("ejected") > 0);
  await found(stack.origins, victim!).revive();
  // By regular probes it would take two rounds of a minute, and its ejection five minutes.
  await eventually("it is back", () => changes("healthy") > healthyBefore, 30_000);
  expect(await victimView()).toMatchObject({ available: true, ejectedUntilMs: null });
  enough.abort();
  await load;
});

test("after a crash of Weir the slots of its dead isolates are free at once", async () => {
  stack = await startStack({
    origins: { home: ["a"] },
    config: (urlOf) => ({
      target: "workerd",
      upstreams: {
        shop: {
          pools: [{ name: "home", origins: [{ name: "a", url: urlOf("a"), maxConns: 4 }] }],
          health: false,
        },
      },
      routes: [{ upstream: "shop" }],
    }),
  });
  const cut = Array.from({ length: 4 }, () => ask(`${stack.url}/slow/60000`).catch(() => undefined));
  await eventually("all its slots are taken", async () => (await inFlight(stack))["a"] === 4);
  await stack.crash();
  await Promise.all(cut);
  expect((await ask(stack.url)).status).toBe(200);
  await eventually("nothing is left of them", async () => (await inFlight(stack))["a"] === 0);
});

test("an origin whose answers break off is ejected, though their headers look well", async () => {
  stack = await startStack({
    origins: { home: ["a", "b"] },
    config: (urlOf) => ({
      target: "workerd",
      upstreams: {
        shop: {
          policy: "round_robin",
          pools: [{ name: "home", origins: ["a", "b"].map((name) => ({ name, url: urlOf(name) })) }],
          health: false,
          passive: { failures: 2 },
        },
      },
      routes: [{ upstream: "shop" }],
    }),
  });
  found(stack.origins, "a").setFault({ kind: "cut-body" });
  for (let request = 0; request < 6; request++) {
    await ask(`${stack.url}/bytes/100000`).catch(() => undefined);
  }
  const ejected = () => stack.events.filter(({ event, to }) => event === "health" && to === "ejected");
  await eventually("it is ejected", () => ejected().length > 0);
  expect(ejected()).toMatchObject([{ origin: "a", evidence: expect.stringContaining("last: cut") }]);
  expect((await ask(`${stack.url}/bytes/100000`)).body.byteLength).toBe(100_000);
});
