/** Which filters a route has, and in which order: a route has those that its config asks for, and pays for no others. */
import { describe, expect, test } from "vitest";

import { activateConfig } from "../../../../../worker/active-config.ts";
import type { RouteFacts } from "../../../../../worker/proxy/filters/filter.ts";
import { filterOrder, filtersOf } from "../../../../../worker/proxy/filters/order.ts";
import { fakeEnv, fakeUpstream } from "../../fake-objects.ts";
import { shop } from "../proxied-site.ts";
import { allRoot, allRoute, allUpstream, everyFilter } from "./every-filter.ts";

/** What filters are made of, where nothing is on that can be off. */
async function factsOf(upstream: object = {}, route: object = {}, root: object = {}): Promise<RouteFacts> {
  const config = shop(
    { rewrite: { redirects: false }, ...upstream },
    { ambiguousPaths: "keep", ...route },
    root,
  );
  const env = { ...fakeEnv(fakeUpstream()), WEIR_SECRET: "nothing secret, for tests of cookies only" };
  const active = await activateConfig(config, env);
  if (!active.ok) return expect.unreachable(JSON.stringify(active.issues));
  const [first] = active.routes;
  return {
    route: first ?? expect.unreachable(),
    config: active.config,
    upstreams: [...active.upstreams.values()],
    limits: active.limits,
    holds: active.holds,
    maintenanceOrders: active.maintenanceOrders,
    upstreamOf: (name) => active.upstreams.get(name) ?? expect.unreachable(name),
  };
}

describe.each(everyFilter)("%s", (name, make, upstream, route, root) => {
  test("has a filter of that name where the config uses the option, and none where it does not", async () => {
    expect(make(await factsOf(upstream, route, root))?.name).toBe(name);
    expect(make(await factsOf())).toBeUndefined();
  });
});

test("the order of all of them is Weir's, not the config's", () => {
  expect(filterOrder).toEqual(everyFilter.map(([, make]) => make));
});

test("a route that uses no option has no filter in any phase", async () => {
  expect(filtersOf(await factsOf())).toEqual({
    onRequest: [],
    onReady: [],
    onRefusal: [],
    onResponse: [],
    onSend: [],
    hasEnd: false,
  });
});

test("a guard of a route refuses when it fails, and an adornment is skipped", async () => {
  const facts = await factsOf(allUpstream, allRoute, allRoot);
  const refusing = filterOrder
    .flatMap((make) => make(facts) ?? [])
    .filter(({ onThrow }) => onThrow === "refuse");
  expect(refusing.map(({ name }) => name)).toEqual([
    "ambiguousPaths",
    "https",
    "cors",
    "maintenance",
    "identity",
    "access",
    "rateLimits",
    "basicAuth",
    "jwt",
    "cloudflareAccess",
    "concurrency",
    "forwardAuth",
    "methods",
    "rules",
    "maxRequestBody",
    "limits",
    "headers",
  ]);
});
