/** Each filter, with the options of an upstream, of a route and of the whole config that ask for it: a new filter gets its row here, and so the tests of all. */
import { accessFilter } from "../../../../../worker/proxy/filters/access.ts";
import { ambiguousPathsFilter } from "../../../../../worker/proxy/filters/ambiguous-paths.ts";
import { basicAuthFilter } from "../../../../../worker/proxy/filters/basic-auth.ts";
import { clientLimitsFilter } from "../../../../../worker/proxy/filters/client-limits.ts";
import { concurrencyFilter } from "../../../../../worker/proxy/filters/concurrency.ts";
import { corsFilter } from "../../../../../worker/proxy/filters/cors.ts";
import { debugFilter } from "../../../../../worker/proxy/filters/debug.ts";
import { errorsFilter } from "../../../../../worker/proxy/filters/errors.ts";
import type { FilterMaker } from "../../../../../worker/proxy/filters/filter.ts";
import { forwardAuthFilter } from "../../../../../worker/proxy/filters/forward-auth.ts";
import { headersFilter } from "../../../../../worker/proxy/filters/headers.ts";
import { httpsFilter } from "../../../../../worker/proxy/filters/https.ts";
import { identityFilter } from "../../../../../worker/proxy/filters/identity.ts";
import { cloudflareAccessFilter, jwtFilter } from "../../../../../worker/proxy/filters/jwt.ts";
import { loadReportsFilter } from "../../../../../worker/proxy/filters/load-reports.ts";
import { asideUpstream } from "../proxied-site.ts";
import { maintenanceFilter } from "../../../../../worker/proxy/filters/maintenance.ts";
import { maxRequestBodyFilter } from "../../../../../worker/proxy/filters/max-request-body.ts";
import { methodsFilter } from "../../../../../worker/proxy/filters/methods.ts";
import { rateLimitsFilter } from "../../../../../worker/proxy/filters/rate-limits.ts";
import { mirrorFilter } from "../../../../../worker/proxy/filters/mirror.ts";
import { rewriteFilter } from "../../../../../worker/proxy/filters/rewrite.ts";
import { rulesFilter } from "../../../../../worker/proxy/filters/rules.ts";
import { splitFilter } from "../../../../../worker/proxy/filters/split.ts";
import { securityFilter } from "../../../../../worker/proxy/filters/security.ts";
import { stickyFilter } from "../../../../../worker/proxy/filters/sticky.ts";

const reports = { loadReports: { secret: "nothing secret, for tests of reports only" } };

const hash = `$pbkdf2-sha256$i=1000$c2FsdCBmb3IgdGVzdHM$${"A".repeat(43)}`;
const basicAuth = { users: { alice: hash }, userHeader: "X-User" };
const jwt = { keys: "https://login.test/jwks", issuer: "https://login.test/", audience: "shop" };
const cloudflareAccess = { team: "acme", audience: "tag" };
/** With other upstreams, for requests beside the client's. */
const withAside = { upstreams: { aside: asideUpstream, copies: asideUpstream } };

type Row = readonly [name: string, make: FilterMaker, upstream: object, route: object, root?: object];

const rows: readonly Row[] = [
  ["ambiguousPaths", ambiguousPathsFilter, {}, { ambiguousPaths: "reject" }],
  ["https", httpsFilter, {}, { https: true }],
  ["cors", corsFilter, {}, { cors: { origins: ["https://app.test"] } }],
  ["maintenance", maintenanceFilter, {}, { maintenance: true }],
  ["identity", identityFilter, {}, { basicAuth }],
  // Its clients need no login.
  ["access", accessFilter, {}, { access: { allow: ["192.0.2.0/24"], satisfy: "any" } }],
  ["rateLimits", rateLimitsFilter, {}, { rateLimits: [{ rate: "1000/s" }] }],
  ["basicAuth", basicAuthFilter, {}, { basicAuth }],
  ["jwt", jwtFilter, {}, { jwt }],
  ["cloudflareAccess", cloudflareAccessFilter, {}, { cloudflareAccess }],
  ["concurrency", concurrencyFilter, {}, { concurrency: [{ most: 9 }] }],
  ["forwardAuth", forwardAuthFilter, {}, { forwardAuth: { upstream: "aside", path: "/verify" } }, withAside],
  ["methods", methodsFilter, {}, { methods: ["GET"] }],
  ["rules", rulesFilter, {}, { rules: [{ prefix: "/old", rewrite: "/new${rest}" }] }],
  ["split", splitFilter, {}, { split: { shares: { aside: 0 } } }, withAside],
  ["maxRequestBody", maxRequestBodyFilter, {}, { maxRequestBody: "1MB" }],
  ["limits", clientLimitsFilter, {}, {}, { limits: { client: { slots: 9, uploads: 9 } } }],
  ["rewrite", rewriteFilter, { rewrite: { redirects: true } }, {}],
  ["security", securityFilter, {}, { security: "basic" }],
  ["headers", headersFilter, {}, { headers: { request: { set: { "X-A": "1" } } } }],
  ["sticky", stickyFilter, { sticky: true }, {}],
  ["loadReports", loadReportsFilter, reports, {}],
  ["errors", errorsFilter, { errors: { intercept: [500] } }, {}],
  ["mirror", mirrorFilter, {}, { mirror: { upstream: "copies" } }, withAside],
  ["debug", debugFilter, {}, { debug: true }],
];

export const everyFilter = rows.map(
  ([name, make, upstream, route, root = {}]) => [name, make, upstream, route, root] as const,
);

const joined = (parts: readonly object[]): object => Object.assign({}, ...parts) as object;

/** The options of all of them at once. */
export const allUpstream = joined(everyFilter.map(([, , upstream]) => upstream));
export const allRoute = joined(everyFilter.map(([, , , route]) => route));
export const allRoot = joined(everyFilter.map(([, , , , root]) => root));
