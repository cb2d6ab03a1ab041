/** `maintenance` of a route by order: who is served while an order holds, and what the others get. What it does without one: route-filters.test.ts. */
import { describe, expect, test, vi } from "vitest";

import { newsFor, noOrders, obeyed } from "../../../../../core/maintenance/orders.ts";
import type { MaintenanceMessage } from "../../../../../core/protocol/maintenance.ts";
import { activateConfig } from "../../../../../worker/active-config.ts";
import { fakeEnv, fakeRole, FakeNamespace, fakeUpstream } from "../../fake-objects.ts";
import { inNode, logged, ProxiedSite, shop } from "../proxied-site.ts";

inNode();

/** A site whose route is closed by order while that says so. */
async function switched(maintenance: object = {}, order?: { readonly forMs?: number }) {
  let state = noOrders;
  let isLost = false;
  const asked: MaintenanceMessage[] = [];
  const role = fakeRole({
    call: async (json) => {
      const message: MaintenanceMessage = JSON.parse(json);
      asked.push(message);
      if (isLost || message.kind !== "look") throw new Error("Network connection lost.");
      return JSON.stringify({ kind: "answer", answer: newsFor(state, message.known, Date.now()) });
    },
  });
  const give = (what: "on" | "off", forMs?: number) => {
    const given = {
      kind: "order",
      order: what,
      route: "shop",
      ...(forMs !== undefined && { forMs }),
    } as const;
    ({ state } = obeyed(state, given, Date.now()));
  };
  if (order !== undefined) give("on", order.forMs);
  const route = { name: "shop", maintenance: { byOrder: true, ...maintenance } };
  const site = await ProxiedSite.open(shop({}, route), { env: { ROLES: new FakeNamespace(role) } });
  return { site, asked, give, lose: () => (isLost = true) };
}

const html = { headers: { Accept: "text/html" } };

describe("a route by order", () => {
  test("is served while there is no order", async () => {
    const { site, asked } = await switched();
    expect(await site.get("/")).toMatchObject({ status: 200 });
    expect(asked).toEqual([{ kind: "look", known: 0 }]);
  });

  test("answers 503 with its page and Retry-After while an order holds, and sends nothing to origins", async () => {
    const { site } = await switched({ page: "soon: {status}", retryAfter: "90s" }, {});
    const page = await site.get("/", html);
    expect(page).toMatchObject({ status: 503, body: "soon: 503" });
    expect(page.headers.get("Retry-After")).toBe("90");
    expect(JSON.parse((await site.get("/")).body)).toHaveProperty("error.code", "maintenance");
    expect(site.sent).toEqual([]);
    expect(logged("request")[0]).toMatchObject({
      status: 503,
      filter: "maintenance",
      failure: "maintenance",
    });
  });

  test("has a page and a Retry-After without being given any", async () => {
    const { site } = await switched({}, {});
    const { status, headers, body } = await site.get("/", html);
    expect([status, headers.get("Retry-After")]).toEqual([503, "300"]);
    expect(body).toContain("being maintained");
  });

  test("tells clients when an order ends by itself, and is served from then on", async () => {
    const { site, lose } = await switched({}, { forMs: 90_000 });
    expect((await site.get("/")).headers.get("Retry-After")).toBe("90");
    lose();
    await vi.advanceTimersByTimeAsync(90_000);
    expect((await site.get("/")).status).toBe(200);
  });

  test("closes within two seconds of an order, and opens within two seconds of another", async () => {
    const { site, give } = await switched();
    expect((await site.get("/")).status).toBe(200);
    give("on");
    await vi.advanceTimersByTimeAsync(2_000);
    expect((await site.get("/")).status).toBe(503);
    give("off");
    await vi.advanceTimersByTimeAsync(2_000);
    expect((await site.get("/")).status).toBe(200);
  });

  test("asks nothing for clients that are let in, and serves them", async () => {
    const { site, asked } = await switched({ allow: ["192.0.2.0/24"] }, {});
    expect((await site.get("/")).status).toBe(200);
    expect((await site.get("/", { address: "198.51.100.1" })).status).toBe(503);
    expect(asked).toHaveLength(1);
  });

  test("is served as the config has it if its orders cannot be learned", async () => {
    const { site, lose } = await switched({}, {});
    lose();
    expect((await site.get("/")).status).toBe(200);
  });
});

test("where the object is not bound, the config is refused, and says what is missing", async () => {
  const { ROLES: _, ...env } = fakeEnv(fakeUpstream());
  const config = shop({}, { name: "shop", maintenance: { byOrder: true } });
  expect(await activateConfig(config, env)).toMatchObject({
    ok: false,
    issues: [{ path: "routes[0].maintenance.byOrder", found: "no binding ROLES" }],
  });
  expect((await activateConfig(shop({}, { maintenance: true }), env)).ok).toBe(true);
});

test("a route that is always in maintenance asks no object", async () => {
  const role = fakeRole();
  const ROLES = new FakeNamespace(role);
  const route = { name: "shop", maintenance: true };
  const site = await ProxiedSite.open(shop({}, route), { env: { ROLES } });
  expect((await site.get("/")).status).toBe(503);
  expect(ROLES.stubs).toEqual([]);
});
