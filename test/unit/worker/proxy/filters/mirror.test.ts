/** `mirror`: what the other upstream gets of a request, and that the client's request knows nothing of it. */
import { describe, expect, test } from "vitest";

import { asideUpstream, inNode, logged, ProxiedSite, shop } from "../proxied-site.ts";

inNode();

async function mirrored(mirror: object = {}, route: object = {}): Promise<ProxiedSite> {
  const config = { mirror: { upstream: "aside", ...mirror }, ...route };
  const site = await ProxiedSite.open(shop({}, config, { upstreams: { aside: asideUpstream } }));
  site.origin = (url) => new Response(url.includes("aside") ? "of the copy" : "from the origin");
  return site;
}

/** Copies get no answer until they are broken off. */
const hangingCopies: ProxiedSite["origin"] = (url, { signal }) =>
  url.includes("aside")
    ? new Promise((_, reject) => {
        signal?.addEventListener("abort", () => reject(new Error("aborted")));
      })
    : new Response("from the origin");

const copiesOf = (site: ProxiedSite): ProxiedSite["sent"] =>
  site.sent.filter(({ url }) => new URL(url).hostname === "aside.test");

const textOf = async ({ body }: RequestInit): Promise<string> => new Response(body ?? null).text();

test("the copy has method, path, headers and body, and follows the request itself", async () => {
  const site = await mirrored({}, { rules: [{ exact: "/old", rewrite: "/new" }] });
  const headers = { "X-Tenant": "7", "Content-Type": "text/plain" };
  const answer = await site.get("/old?a=b", { method: "POST", body: "text", headers });
  expect(answer).toMatchObject({ status: 200, body: "from the origin" });
  expect(site.sent.map(({ url, init }) => `${init.method} ${url}`)).toEqual([
    "POST http://a.test/new?a=b",
    "POST http://aside.test/new?a=b",
  ]);
  const [copy] = copiesOf(site);
  expect(new Headers(copy?.init.headers).get("X-Tenant")).toBe("7");
  expect(await textOf(copy?.init ?? {})).toBe("text");
  expect(logged("request").map(({ for: by, upstream }) => [by, upstream])).toContainEqual([
    "mirror",
    "aside",
  ]);
});

test("a copy that fails or never ends changes nothing for the client", async () => {
  const site = await mirrored({ timeout: "1s" });
  site.origin = hangingCopies;
  expect(await site.get("/")).toMatchObject({ status: 200, body: "from the origin" });
  expect(await site.openSlots()).toBe(0);
});

test("no more copies are under way than the config allows, and what is left out is counted", async () => {
  const site = await mirrored({ atMost: 2, timeout: "60s" });
  site.origin = hangingCopies;
  const answers = await Promise.all(Array.from({ length: 5 }, () => site.fetch("/")));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
  expect(copiesOf(site)).toHaveLength(2);
});

describe("is not copied:", () => {
  test.each<[string, object, RequestInit]>([
    ["a request with a larger body", { maxBody: "3B" }, { method: "POST", body: "text" }],
    ["a share of 0", { share: 0 }, {}],
  ])("%s", async (_, mirror, init) => {
    const site = await mirrored(mirror);
    await site.get("/", init);
    expect(copiesOf(site)).toEqual([]);
  });

  test("a request that is refused before an origin is asked", async () => {
    const site = await mirrored({}, { methods: ["GET"] });
    expect((await site.get("/", { method: "DELETE" })).status).toBe(405);
    expect(site.sent).toEqual([]);
  });
});
