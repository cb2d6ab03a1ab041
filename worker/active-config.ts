/**
 * The configuration this isolate runs: the bundled one, parsed once against this deployment's variables and
 * secrets. A config that is refused here (a secret is missing) serves nothing, and says why in the log.
 */
import type { ConfigSection } from "../core/protocol/config-section.ts";
import { HostIndex } from "../core/routing/host-index.ts";
import { RouteTable } from "../core/routing/route-table.ts";
import type { Config } from "./config/sections/config.ts";
import type { RouteConfig } from "./config/sections/route.ts";
import type { UpstreamConfig } from "./config/sections/upstream.ts";
import type { ConfigIssue } from "./config/parse/issue.ts";
import { hasPatterns, loadPatterns } from "./config/kinds/pattern.ts";
import { parseConfig } from "./config/parse/parse.ts";
import { textBindings } from "./config/parse/text-bindings.ts";
import { configHash } from "./config/version.ts";
import type { WeirConfig } from "./config/weir-config.ts";
import type { Env } from "./env.ts";
import { HoldsClient } from "./objects/holds-client.ts";
import { LimitsClient, limitsSeed } from "./objects/limits-client.ts";
import { MaintenanceClient } from "./objects/maintenance-client.ts";
import { filtersOf } from "./proxy/filters/order.ts";
import type { RouteFilters } from "./proxy/filters/phases.ts";
import { loopIdOf } from "./proxy/request/loop.ts";
import { createStickyCodec, type StickyCodec } from "./proxy/request/sticky-cookie.ts";
import { createReportReader, type ReportReader } from "./proxy/response/load-report.ts";

/** An upstream with what its requests need besides its rules. */
export interface ActiveUpstream {
  readonly config: UpstreamConfig;
  readonly section: ConfigSection;
  /** Its name in CDN-Loop. */
  readonly loopId: string;
  /** Present if the upstream is sticky. */
  readonly codec?: StickyCodec;
  /** Present if its origins report on themselves. */
  readonly reports?: ReportReader;
}

/** A route with what its requests need besides its rules. */
export interface ActiveRoute extends RouteConfig {
  /** Absent: the route's rules answer all of its requests. */
  readonly to: ActiveUpstream | undefined;
  readonly filters: RouteFilters;
  /** Whether a route to the same upstream names the host (lower case, without port), by itself or by a wildcard. */
  readonly isNamed: (hostname: string) => boolean;
}

/** A config that serves. */
export interface ServingConfig {
  readonly ok: true;
  readonly config: Config;
  readonly upstreams: ReadonlyMap<string, ActiveUpstream>;
  /** In the order of the file. */
  readonly routes: readonly ActiveRoute[];
  /** Absent: no route has `rateLimits` or `concurrency`. */
  readonly limits: LimitsClient | undefined;
  readonly holds: HoldsClient | undefined;
  /** Absent: there is no binding to the object of its orders. */
  readonly maintenanceOrders: MaintenanceClient | undefined;
  /** The same, by which requests find theirs. */
  readonly table: RouteTable<ActiveRoute>;
}

export type ActiveConfig = ServingConfig | { readonly ok: false; readonly issues: readonly ConfigIssue[] };

