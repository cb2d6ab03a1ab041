/** Routes that are closed and opened while Weir runs, on the bundle that ships: two isolates that share their objects, and a crash. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, expect, test, vi } from "vitest";

import { maintenance } from "../../cli/operate/maintenance.ts";
import { ask, json } from "../support/ask.ts";
import { adminToken, eventually, startStack, type Stack } from "../support/stack.ts";

let stack: Stack;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "weir-maintenance-"));
  await writeFile(join(folder, "token"), adminToken);
  stack = await startStack({
    isolates: 2,
    origins: { home: ["a"] },
    config: (urlOf) => ({
      target: "workerd",
      upstreams: {
        site: { pools: [{ name: "home", origins: [{ name: "a", url: urlOf("a") }] }], health: false },
      },
      routes: [
        {
          name: "shop",
          host: "shop.test",
          upstream: "site",
          maintenance: { byOrder: true, page: "<h1>back soon</h1>" },
        },
        { name: "blog", host: "blog.test", upstream: "site" },
      ],
    }),
  });
});

afterAll(async () => {
  await stack.stop();
  await rm(folder, { recursive: true });
});

const accept = { Accept: "text/html" };

/** What each isolate answers. */
const statuses = (host = "shop.test"): Promise<number[]> =>
  Promise.all(
    stack.weir.urls.map(async (url) => (await ask(url, { headers: { Host: host, ...accept } })).status),
  );

async function weir(
  order: "on" | "off",
  route: string,
  options: { readonly for?: string } = {},
): Promise<number> {
  const log = vi.spyOn(console, "log").mockReturnValue();
  const exitCode = await maintenance(order, route, {
    url: stack.url,
    tokenFile: join(folder, "token"),
    ...options,
  });
  log.mockRestore();
  return exitCode;
}

/** Asks every isolate all the time, until all answer that. */
const seen = (status: number): Promise<void> =>
  eventually(`both isolates answer ${status}`, async () => (await statuses()).every((one) => one === status));

const timeOf = ({ time }: Readonly<Record<string, unknown>>): number => Date.parse(String(time));

/** The requests that were answered so though they had come two seconds after the order. */
function late(order: "on" | "off", status: number) {
  const given = stack.events.find((line) => line["event"] === "maintenance" && line["order"] === order);
  const knownMs = timeOf(given ?? expect.unreachable()) + 2_000;
  return stack.events.filter(
    (line) =>
      line["host"] === "shop.test" &&
      line["status"] === status &&
      timeOf(line) - Number(line["durationMs"]) >= knownMs,
  );
}

test("an order closes its route in every isolate within two seconds, outlives a crash, and the next one opens it", async () => {
  expect(await statuses()).toEqual([200, 200]);
  expect(await weir("on", "shop")).toBe(0);
  await seen(503);
  expect(late("on", 200)).toEqual([]);
  const { headers, body } = await ask(stack.url, { headers: { Host: "shop.test", ...accept } });
  expect([headers["retry-after"], body.toString()]).toEqual(["300", "<h1>back soon</h1>"]);
  expect(await statuses("blog.test")).toEqual([200, 200]);

  await stack.crash();
  expect(await statuses()).toEqual([503, 503]);

  expect(await weir("off", "shop")).toBe(0);
  await seen(200);
  expect(late("off", 503)).toEqual([]);
  expect(stack.events.filter(({ event }) => event === "maintenance")).toMatchObject([
    { route: "shop", order: "on" },
    { route: "shop", order: "off" },
  ]);
  expect(stack.events.filter(({ filter }) => filter === "maintenance").length).toBeGreaterThan(3);
});

test("an order with an end opens its route by itself, and tells clients when", async () => {
  await weir("on", "shop", { for: "2s" });
  const closed = await ask(stack.url, { headers: { Host: "shop.test" } });
  expect([closed.status, json(closed)]).toMatchObject([503, { error: { code: "maintenance" } }]);
  expect(Number(closed.headers["retry-after"])).toBeLessThanOrEqual(2);
  await seen(200);
});

test("an order for a route that has none is refused with those that have", async () => {
  await expect(weir("on", "blog")).rejects.toThrow(
    "set maintenance: { byOrder: true } there. Orders can: shop.",
  );
  await expect(weir("on", "shopp")).rejects.toThrow('There is no route "shopp".');
});
