/** `rateLimits` of a route: who is refused, when, and what clients and the log are told. */
import { describe, expect, test, vi } from "vitest";

import { activateConfig } from "../../../../../worker/active-config.ts";
import { fakeEnv, fakeUpstream } from "../../fake-objects.ts";
import { inNode, logged, ProxiedSite, shop, type Asking } from "../proxied-site.ts";

inNode();

const siteOf = (...rateLimits: readonly object[]): Promise<ProxiedSite> =>
  ProxiedSite.open(shop({}, { rateLimits }));

async function statuses(site: ProxiedSite, askings: readonly (Asking & { readonly target?: string })[]) {
  const seen: number[] = [];
  for (const { target = "/", ...asking } of askings) seen.push((await site.fetch(target, asking)).status);
  await site.settle();
  return seen;
}

const times = <Value>(many: number, value: Value): Value[] => Array.from({ length: many }, () => value);

describe.each([true, false])("exact: %s", (exact) => {
  test("a key's requests beyond the burst are refused, others' are not, and after its time one more passes", async () => {
    const site = await siteOf({ rate: "6/h", burst: 2, exact });
    const other = { address: "198.51.100.1" };
    expect(await statuses(site, [...times(3, {}), other])).toEqual([200, 200, 429, 200]);
    vi.advanceTimersByTime(600_000);
    expect(await statuses(site, times(2, {}))).toEqual([200, 429]);
  });

  test("a refusal says when to come again, and in the standard fields of which limit", async () => {
    const site = await siteOf({ name: "login", rate: "6/min", burst: 2, exact });
    const first = await site.fetch("/");
    expect(first.headers.get("RateLimit-Policy")).toBe('"login";q=6;w=60');
    expect(first.headers.get("RateLimit")).toBe('"login";r=1;t=10');
    await site.fetch("/");
    const refused = await site.fetch("/");
    expect(refused.headers.get("RateLimit")).toBe('"login";r=0;t=10');
    expect([refused.status, refused.headers.get("Retry-After")]).toEqual([429, "10"]);
    expect(await refused.json()).toHaveProperty("error.code", "rate_limited");
    expect(site.sent).toHaveLength(2);
    await site.settle();
    expect(logged("request").at(-1)).toMatchObject({
      status: 429,
      filter: "rateLimits",
      limit: "login",
      failure: "rate-limited",
      attempts: 0,
    });
  });

  test("while its object cannot be reached, an isolate goes on by itself, and by its own count", async () => {
    const site = await siteOf({ rate: "60/min", burst: 2, exact });
    site.loseLimits();
    expect(await statuses(site, times(4, {}))).toEqual([200, 200, 429, 429]);
    expect(logged("role-lost")).toHaveLength(1);
  });

  test('with onFailure "refuse" it refuses all of them', async () => {
    const site = await siteOf({ rate: "60/min", exact, onFailure: "refuse" });
    site.loseLimits();
    expect(await statuses(site, times(2, {}))).toEqual([503, 503]);
    expect(logged("request").at(-1)).toMatchObject({ failure: "limit-lost" });
  });

  test("a refused flood costs its object hardly any message", async () => {
    const site = await siteOf({ rate: "1/min", exact });
    await statuses(site, times(200, {}));
    expect(site.limitAsks.length).toBeLessThan(8);
  });
});

test("a request that is held back until its turn passes then, and the log says how long", async () => {
  const site = await siteOf({ rate: "1/s", delay: "1s", exact: true });
  await site.fetch("/");
  const late = site.fetch("/");
  await vi.advanceTimersByTimeAsync(1_000);
  expect((await late).status).toBe(200);
  expect(logged("request").at(-1)).toMatchObject({ delayedMs: 1_000 });
  await site.settle();
});

