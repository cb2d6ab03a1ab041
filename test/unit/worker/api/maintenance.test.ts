/** The API's orders that put routes in maintenance: which it gives, and why it gives none. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { noOrders, newsFor, obeyed } from "../../../../core/maintenance/orders.ts";
import type { MaintenanceMessage } from "../../../../core/protocol/maintenance.ts";
import { adminRoutes } from "../../../../worker/api/admin.ts";
import { maintenanceRoutes } from "../../../../worker/api/maintenance.ts";
import { RefusedClaims } from "../../../../worker/api/refused-claims.ts";
import { defineConfig } from "../../../../worker/config/define-config.ts";
import { Isolate } from "../../../../worker/isolate.ts";
import { fakeEnv, fakeRole, fakeUpstream } from "../fake-objects.ts";

const token = "admin-token-of-the-tests";
const upstreams = {
  shop: { pools: [{ name: "home", origins: [{ name: "a", url: "https://a.example.net" }] }] },
};
const byOrder = { byOrder: true };

const config = defineConfig({
  target: "edge",
  upstreams,
  routes: [
    { name: "shop", host: "shop.example.com", upstream: "shop", maintenance: byOrder },
    { name: "api", host: "api.example.com", upstream: "shop", maintenance: byOrder },
    { name: "blog", host: "blog.example.com", upstream: "shop" },
    { host: "www.example.com", upstream: "shop" },
  ],
});

/** The API beside an object of orders. */
function start({ isLost = false, withRoles = true } = {}) {
  const object = { state: noOrders, messages: [] as MaintenanceMessage[] };
  const role = fakeRole({
    call: async (json) => {
      const message: MaintenanceMessage = JSON.parse(json);
      object.messages.push(message);
      if (isLost) throw new Error("Network connection lost.");
      if (message.kind === "look")
        return JSON.stringify({ kind: "answer", answer: newsFor(object.state, message.known, Date.now()) });
      const { state, reply } = obeyed(object.state, message, Date.now());
      object.state = state;
      return JSON.stringify({ kind: "answer", answer: reply });
    },
  });
  const { ROLES, ...others } = fakeEnv(fakeUpstream(), undefined, role);
  const env = { ...others, ...(withRoles && { ROLES }), WEIR_ADMIN_TOKEN: token };
  const raw = withRoles
    ? config
    : { ...config, routes: config.routes.filter(({ maintenance }) => !maintenance) };
  const app = adminRoutes(new Isolate(raw), new RefusedClaims());
  const ask = (path: string, method = "GET", authorization = `Bearer ${token}`) =>
    app.request(`http://weir.test${path}`, { method, headers: { Authorization: authorization } }, env);
  const told = async (path: string, method = "POST") => {
    const response = await ask(path, method);
    return [response.status, await response.json()];
  };
  return { ask, told, object };
}

