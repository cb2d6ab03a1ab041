/** The operator's API: what it asks the upstreams' objects, and what it answers. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import type { Remote } from "../../../../core/protocol/object-namespace.ts";
import type { UpstreamObject } from "../../../../core/protocol/upstream-object.ts";
import type { UpstreamReport } from "../../../../core/protocol/upstream-view.ts";
import { adminRoutes } from "../../../../worker/api/admin.ts";
import { RefusedClaims } from "../../../../worker/api/refused-claims.ts";
import { defineConfig } from "../../../../worker/config/define-config.ts";
import { Isolate } from "../../../../worker/isolate.ts";
import { fakeEnv, fakeUpstream } from "../fake-objects.ts";

const token = "admin-token-of-the-tests";

const pools = [{ name: "home", origins: [{ name: "a", url: "https://a.example.net", maxConns: 4 }] }];

const config = defineConfig({
  target: "edge",
  upstreams: { shop: { pools }, wide: { pools, regions: ["weur", "enam"] } },
  routes: [
    { host: "shop.example.com", upstream: "shop" },
    { host: "wide.example.com", upstream: "wide" },
  ],
});

const report = (name: string): UpstreamReport => ({
  name,
  policy: "least_conn",
  holders: 0,
  probedMs: null,
  queue: null,
  sessionsMoved: null,
  burst: null,
  counters: {},
  pools: [],
  exchanges: 0,
  rowsRead: 0,
  rowsWritten: 0,
});

/** The API beside such an object. */
function start(methods: Partial<Remote<UpstreamObject>>, raw = config) {
  const env = { ...fakeEnv(fakeUpstream(methods)), WEIR_ADMIN_TOKEN: token };
  const app = adminRoutes(new Isolate(raw), new RefusedClaims());
  const later: Promise<unknown>[] = [];
  const context = {
    waitUntil: (work: Promise<unknown>) => void later.push(work),
    passThroughOnException: () => {},
    props: {},
  };
  const ask = async (path: string, method = "GET", authorization = `Bearer ${token}`) => {
    const init = { method, headers: { Authorization: authorization } };
    const response = await app.request(`http://weir.test${path}`, init, env, context);
    await Promise.all(later);
    return response;
  };
  return { env, ask };
}

beforeEach(() => void vi.spyOn(console, "log").mockReturnValue());
afterEach(() => void vi.restoreAllMocks());

test("without the token no object is asked anything", async () => {
  const { env, ask } = start({});
  expect((await ask("/upstreams", "GET", "Bearer wrong")).status).toBe(403);
  expect(env.UPSTREAM_STATE.stubs).toEqual([]);
});

test("a config that was refused is told with its issues, each in three texts", async () => {
  const { ask } = start({}, { ...config, routes: [] });
  const response = await ask("/upstreams");
  expect(await response.json()).toHaveProperty("error.issues", [
    { path: "routes", found: "[]", expected: "a list of 1 to 10000 routes" },
  ]);
});

test("the state is that of each upstream's own object, and regions are told to ask theirs for news", async () => {
  const heeded: string[] = [];
  const { env, ask } = start({
    view: async ({ name }) => report(name),
    heed: async ({ name }) => void heeded.push(name),
  });
  const response = await ask("/upstreams");
  expect(await response.json()).toMatchObject({ upstreams: [{ name: "shop" }, { name: "wide" }] });
  expect(response.headers.get("Cache-Control")).toBe("no-store");
  expect(heeded).toEqual(["wide", "wide"]);
  expect(env.UPSTREAM_STATE.stubs.map(({ name }) => name).sort()).toEqual([
    "shop",
    "wide",
    "wide@enam",
    "wide@weur",
  ]);
});

describe("an order", () => {
  test("goes to the upstream's object with its config, and is answered by the state after it", async () => {
    const operate = vi.fn(async () => true);
    const { ask } = start({ operate, view: async ({ name }) => report(name) });
    const response = await ask("/upstreams/shop/origins/a/drain", "POST");
    expect(await response.json()).toMatchObject({ name: "shop" });
    expect(operate.mock.calls).toEqual([[expect.objectContaining({ name: "shop" }), "a", "drain"]]);
  });

  test("to a region that cannot be reached is given all the same", async () => {
    const { ask } = start({
      operate: async () => true,
      view: async ({ name }) => report(name),
      heed: async () => {
        throw new Error("Network connection lost.");
      },
    });
    expect((await ask("/upstreams/wide/origins/a/down", "POST")).status).toBe(200);
  });

  test("of an origin that the object does not have names those that there are", async () => {
    const { ask } = start({ operate: async () => false });
    const response = await ask("/upstreams/shop/origins/b/drain", "POST");
    expect(response.status).toBe(404);
    expect(await response.text()).toContain('There is no origin \\"b\\". Known: a.');
  });

  test.each(["/upstreams/none/origins/a/drain", "/upstreams/shop/origins/a/burn"])(
    "%s does not reach any object",
    async (path) => {
      const { env, ask } = start({});
      expect((await ask(path, "POST")).status).toBe(404);
      expect(env.UPSTREAM_STATE.stubs).toEqual([]);
    },
  );
});
