/** Pages for errors that an upstream has: when they are asked for, and what a client gets when they do not come. */
import { describe, expect, test, vi } from "vitest";

import { FetchedPages } from "../../../../../worker/proxy/response/fetched-pages.ts";
import { asideUpstream, inNode, ProxiedSite, shop, toOrigin } from "../proxied-site.ts";

inNode();

const turnedAway = { kind: "unavailable", why: "down" } as const;
const browser = { headers: { Accept: "text/html" } };

/** A site whose pages for 503 and for an origin's 404 come from another upstream, or from its own. */
async function withPages(page: () => Response | Promise<Response>, upstream?: string): Promise<ProxiedSite> {
  const place = { path: "/pages/x.html", ...(upstream && { upstream }) };
  const errors = { pages: { "503": place, "404": place }, intercept: [404] };
  const site = await ProxiedSite.open(shop({ errors }, {}, { upstreams: { aside: asideUpstream } }));
  site.origin = (url) => (url.includes("/pages/") ? page() : new Response("none", { status: 404 }));
  return site;
}

const asked = (site: ProxiedSite): string[] =>
  site.sent.map(({ url }) => url).filter((url) => url.includes("/pages/"));

test("an error has the upstream's page, its placeholders filled in, its own status", async () => {
  const site = await withPages(() => new Response("<h1>{status} of us</h1>"), "aside");
  site.picks.push(turnedAway);
  expect(await site.get("/", browser)).toMatchObject({ status: 503, body: "<h1>503 of us</h1>" });
  expect(asked(site)).toEqual(["http://aside.test/pages/x.html"]);
});

test("a program gets JSON, and no page is asked for", async () => {
  const site = await withPages(() => new Response("<h1>"), "aside");
  site.picks.push(turnedAway);
  expect(JSON.parse((await site.get("/")).body)).toHaveProperty("error.code");
  expect(asked(site)).toEqual([]);
});

test("an intercepted answer gives its slot back before its page is asked for at the same upstream", async () => {
  const site = await withPages(() => new Response("<h1>gone</h1>"));
  site.picks.push(toOrigin("a"), toOrigin("a"));
  expect(await site.get("/", browser)).toMatchObject({ status: 404, body: "<h1>gone</h1>" });
  expect(site.messages.at(-1)?.held.reduce((sum, { open }) => sum + open, 0) ?? 0).toBe(0);
});

test("a page is asked for once in 10 seconds, whatever comes of it", async () => {
  const site = await withPages(() => new Response("<h1>x</h1>"), "aside");
  for (let n = 0; n < 3; n++) {
    site.picks.push(turnedAway);
    await site.fetch("/", browser);
  }
  expect(asked(site)).toHaveLength(1);
  vi.setSystemTime(Date.now() + 10_001);
  site.picks.push(turnedAway);
  await site.fetch("/", browser);
  expect(asked(site)).toHaveLength(2);
});

describe("Weir's own page stands for one that does not come:", () => {
  test.each<[string, () => Response | Promise<Response>]>([
    ["a 404 in its place", () => new Response("no page", { status: 404 })],
    ["more than 64 KiB", () => new Response("x".repeat(65_537))],
    ["no connection", () => Promise.reject(new Error("refused"))],
  ])("%s", async (_, page) => {
    const site = await withPages(page, "aside");
    site.picks.push(turnedAway);
    const { status, body } = await site.get("/", browser);
    expect([status, body.startsWith("<!doctype html>")]).toEqual([503, true]);
  });

  test("but a page that came before is kept", async () => {
    let isUp = true;
    const site = await withPages(() => new Response("<h1>x</h1>", { status: isUp ? 200 : 500 }), "aside");
    site.picks.push(turnedAway);
    await site.get("/", browser);
    isUp = false;
    vi.setSystemTime(Date.now() + 60_000);
    site.picks.push(turnedAway);
    expect((await site.get("/", browser)).body).toBe("<h1>x</h1>");
  });
});

test("while a page is on its way, another request does not wait for it", async () => {
  const site = await withPages(() => new Promise(() => undefined), "aside");
  const pages = new FetchedPages((name) => site.upstream(name));
  const place = { upstream: "aside", path: "/pages/x.html" };
  void pages.get(site.enter(), place);
  expect(await pages.get(site.enter(), place)).toBeUndefined();
});