const now = Date.UTC(2026, 10, 21);
beforeEach(() => {
  vi.useFakeTimers({ now });
  vi.spyOn(console, "log").mockReturnValue();
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const open = { inMaintenance: false, sinceMs: null, untilMs: null, inConfig: true };

test("without the token nothing is asked, and no order is given", async () => {
  const { ask, object } = start();
  expect((await ask("/maintenance", "GET", "Bearer wrong")).status).toBe(403);
  expect((await ask("/maintenance/shop/on", "POST", "")).status).toBe(403);
  expect(object.messages).toEqual([]);
});

describe("an order", () => {
  test("is given to the object, and answered by how all routes stand", async () => {
    const { told, object } = start();
    const on = { route: "shop", inMaintenance: true, sinceMs: now, untilMs: null, inConfig: true };
    expect(await told("/maintenance/shop/on")).toEqual([
      200,
      { maintenance: [on, { route: "api", ...open }] },
    ]);
    expect(object.messages).toEqual([{ kind: "order", route: "shop", order: "on" }]);
    expect(await told("/maintenance", "GET")).toEqual([
      200,
      { maintenance: [on, { route: "api", ...open }] },
    ]);
    expect(await told("/maintenance/shop/off")).toMatchObject([
      200,
      { maintenance: [{ route: "shop", ...open }, {}] },
    ]);
  });

  test("may have an end", async () => {
    const { told } = start();
    expect(await told("/maintenance/api/on?for=90m")).toMatchObject([
      200,
      { maintenance: [{}, { route: "api", inMaintenance: true, untilMs: now + 5_400_000 }] },
    ]);
  });

  test.each([
    ["/maintenance/shop/on?for=5", "from 1s to 720h"],
    ["/maintenance/shop/on?for=721h", "from 1s to 720h"],
    ["/maintenance/shop/on?for=1ms", "from 1s to 720h"],
    ["/maintenance/shop/off?for=5m", "The order off has no time"],
  ])("%s is refused", async (path, message) => {
    const { told, object } = start();
    expect(await told(path)).toMatchObject([400, { error: { code: "bad-duration" } }]);
    expect(JSON.stringify(await told(path))).toContain(message);
    expect(object.messages).toEqual([]);
  });

  test.each([
    ["there is not", "shopp", 404, "unknown-route", "orders can put in maintenance: shop, api."],
    ["orders do not close", "blog", 409, "not-by-order", "byOrder: true } there. Orders can: shop, api."],
    [
      "has no name",
      encodeURIComponent("www.example.com/*"),
      409,
      "not-by-order",
      "give it a name there, and maintenance: { byOrder: true }, since an order calls a route by its name",
    ],
  ])("for a route that %s names those that there are", async (_, route, status, code, message) => {
    const { told, object } = start();
    const answer = await told(`/maintenance/${route}/on`);
    expect(answer).toMatchObject([status, { error: { code } }]);
    expect(JSON.stringify(answer)).toContain(message);
    expect(object.messages).toEqual([]);
  });

  test("of another word is unknown, and so is another path", async () => {
    const { told } = start();
    expect(await told("/maintenance/shop/close")).toMatchObject([404, { error: { code: "unknown-order" } }]);
    expect(await told("/maintenance/shop")).toMatchObject([404, { error: { code: "not-found" } }]);
  });

  test("is not given if the object does not answer", async () => {
    const { ask } = start({ isLost: true });
    vi.spyOn(console, "error").mockReturnValue();
    expect((await ask("/maintenance/shop/on", "POST")).status).toBe(500);
    expect((await ask("/maintenance")).status).toBe(500);
  });
});

test("an order that is left over of a route that is gone is listed, and can be ended", async () => {
  const { told, object } = start();
  object.state = obeyed(noOrders, { kind: "order", order: "on", route: "old" }, now).state;
  const [, list] = await told("/maintenance", "GET");
  expect(list).toMatchObject({
    maintenance: [{}, {}, { route: "old", inMaintenance: true, inConfig: false }],
  });
  expect(await told("/maintenance/old/on")).toMatchObject([404, {}]);
  expect(await told("/maintenance/old/off")).toMatchObject([200, { maintenance: [{}, {}] }]);
  expect(await told("/maintenance/old/off")).toMatchObject([404, {}]);
});

test("no more orders are kept than the object has room for", async () => {
  const { told, object } = start();
  const closed = Array.from({ length: 1_000 }, (_, nth) => ({ route: `r${nth}`, sinceMs: now }));
  object.state = { version: now, closed };
  expect(await told("/maintenance/shop/on")).toMatchObject([409, { error: { code: "too-many-orders" } }]);
});

test("without the binding there are no orders, and the answer says what is missing", async () => {
  const { told } = start({ withRoles: false });
  for (const [path, method] of [
    ["/maintenance", "GET"],
    ["/maintenance/blog/on", "POST"],
  ] as const) {
    const answer = await told(path, method);
    expect(answer).toMatchObject([409, { error: { code: "no-roles" } }]);
    expect(JSON.stringify(answer)).toContain("binding ROLES");
  }
});

test("a config that was refused is told with its issues", async () => {
  const app = maintenanceRoutes(new Isolate({ ...config, routes: [] }));
  for (const [path, method] of [
    ["/", "GET"],
    ["/shop/on", "POST"],
  ] as const) {
    const response = await app.request(`http://weir.test${path}`, { method }, fakeEnv(fakeUpstream()));
    expect(await response.json()).toMatchObject({ error: { status: 500, code: "config-refused" } });
  }
});
