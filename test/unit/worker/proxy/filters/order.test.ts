/** Which filters a route has, and in which order: a route has those that its config asks for, and pays for no others. */
import { describe, expect, test } from "vitest";

import { activateConfig } from "../../../../../worker/active-config.ts";
import { ambiguousPathsFilter } from "../../../../../worker/proxy/filters/ambiguous-paths.ts";
import { debugFilter } from "../../../../../worker/proxy/filters/debug.ts";
import { errorsFilter } from "../../../../../worker/proxy/filters/errors.ts";
import type { RouteFacts } from "../../../../../worker/proxy/filters/filter.ts";
import { httpsFilter } from "../../../../../worker/proxy/filters/https.ts";
import { loadReportsFilter } from "../../../../../worker/proxy/filters/load-reports.ts";
import { maintenanceFilter } from "../../../../../worker/proxy/filters/maintenance.ts";
import { maxRequestBodyFilter } from "../../../../../worker/proxy/filters/max-request-body.ts";
import { methodsFilter } from "../../../../../worker/proxy/filters/methods.ts";
import { filterOrder, filtersOf } from "../../../../../worker/proxy/filters/order.ts";
import { rewriteFilter } from "../../../../../worker/proxy/filters/rewrite.ts";
import { stickyFilter } from "../../../../../worker/proxy/filters/sticky.ts";
import { fakeEnv, fakeUpstream } from "../../fake-objects.ts";
import { shop } from "../proxied-site.ts";

/** What filters are made of, where nothing is on that can be off. */
async function factsOf(upstream: object = {}, route: object = {}): Promise<RouteFacts> {
  const config = shop({ rewrite: { redirects: false }, ...upstream }, { ambiguousPaths: "keep", ...route });
  const env = { ...fakeEnv(fakeUpstream()), WEIR_SECRET: "nothing secret, for tests of cookies only" };
  const active = await activateConfig(config, env);
  if (!active.ok) return expect.unreachable(JSON.stringify(active.issues));
  const [first] = active.routes;
  return {
    route: first ?? expect.unreachable(),
    config: active.config,
    upstreams: [...active.upstreams.values()],
  };
}

const reports = { loadReports: { secret: "nothing secret, for tests of reports only" } };

const made = [
  ["ambiguousPaths", ambiguousPathsFilter, {}, { ambiguousPaths: "reject" }],
  ["https", httpsFilter, {}, { https: true }],
  ["maintenance", maintenanceFilter, {}, { maintenance: true }],
  ["methods", methodsFilter, {}, { methods: ["GET"] }],
  ["maxRequestBody", maxRequestBodyFilter, {}, { maxRequestBody: "1MB" }],
  ["rewrite", rewriteFilter, { rewrite: { redirects: true } }, {}],
  ["sticky", stickyFilter, { sticky: true }, {}],
  ["loadReports", loadReportsFilter, reports, {}],
  ["errors", errorsFilter, { errors: { intercept: [500] } }, {}],
  ["debug", debugFilter, {}, { debug: true }],
] as const;

describe.each(made)("%s", (name, make, upstream, route) => {
  test("has a filter of that name where the config uses the option, and none where it does not", async () => {
    expect(make(await factsOf(upstream, route))?.name).toBe(name);
    expect(make(await factsOf())).toBeUndefined();
  });
});

test("the order of all of them is Weir's, not the config's", () => {
  expect(filterOrder).toEqual(made.map(([, make]) => make));
});

test("a route that uses no option has no filter in any phase", async () => {
  expect(filtersOf(await factsOf())).toEqual({
    onRequest: [],
    onRefusal: [],
    onResponse: [],
    onSend: [],
    hasEnd: false,
  });
});

test("a guard of a route refuses when it fails, and an adornment is skipped", async () => {
  const all = Object.assign({}, ...made.map(([, , , route]) => route)) as object;
  const facts = await factsOf(Object.assign({}, ...made.map(([, , upstream]) => upstream)) as object, all);
  const refusing = filterOrder
    .flatMap((make) => make(facts) ?? [])
    .filter(({ onThrow }) => onThrow === "refuse");
  expect(refusing.map(({ name }) => name)).toEqual([
    "ambiguousPaths",
    "https",
    "maintenance",
    "methods",
    "maxRequestBody",
  ]);
});
