/** What rules can know of a request in hand. */
import { expect, test } from "vitest";

import { factsOf, placeOf } from "../../../../../worker/proxy/request/request-facts.ts";
import { inNode, ProxiedSite, shop } from "../proxied-site.ts";

inNode();

test("a request's facts are those that it came with, and headers are found whatever their case", async () => {
  const site = await ProxiedSite.open(shop());
  const headers = { "X-Tenant": "one", Cookie: "a=1; b=2" };
  const tx = site.enter("/a%2fb?c=1&d", { headers, method: "POST", scheme: "https" });
  const facts = factsOf(tx);
  expect(facts).toMatchObject({ method: "POST", scheme: "https", host: "shop.test", client: "192.0.2.7" });
  expect([facts.header("x-tenant"), facts.header("x-none"), facts.cookie("b"), facts.cookie("c")]).toEqual([
    "one",
    undefined,
    "2",
    undefined,
  ]);
  expect(placeOf(tx)).toEqual({ path: "/a%2fb", routingPath: "/a%2Fb", query: "c=1&d" });
  expect(placeOf(site.enter("/a"))).toMatchObject({ path: "/a", query: "" });
});
