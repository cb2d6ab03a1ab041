/** The defaults of routes and of what becomes of origins' answers; see `defaults.ts`. */
import type { ErrorsConfig, HttpsConfig, MaintenanceConfig, RewriteConfig, RouteConfig } from "../config.ts";
import { bareDomain } from "../kinds/host.ts";
import type { ConfigShape } from "./schema.ts";
import { parseStatusRange, type StatusRange } from "../kinds/status-range.ts";
import { switched, type WrittenSection } from "./switched.ts";
import type { UpstreamShape } from "./upstream-schema.ts";

type RouteShape = ConfigShape["routes"][number];
type HttpsShape = Partial<WrittenSection<RouteShape["https"]>>;
type HstsShape = Partial<WrittenSection<HttpsShape["hsts"]>>;
type MaintenanceShape = Partial<WrittenSection<RouteShape["maintenance"]>>;

const httpsPort = 443;
const hstsMaxAgeMs = 8_760 * 3_600_000;
const retryAfterMs = 300_000;

/** One route with every default filled in. */
export function completeRoute({
  priority,
  methods,
  maxRequestBody,
  https,
  maintenance,
  ambiguousPaths,
  debug = false,
  ...match
}: RouteShape): RouteConfig {
  const secured = switched(https, false);
  const closed = switched(maintenance, false);
  return {
    ...match,
    debug,
    ...(ambiguousPaths === "keep" && { ambiguousPaths }),
    ...(priority !== undefined && {
      priority: typeof priority === "string" ? priority : { header: priority.header.toLowerCase() },
    }),
    ...(methods && { methods: withHead(methods) }),
    ...(maxRequestBody !== undefined && { maxRequestBytes: maxRequestBody }),
    ...(secured && { https: completeHttps(secured) }),
    ...(closed && { maintenance: completeMaintenance(closed) }),
  };
}

/** Who serves GET serves HEAD (RFC 9110 §9.1). */
function withHead(methods: readonly string[]): string[] {
  return [...new Set(methods.flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method])))];
}

function completeHttps({ port = httpsPort, hsts }: HttpsShape): HttpsConfig {
  const told = switched(hsts, false);
  return { port, ...(told && { hsts: hstsValue(told) }) };
}

/** The field's value (RFC 6797 §6.1). */
function hstsValue({ maxAge = hstsMaxAgeMs, includeSubDomains = false, preload = false }: HstsShape): string {
  const directives = [`max-age=${Math.floor(maxAge / 1_000)}`];
  if (includeSubDomains) directives.push("includeSubDomains");
  if (preload) directives.push("preload");
  return directives.join("; ");
}

function completeMaintenance({
  retryAfter = retryAfterMs,
  allow = [],
  page,
}: MaintenanceShape): MaintenanceConfig {
  return { retryAfterMs: retryAfter, allow, ...(page !== undefined && { page }) };
}

export function completeRewrite({
  redirects = true,
  cookieDomains = {},
  cookiePaths = {},
}: NonNullable<UpstreamShape["rewrite"]>): RewriteConfig {
  const domains = Object.entries(cookieDomains).map(([from, to]) => ({ from: bareDomain(from), to }));
  const paths = Object.entries(cookiePaths).map(([from, to]) => ({ from, to }));
  return { redirects, cookieDomains: domains, cookiePaths: paths.sort(longestFirst) };
}

const longestFirst = (a: { from: string }, b: { from: string }): number => b.from.length - a.from.length;

export function completeErrors({
  pages = {},
  intercept = [],
}: NonNullable<UpstreamShape["errors"]>): ErrorsConfig {
  const byStatus = Object.entries(pages).flatMap(([written, html]) => {
    const range = parseStatusRange(written);
    return range === undefined ? [] : [{ ...range, html }];
  });
  return { pages: byStatus.sort((a, b) => breadth(a) - breadth(b)), intercept };
}

const breadth = ({ from, to }: StatusRange): number => to - from;