/** Parses the bundled config for this deployment. */
export async function activateConfig(raw: WeirConfig, env: Env): Promise<ActiveConfig> {
  if (hasPatterns(raw)) await loadPatterns();
  const parsed = parseConfig(raw, textBindings(env));
  if (!parsed.ok) return parsed;
  const { config } = parsed;
  const secret = env.WEIR_SECRET ?? "";
  const sticky = config.upstreams.filter((upstream) => upstream.sticky !== undefined);
  if (sticky.length > 0 && secret.length < 32) {
    return { ok: false, issues: sticky.map(({ name }) => secretIssue(name, secret)) };
  }
  if (env.ROLES === undefined) {
    const issues = config.routes.flatMap(({ rateLimits, concurrency, maintenance }, nth) => [
      ...(rateLimits ? [rolesIssue(nth, "rateLimits")] : []),
      ...(concurrency ? [rolesIssue(nth, "concurrency")] : []),
      ...(maintenance?.byOrder ? [rolesIssue(nth, "maintenance.byOrder")] : []),
    ]);
    if (issues.length > 0) return { ok: false, issues };
  }
  const codec = sticky.length > 0 ? await createStickyCodec(secret) : undefined;
  const order = deployedAtMs(env);
  const upstreams = new Map<string, ActiveUpstream>();
  for (const upstream of config.upstreams) {
    // A copy as plain data: it crosses to the upstream's object.
    const section = structuredClone({ target: config.target, raw: raw.upstreams[upstream.name] });
    const version = { order, hash: await configHash(section) };
    const reports = upstream.loadReports && (await createReportReader(upstream.loadReports));
    upstreams.set(upstream.name, {
      config: upstream,
      section: { version, name: upstream.name, ...section },
      loopId: await loopIdOf(upstream),
      ...(upstream.sticky === undefined || codec === undefined ? {} : { codec }),
      ...(reports && { reports }),
    });
  }
  const isLimited = config.routes.some(usesLimits);
  const limits = isLimited ? new LimitsClient(config.limits.objects, await limitsSeed(env)) : undefined;
  const holds = isLimited ? new HoldsClient(config.limits.objects, crypto.randomUUID()) : undefined;
  const maintenanceOrders = env.ROLES === undefined ? undefined : new MaintenanceClient();
  const parts = { config, upstreams, limits, holds, maintenanceOrders };
  const routes = activeRoutes(parts);
  return { ok: true, ...parts, routes, table: new RouteTable(routes) };
}

/** What routes are made of. */
type RouteParts = Pick<ServingConfig, "config" | "upstreams" | "limits" | "holds" | "maintenanceOrders">;

/** The routes with what their requests need, in the order of the file. */
function activeRoutes(parts: RouteParts): readonly ActiveRoute[] {
  const { routes } = parts.config;
  const byUpstream = Map.groupBy(routes, ({ upstream }) => upstream);
  const named = new Map(Array.from(byUpstream, ([upstream, each]) => [upstream, hostsOf(each)]));
  return routes.map((route) => activeRoute(route, parts, named.get(route.upstream)));
}

/** The hosts that the routes name. A route for any host names none. */
function hostsOf(routes: readonly RouteConfig[]): HostIndex<true> {
  return new HostIndex(new Map(routes.flatMap(({ host }) => (host === undefined ? [] : [[host, true]]))));
}

function activeRoute(
  route: RouteConfig,
  { config, upstreams, ...clients }: RouteParts,
  hosts: HostIndex<true> | undefined,
): ActiveRoute {
  const upstreamOf = (name: string): ActiveUpstream => {
    const found = upstreams.get(name);
    if (found === undefined) throw new Error(`no config with an unknown upstream ${name} is accepted`);
    return found;
  };
  const to = route.upstream === undefined ? undefined : upstreamOf(route.upstream);
  const others = Object.keys(route.split?.shares ?? {}).map(upstreamOf);
  const served = to === undefined ? others : [to, ...others];
  return {
    ...route,
    to,
    filters: filtersOf({ route, config, upstreams: served, upstreamOf, ...clients }),
    isNamed: (hostname) => hosts?.find(hostname) !== undefined,
  };
}

/** Orders deployments: Cloudflare's own time for this version, or what the launcher says on plain workerd. */
function deployedAtMs({ VERSION, WEIR_DEPLOYED_AT_MS }: Env): number {
  const at = VERSION === undefined ? Number(WEIR_DEPLOYED_AT_MS ?? 0) : Date.parse(VERSION.timestamp);
  return Number.isFinite(at) ? at : 0;
}

const usesLimits = ({ rateLimits, concurrency }: RouteConfig): boolean =>
  rateLimits !== undefined || concurrency !== undefined;

const rolesIssue = (route: number, option: string): ConfigIssue => ({
  path: `routes[${route}].${option}`,
  found: "no binding ROLES",
  expected: "the binding ROLES of the class WeirRole and its migration, as in Weir's own wrangler.toml",
});

function secretIssue(upstream: string, secret: string): ConfigIssue {
  return {
    path: `upstreams.${upstream}.sticky`,
    found: secret === "" ? "no secret WEIR_SECRET" : `a WEIR_SECRET of ${secret.length} characters`,
    expected: "a secret WEIR_SECRET of at least 32 characters (wrangler secret put WEIR_SECRET)",
  };
}
