/** Rules in the pipeline: what the origin gets, and what the client gets, with which line in the log. */
import { describe, expect, test } from "vitest";

import { inNode, logged, ProxiedSite, shop } from "../proxied-site.ts";

inNode();

const siteOf = (rules: readonly object[], route: object = {}): Promise<ProxiedSite> =>
  ProxiedSite.open(shop({}, { rules, ...route }));

const sentTo = (site: ProxiedSite): string | undefined => site.sent[0]?.url;

describe("a rewrite", () => {
  test("changes what the origin is asked for, and the log has what the client asked for", async () => {
    const site = await siteOf([{ prefix: "/api", rewrite: "/v2${rest}" }]);
    expect((await site.get("/api/x%20y?z=1")).status).toBe(200);
    expect(sentTo(site)).toBe("http://a.test/v2/x%20y?z=1");
    expect(logged("request")[0]).toMatchObject({ path: "/api/x%20y", status: 200 });
  });

  test("with last takes the route of the new path, with its filters", async () => {
    const site = await ProxiedSite.open({
      ...shop(),
      routes: [
        { upstream: "shop", rules: [{ pattern: "^/old/(\\d+)$", rewrite: "/closed/${1}", after: "last" }] },
        { name: "closed", upstream: "shop", prefix: "/closed", maintenance: true },
      ],
    });
    expect((await site.get("/old/7")).status).toBe(503);
    expect(logged("request")[0]).toMatchObject({
      route: "closed",
      filter: "maintenance",
      rule: 0,
      path: "/old/7",
    });
  });

  test("that goes round in circles ends after ten times, and the log says so", async () => {
    const site = await siteOf([{ rewrite: "/x${path}", after: "last" }]);
    expect((await site.get("/a")).status).toBe(500);
    expect(logged("request")[0]).toMatchObject({ failure: "reroute-cycle", rule: 0 });
    expect(site.sent).toEqual([]);
  });

  test("to a path that leads out of it is refused", async () => {
    const site = await siteOf([{ prefix: "/files", rewrite: "/data/${arg.f}" }]);
    const answer = await site.get("/files?f=..%2f..%2fetc");
    expect([answer.status, JSON.parse(answer.body)]).toMatchObject([
      400,
      { error: { code: "ambiguous_path" } },
    ]);
    expect(logged("request")[0]).toMatchObject({ filter: "rules", rule: 0 });
  });
});

describe("what the route's own pattern has captured", () => {
  test("is there for its rules without a pattern, and in those with one their own", async () => {
    const site = await siteOf(
      [
        { prefix: "/u/1", redirect: "/one?was=${id}" },
        { pattern: "^/u/2(?<more>.*)$", rewrite: "/two${more}" },
        { rewrite: "/users/${1}/${id}?x=${rest}", after: "break" },
      ],
      { pattern: "^/(u)/(?<id>[^/]+)" },
    );
    const redirected = await site.get("/u/1");
    expect(redirected.headers.get("Location")).toBe("/one?was=1");
    await site.get("/u/caf%C3%A9/y");
    await site.get("/u/2x");
    expect(site.sent.map(({ url }) => url)).toEqual([
      "http://a.test/users/u/caf%C3%A9?x=/u/caf%C3%A9/y",
      // Those of the request's own path, whatever rules have made of it.
      "http://a.test/users/u/2x?x=/twox",
    ]);
  });
});

describe("a redirect", () => {
  test("needs no origin, nor an upstream", async () => {
    const site = await ProxiedSite.open({
      ...shop(),
      routes: [
        { host: "shop.test", rules: [{ redirect: { to: "https://www.${host}${path}", status: 301 } }] },
      ],
    });
    const answer = await site.get("/a?b=c", { authority: "shop.test:8080" });
    expect([answer.status, answer.headers.get("Location"), answer.body]).toEqual([
      301,
      "https://www.shop.test:8080/a?b=c",
      "",
    ]);
    expect(logged("request")[0]).toMatchObject({
      filter: "rules",
      rule: 0,
      status: 301,
      route: "shop.test/*",
    });
    expect(logged("request")[0]).not.toHaveProperty("upstream");
    expect(site.sent).toEqual([]);
  });

  test("to itself is a loop", async () => {
    const site = await siteOf([{ redirect: "http://shop.test${path}" }]);
    expect((await site.get("/a")).status).toBe(508);
    expect(logged("request")[0]).toMatchObject({ failure: "redirect-loop", filter: "rules" });
  });
});

describe("an answer", () => {
  test("has the status, type and headers that it says, and what a client sends is escaped in it", async () => {
    const respond = {
      status: 200,
      body: "<p>${arg.q}</p>",
      type: "text/html",
      headers: { "X-Tenant": "${header.X-Tenant}", "Cache-Control": "max-age=60" },
    };
    const site = await siteOf([{ respond }]);
    const answer = await site.get("/?q=<script>", { headers: { "X-Tenant": "acme" } });
    expect([answer.status, answer.body]).toEqual([200, "<p>%3Cscript%3E</p>"]);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      "content-type": "text/html",
      "x-tenant": "acme",
      "cache-control": "max-age=60",
    });
    const head = await site.get("/", { method: "HEAD" });
    expect([head.status, head.body]).toEqual([200, ""]);
  });

  test("of an error without a body has Weir's page, or the operator's", async () => {
    const errors = { pages: { "403": "no way: {status}" } };
    const site = await ProxiedSite.open(
      shop({ errors }, { rules: [{ prefix: "/x", respond: 403 }, { respond: 404 }] }),
    );
    const page = await site.get("/x", { headers: { Accept: "text/html" } });
    expect([page.status, page.body]).toEqual([403, "no way: 403"]);
    expect(JSON.parse((await site.get("/y")).body)).toMatchObject({
      error: { status: 404, code: "not_found" },
    });
    expect(logged("request")[0]).toMatchObject({ failure: "refused-by-rule", filter: "rules", rule: 0 });
  });

  test("without a body has none", async () => {
    const site = await siteOf([{ respond: { status: 204, body: "not sent" } }]);
    expect(await site.get("/")).toMatchObject({ status: 204, body: "" });
  });
});

test("a path that is too long for patterns gets 414, and no rule is skipped for it", async () => {
  const site = await siteOf([{ pattern: "^/admin", respond: 403 }]);
  expect((await site.get(`/admin/${"a".repeat(5_000)}`)).status).toBe(414);
  expect(site.sent).toEqual([]);
});

test("conditions see the client's address, headers, cookies and arguments", async () => {
  const site = await siteOf([
    { respond: 401, when: { clients: ["198.51.100.0/24"] } },
    { respond: 402, when: { cookies: { beta: "1" } } },
    { respond: 403, when: { headers: { "User-Agent": { pattern: "(?i)bot" } } } },
    { respond: 404, when: { query: { "a b": "c&d" }, not: { methods: ["POST"] } } },
  ]);
  const status = async (target: string, asking = {}): Promise<number> =>
    (await site.get(target, asking)).status;
  expect(await status("/", { address: "198.51.100.9" })).toBe(401);
  expect(await status("/", { headers: { Cookie: "a=b; beta=1" } })).toBe(402);
  expect(await status("/", { headers: { "User-Agent": "SomeBot/1" } })).toBe(403);
  expect(await status("/?a+b=c%26d")).toBe(404);
  expect(await status("/?a+b=c%26d", { method: "POST" })).toBe(200);
  expect(await status("/", { address: null })).toBe(200);
});
