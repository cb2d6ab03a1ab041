/**
 * One client asks for what fails, as often as it likes: no server is taken out, and no session moves. Where several clients meet failures
 * that the other servers do not have, the server goes, and its sessions stay as long as probes find it well.
 */
import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { createServer, type AddressInfo, type Server } from "node:net";

import { afterEach, expect, test } from "vitest";

import { ask, json } from "../support/ask.ts";
import { eventually, origins, startStack, type Stack } from "../support/stack.ts";

let stack: Stack;
const servers: Server[] = [];

afterEach(async () => {
  await stack.stop();
  for (const server of servers.splice(0)) server.close();
});

const names = ["a", "b"];

/** The tests come from there, and play a trusted proxy: each client has an address of its own. */
const forwarding = { trusted: ["127.0.0.1"] };
const health = { path: "/", interval: "1s", timeout: "500ms" };

interface User {
  readonly client: number;
  readonly cookie: string;
  readonly at: unknown;
}

const from = (client: number, cookie?: string) => ({
  headers: { "X-Forwarded-For": `192.0.2.${client}`, ...(cookie !== undefined && { Cookie: cookie }) },
});

async function begin(client: number): Promise<User> {
  const got = await ask(stack.url, from(client));
  const [cookie = ""] = /weir=[^;]+/.exec(got.headers["set-cookie"]?.[0] ?? "") ?? [];
  const { origin: at } = json(got) as { readonly origin: string };
  return { client, cookie, at };
}

async function startSticky(): Promise<readonly User[]> {
  stack = await startStack({
    origins: { home: names },
    config: (urlOf) => ({
      target: "workerd",
      forwarding,
      upstreams: {
        shop: {
          policy: "round_robin",
          sticky: true,
          pools: [{ name: "home", origins: names.map((name) => ({ name, url: urlOf(name) })) }],
          health,
        },
      },
      routes: [{ upstream: "shop" }],
    }),
  });
  await everyoneIsHealthy();
  const users: User[] = [];
  for (let client = 1; client <= 12; client++) users.push(await begin(client));
  return users.filter(({ at }) => at === "a");
}

const view = async () => origins(await stack.admin.upstreams());

const changes = (...to: readonly string[]) =>
  stack.events.filter((one) => one["event"] === "health" && to.includes(String(one["to"])));

async function everyoneIsHealthy(): Promise<void> {
  await eventually("everyone has been probed", async () =>
    (await view()).every(({ health: state }) => state === "healthy"),
  );
}

/** Where each user's next request is served. */
const servedAt = (users: readonly User[]): Promise<unknown[]> =>
  Promise.all(
    users.map(async ({ client, cookie }) => {
      const got = await ask(stack.url, from(client, cookie));
      return [(json(got) as { readonly origin: string }).origin, got.headers["set-cookie"]];
    }),
  );

test("one client that asks for a page with 500 two hundred times takes no server out, and moves nobody", async () => {
  const users = await startSticky();
  const [attacker] = users;
  for (let request = 0; request < 200; request++)
    await ask(`${stack.url}/status/500`, from(attacker!.client, attacker!.cookie));
  expect(await servedAt(users)).toEqual(users.map(() => ["a", undefined]));
  expect(changes("ejected", "suspect")).toEqual([]);
  expect(await view()).toMatchObject([{ available: true }, { available: true }]);
});

test("failures of several clients at one server take it out for others; its sessions stay while its probes are good", async () => {
  const users = await startSticky();
  expect(users.length).toBeGreaterThan(2);
  await eventually("it is ejected", async () => {
    await Promise.all(
      users.map(({ client, cookie }) => ask(`${stack.url}/status/500`, from(client, cookie))),
    );
    return changes("ejected").length > 0;
  });
  expect(changes("ejected")).toMatchObject([{ origin: "a", by: "row" }]);
  expect(await view()).toMatchObject([
    { available: false, unavailableBecause: "ejected" },
    { available: true },
  ]);
  expect(await servedAt(users)).toEqual(users.map(() => ["a", undefined]));
  const newcomers: unknown[] = [];
  for (let client = 20; client < 26; client++) newcomers.push((await begin(client)).at);
  expect(newcomers).toEqual(Array(6).fill("b"));
});

/** Hangs up on heads of more than 4 KB, as uWSGI does; answers any other. */
async function startHangingUp(): Promise<string> {
  const server = createServer((socket) => {
    let head = "";
    socket.on("error", () => {});
    socket.on("data", (bytes) => {
      head += bytes.toString("latin1");
      if (head.length > 4_096) return socket.destroy();
      if (!head.includes("\r\n\r\n")) return;
      head = "";
      socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    });
  }).listen(0, "127.0.0.1");
  return urlOf(server);
}

/** Fails every so-manieth request with 500, but no probe; 0: none. */
async function startFailing(everyNth: number): Promise<string> {
  let nth = 0;
  const server = createHttpServer((request, response) => {
    const fails = request.url !== "/healthz" && everyNth > 0 && ++nth % everyNth === 0;
    response.writeHead(fails ? 500 : 200).end("ok");
  }).listen(0, "127.0.0.1");
  return urlOf(server);
}

async function urlOf(server: Server): Promise<string> {
  servers.push(server);
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test("one client whose heads make every server hang up takes none out, and another client is served", async () => {
  const urls = await Promise.all(["a", "b", "c", "d"].map(startHangingUp));
  stack = await startStack({
    origins: {},
    config: () => ({
      target: "workerd",
      forwarding,
      upstreams: {
        shop: {
          pools: [
            { name: "home", origins: urls.map((url, nth) => ({ name: `o-${nth}`, url, maxConns: 8 })) },
          ],
          health,
        },
      },
      routes: [{ upstream: "shop" }],
    }),
  });
  await everyoneIsHealthy();
  const large = { headers: { ...from(1).headers, "X-Long": "x".repeat(5_000) } };
  for (let request = 0; request < 20; request++) expect((await ask(stack.url, large)).status).toBe(502);
  expect((await ask(stack.url, from(2))).status).toBe(200);
  expect(changes("ejected", "suspect")).toEqual([]);
  expect((await view()).every(({ available }) => available)).toBe(true);
});

test("an origin that fails every third request is found under round_robin, though good answers end every row", async () => {
  const urls = await Promise.all([3, 0, 0].map(startFailing));
  stack = await startStack({
    origins: {},
    config: () => ({
      target: "workerd",
      forwarding,
      upstreams: {
        shop: {
          policy: "round_robin",
          pools: [{ name: "home", origins: urls.map((url, nth) => ({ name: `o-${nth}`, url })) }],
          health: { ...health, path: "/healthz" },
        },
      },
      routes: [{ upstream: "shop" }],
    }),
  });
  await everyoneIsHealthy();
  let requests = 0;
  await eventually("it is ejected", async () => {
    for (const client of [1, 2, 3, 4]) await ask(stack.url, from(client));
    requests += 4;
    return changes("ejected").length > 0;
  });
  expect(changes("ejected")).toMatchObject([{ origin: "o-0", by: "share" }]);
  expect(requests).toBeLessThan(200);
});
