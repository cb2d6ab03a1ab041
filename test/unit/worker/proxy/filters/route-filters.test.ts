/** What a route answers by itself, and in which order; what it says on answers. */
import { describe, expect, test } from "vitest";

import { inNode, logged, ProxiedSite, shop } from "../proxied-site.ts";

inNode();

const siteOf = (route: object): Promise<ProxiedSite> => ProxiedSite.open(shop({}, route));

test("a route without rules lets everything through", async () => {
  const site = await siteOf({});
  const init = { method: "DELETE", headers: { "Content-Length": "0" } };
  expect(await site.get("/a//b?c=%2F", init)).toMatchObject({ status: 200 });
  expect(site.sent).toMatchObject([{ url: "http://a.test/a//b?c=%2F" }]);
  expect(logged("request")[0]).not.toHaveProperty("filter");
});

describe("https", () => {
  test.each([
    ["shop.test", 443, "https://shop.test/a//b?c=%2F"],
    ["shop.test:8080", 443, "https://shop.test/a//b?c=%2F"],
    ["shop.test:8080", 8443, "https://shop.test:8443/a//b?c=%2F"],
    ["[::1]:8080", 443, "https://[::1]/a//b?c=%2F"],
    ["[::1]", 443, "https://[::1]/a//b?c=%2F"],
  ])("sends what came by http to %s to port %i: %s", async (authority, port, location) => {
    const site = await siteOf({ https: { port } });
    const answer = await site.get("/a//b?c=%2F", { authority });
    expect(answer.status).toBe(308);
    expect(answer.headers.get("Location")).toBe(location);
    expect(site.sent).toEqual([]);
    expect(logged("request")[0]).toMatchObject({ status: 308, filter: "https", failure: "https-required" });
  });

  test("redirects no request that came by https, and tells browsers of HSTS there only", async () => {
    const site = await siteOf({ https: { hsts: { maxAge: "1h" } } });
    const secure = await site.get("/", { scheme: "https" });
    expect([secure.status, secure.headers.get("Strict-Transport-Security")]).toEqual([200, "max-age=3600"]);
    expect((await site.get("/")).headers.has("Strict-Transport-Security")).toBe(false);
  });

  test("has HSTS on what Weir answers by itself, too", async () => {
    const site = await siteOf({ https: { hsts: true }, methods: ["GET"] });
    const answer = await site.get("/", { scheme: "https", method: "POST" });
    expect(answer.status).toBe(405);
    expect(answer.headers.get("Strict-Transport-Security")).toBe("max-age=31536000");
  });
});

describe("maintenance", () => {
  test("closes the route with its page, and says when to come again", async () => {
    const site = await siteOf({ maintenance: { page: "soon: {status}", retryAfter: "90s" } });
    const page = await site.get("/", { headers: { Accept: "text/html" } });
    expect([page.status, page.body, page.headers.get("Retry-After")]).toEqual([503, "soon: 503", "90"]);
    const forPrograms = await site.get("/");
    expect(JSON.parse(forPrograms.body)).toHaveProperty("error.code", "maintenance");
    expect(site.sent).toEqual([]);
  });

  test("serves the networks that are named, and an unknown address is in none", async () => {
    const site = await siteOf({ maintenance: { allow: ["10.0.0.0/8"] } });
    expect((await site.get("/", { address: "10.1.2.3" })).status).toBe(200);
    expect((await site.get("/", { address: "11.1.2.3" })).status).toBe(503);
    expect((await site.get("/", { address: null })).status).toBe(503);
  });
});

test("a method that is not named is refused, OPTIONS like any other, and HEAD is served with GET", async () => {
  const site = await siteOf({ methods: ["GET"] });
  expect((await site.get("/", { method: "HEAD" })).status).toBe(200);
  const answer = await site.get("/", { method: "OPTIONS" });
  expect([answer.status, answer.headers.get("Allow")]).toEqual([405, "GET, HEAD"]);
});

describe("maxRequestBody", () => {
  const put = (body: string, length?: number): RequestInit => ({
    method: "PUT",
    body,
    headers: length === undefined ? {} : { "Content-Length": String(length) },
  });

  test("refuses a body that says that it is too large, unread", async () => {
    const site = await siteOf({ maxRequestBody: "10B" });
    expect((await site.get("/", put("eleven byte", 11))).status).toBe(413);
    expect((await site.get("/", put("ten bytes!", 10))).status).toBe(200);
    expect(logged("request").map(({ filter }) => filter)).toEqual(["maxRequestBody", undefined]);
  });

  test("refuses one that says nothing of its length when it turns out to be too large", async () => {
    const site = await siteOf({ maxRequestBody: "10B" });
    expect((await site.get("/", put("eleven byte"))).status).toBe(413);
    expect((await site.get("/", put("ten bytes!"))).status).toBe(200);
    expect(site.sent).toHaveLength(1);
  });
});

describe("ambiguousPaths", () => {
  test("refuses a path that origins could read as another route's, before anything is said of the route", async () => {
    const site = await siteOf({ https: true });
    expect((await site.get("/a%2f..%2fb")).status).toBe(400);
    expect(logged("request")[0]).toMatchObject({ filter: "ambiguousPaths", failure: "ambiguous-path" });
  });

  test("passes it on as it is where the route says so", async () => {
    const site = await siteOf({ ambiguousPaths: "keep" });
    expect((await site.get("/a%2f..%2fb")).status).toBe(200);
    expect(site.sent).toMatchObject([{ url: "http://a.test/a%2f..%2fb" }]);
  });
});

describe("debug", () => {
  test("says how an origin's answer came about", async () => {
    const site = await siteOf({ debug: true });
    const { headers } = await site.get("/");
    const told = ["Mode", "Pool", "Origin", "Attempts"].map((name) => headers.get(`X-Weir-${name}`));
    expect(told).toEqual(["strict", "home", "a", "1"]);
  });

  test("says nothing of the house on what Weir answers by itself", async () => {
    const site = await siteOf({ debug: true });
    site.origin = () => Promise.reject(new Error("connection refused"));
    const { status, headers } = await site.get("/", { method: "POST" });
    expect(status).toBe(502);
    expect([...headers.keys()].filter((name) => name.startsWith("x-weir"))).toEqual([]);
  });
});

test("in this order: https, maintenance, methods, the body's size", async () => {
  const rules = { https: true, maintenance: true, methods: ["GET"], maxRequestBody: "1B" };
  const left = { ...rules } as Record<string, unknown>;
  const statuses: number[] = [];
  for (const rule of Object.keys(rules)) {
    const site = await siteOf(left);
    statuses.push((await site.get("/", { method: "PUT", body: "two" })).status);
    delete left[rule];
  }
  expect(statuses).toEqual([308, 503, 405, 413]);
});
