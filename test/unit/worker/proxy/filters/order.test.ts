/** Which filters a route has, and in which order: a route has those that its config asks for. */
import { expect, test } from "vitest";

import { inNode, ProxiedSite, shop } from "../proxied-site.ts";

inNode();

const env = { WEIR_SECRET: "nothing secret, for tests of cookies only" };
const namesOf = async (upstream: object, route: object): Promise<string[]> => {
  const site = await ProxiedSite.open(shop(upstream, route), { env });
  return site.filters.map(({ name }) => name);
};

test("a route without options has no filters but those that are on by default", async () => {
  expect(await namesOf({}, {})).toEqual(["ambiguousPaths", "rewrite"]);
  expect(await namesOf({ rewrite: { redirects: false } }, { ambiguousPaths: "keep" })).toEqual([]);
});

test("the order is Weir's, not the config's", async () => {
  const upstream = { errors: {}, loadReports: { secret: "x".repeat(32) }, sticky: true };
  const route = { debug: true, maxRequestBody: "1MB", methods: ["GET"], maintenance: true, https: true };
  expect(await namesOf(upstream, route)).toEqual([
    "ambiguousPaths",
    "https",
    "maintenance",
    "methods",
    "maxRequestBody",
    "sticky",
    "errors",
    "loadReports",
    "rewrite",
    "debug",
  ]);
});
