/** A request's life from its first line to its last: every request gets one answer and one log line, and gives its slot back. */
import { describe, expect, test, vi } from "vitest";

import type { Pick } from "../../../../core/protocol/pick.ts";
import { proxy } from "../../../../worker/proxy/pipeline.ts";
import { fakeEnv, fakeUpstream } from "../fake-objects.ts";
import { Isolate } from "../../../../worker/isolate.ts";
import { inNode, logged, ProxiedSite, shop, toOrigin } from "./proxied-site.ts";

inNode();

describe("a request that gets to no route", () => {
  test.each([
    ["no route has its host", "/", { authority: "elsewhere.test" }, 404, "no-route"],
    ["its target is too long", `/${"x".repeat(2_000)}`, {}, 414, "target-too-long"],
  ])("because %s learns no more", async (_, target, asking, status, failure) => {
    const config = { ...shop({}, { host: "shop.test" }), limits: { target: "1KiB" } };
    const site = await ProxiedSite.open(config);
    const answer = await site.get(target, asking);
    expect(answer.status).toBe(status);
    expect(logged("request")).toMatchObject([{ status, failure, attempts: 0 }]);
    expect(logged("request")[0]).not.toHaveProperty("route");
    expect(site.messages).toEqual([]);
  });

  test("because its host is none, or the config serves nothing, is answered as well", async () => {
    const isolate = new Isolate({ ...shop(), routes: [] });
    const env = fakeEnv(fakeUpstream());
    const context = { env, isolate, waitUntil: () => undefined };
    const request = new Request("http://shop.test/");
    expect((await proxy(request, undefined, context)).status).toBe(400);
    const url = { scheme: "http", authority: "h", hostname: "h", path: "/", target: "/", routingPath: "/" };
    expect((await proxy(request, url, context)).status).toBe(500);
    expect(logged("request").map(({ failure }) => failure)).toEqual(["bad-request", "misconfigured"]);
    expect(logged("config-refused")).toHaveLength(1);
  });
});

test("the log line names the route, the upstream, the origin, and why the loop finished", async () => {
  const site = await ProxiedSite.open(shop({}, { name: "the-shop" }));
  await site.get("/page?secret=1");
  expect(logged("request")).toMatchObject([
    {
      method: "GET",
      host: "shop.test",
      path: "/page",
      route: "the-shop",
      upstream: "shop",
      pool: "home",
      origin: "a",
      mode: "strict",
      attempts: 1,
      status: 200,
      finished: "answered",
    },
  ]);
  expect(JSON.stringify(logged("request"))).not.toContain("secret");
});

test("a request that spills, and its answer, are counted once, as its log line says", async () => {
  const spilled: Pick = {
    kind: "granted",
    origin: "b",
    pool: "home",
    pinEpoch: 1,
    pin: "none",
    spill: "peak",
  };
  const site = await ProxiedSite.open(shop());
  site.picks.push(spilled);
  await site.get("/");
  const tallies = site.messages.flatMap((message) => message.tallies ?? []);
  expect(new Set(tallies.map(({ of, pool, to }) => `${of} ${pool} ${to}`))).toEqual(
    new Set(["peak home 1", "responses */* 2xx 1"]),
  );
});

describe("a request with a body", () => {
  const put = (body: BodyInit) => ({ method: "PUT", body, headers: { "Content-Length": "5" } });

  test("is sent with it, again after a failure", async () => {
    const site = await ProxiedSite.open(shop());
    site.picks.push(toOrigin("a"), toOrigin("b"));
    site.origin = () => new Response(null, { status: site.sent.length === 1 ? 503 : 204 });
    expect((await site.get("/", put("hello"))).status).toBe(204);
    const bodies = site.sent.map(({ init }) => new TextDecoder().decode(init.body as Uint8Array));
    expect(bodies).toEqual(["hello", "hello"]);
  });

  test("is refused where a body means nothing, before an origin is picked", async () => {
    const site = await ProxiedSite.open(shop());
    const request = new Request("http://shop.test/", { method: "POST", body: "hello" });
    Object.defineProperty(request, "method", { value: "GET" });
    const response = await site.send(request);
    expect(response.status).toBe(400);
    expect(site.messages).toEqual([]);
  });
});

test("a request of which the headers are too large is refused, and its client may come again", async () => {
  const site = await ProxiedSite.open({ ...shop(), limits: { headers: "1KiB" } });
  const answer = await site.get("/", { headers: { "X-Large": "x".repeat(2_000) } });
  expect(answer.status).toBe(431);
  expect(logged("request")).toMatchObject([{ failure: "headers-too-large", route: "*/*" }]);
});

test("where the object cannot be reached and the config says so, the client gets 503", async () => {
  const site = await ProxiedSite.open(shop({ onCoordinatorLoss: "refuse", timeouts: { total: "3s" } }));
  site.lose();
  const answer = site.fetch("/");
  await vi.advanceTimersByTimeAsync(30_000);
  expect((await answer).status).toBe(503);
  expect(logged("request")).toMatchObject([{ finished: "coordinator-lost" }]);
});