describe("a key", () => {
  test("of several parts is of all of them together", async () => {
    const site = await siteOf({ rate: "1/h", key: ["header:X-User", "path"] });
    const as = (user: string, target: string) => ({ headers: { "X-User": user }, target });
    const askings = [as("ann", "/a"), as("ann", "/b"), as("bob", "/a"), as("ann", "/%61"), as("bob", "/a?x")];
    expect(await statuses(site, askings)).toEqual([200, 200, 200, 429, 429]);
  });

  test("that a request lacks is its client's address: leaving it out goes around no limit", async () => {
    const site = await siteOf({ rate: "1/h", key: "header:X-Key" });
    expect(await statuses(site, [{}, {}, { address: "198.51.100.1" }])).toEqual([200, 429, 200]);
    expect(await statuses(site, [{ headers: { "X-Key": "192.0.2.7" } }])).toEqual([200]);
  });

  test("of an address is of IPv6 the /64, and clients without an address are one", async () => {
    const site = await siteOf({ rate: "1/h" });
    const askings = ["2001:db8::1", "2001:db8::2", "2001:db8:0:1::1", null, null].map((address) => ({
      address,
    }));
    expect(await statuses(site, askings)).toEqual([200, 429, 200, 200, 429]);
  });

  test('"route" counts all requests of the route', async () => {
    const site = await siteOf({ rate: "1/h", key: "route" });
    expect(await statuses(site, [{}, { address: "198.51.100.1" }])).toEqual([200, 429]);
  });
});

test("only what meets the conditions counts", async () => {
  const site = await siteOf({ rate: "1/h", when: { methods: ["POST"] } });
  const post = { method: "POST" };
  expect(await statuses(site, [post, {}, post])).toEqual([200, 200, 429]);
  expect((await site.get()).headers.has("RateLimit")).toBe(false);
});

test("a dry run refuses nothing, and the log says what it would have refused", async () => {
  const site = await siteOf({ name: "api", rate: "1/h", dryRun: true });
  expect(await statuses(site, times(2, {}))).toEqual([200, 200]);
  expect(logged("request").map(({ limit }) => limit)).toEqual([undefined, "api"]);
});

test("of several limits each must let a request pass; the answer names those that it was held to", async () => {
  const site = await siteOf({ rate: "3/h", key: "route" }, { rate: "2/h", status: 503, headers: false });
  expect(await statuses(site, [{}, {}, {}, { address: "198.51.100.1" }])).toEqual([200, 200, 503, 429]);
  const refused = await site.get();
  expect(refused.headers.get("RateLimit-Policy")).toBe('"default";q=3;w=3600');
});

test("limits of one name count together, on whichever routes", async () => {
  const config = shop({}, { prefix: "/a", rateLimits: [{ name: "all", rate: "1/h" }] });
  const [first = expect.unreachable()] = config.routes;
  const site = await ProxiedSite.open({ ...config, routes: [first, { ...first, prefix: "/b" }] });
  expect(await statuses(site, [{ target: "/a" }, { target: "/b" }])).toEqual([200, 429]);
});

test("a body is not read before its request has passed", async () => {
  const site = await siteOf({ rate: "1/h" });
  await site.get("/", { method: "POST", body: "first" });
  const asksBefore: number[] = [];
  const body = new ReadableStream({ type: "bytes", pull: () => void asksBefore.push(site.limitAsks.length) });
  const init: RequestInit & { readonly duplex: "half" } = { method: "POST", body, duplex: "half" };
  expect((await site.fetch("/", init)).status).toBe(429);
  expect(asksBefore).not.toContain(1);
});

test("where the objects are not bound, the config is refused, and says what is missing", async () => {
  const { ROLES: _, ...env } = fakeEnv(fakeUpstream());
  const refused = await activateConfig(shop({}, { rateLimits: [{ rate: "1/s" }] }), env);
  expect(refused).toMatchObject({
    ok: false,
    issues: [{ path: "routes[0].rateLimits", found: "no binding ROLES" }],
  });
  expect((await activateConfig(shop(), env)).ok).toBe(true);
});
