/**
 * What a config has to be without to be accepted: each rule between its parts as the least repair of what breaks it. Written
 * from docs/configuration.md and apart from the Worker's rules, so a config is accepted exactly if there is nothing to repair.
 */
import { isDeepStrictEqual } from "node:util";

import type {
  WeirConfig,
  WeirOrigin,
  WeirPool,
  WeirUpstreamConfig,
} from "../../../worker/config/weir-config.ts";
import { reconciledRoutes, withCookiesApart } from "./reconciled-routes.ts";
import { without } from "./places.ts";
import { isLimited, reconciledBurst } from "./reconciled-burst.ts";
import { canonicalHost, millis } from "./values.ts";

/**
 * The same config, if its parts agree.
 * @param but a part that stays as it is.
 */
export function reconciled(config: WeirConfig, but?: "routes" | { readonly upstream: string }): WeirConfig {
  const kept = typeof but === "object" ? but.upstream : undefined;
  const upstreams = Object.fromEntries(
    Object.entries(config.upstreams).map(([name, upstream]) => [
      name,
      name === kept ? upstream : reconciledUpstream(upstream, config.target ?? "edge"),
    ]),
  );
  const routes = but === "routes" ? config.routes : reconciledRoutes(config.routes, Object.keys(upstreams));
  return { ...config, upstreams: withCookiesApart(upstreams, routes, kept), routes };
}

/** Whether the config is accepted. Cloned, as whether an object has a prototype makes no difference. */
export const agrees = (config: WeirConfig): boolean =>
  isDeepStrictEqual(structuredClone(reconciled(config)), structuredClone(config));

function reconciledUpstream(upstream: WeirUpstreamConfig, target: "edge" | "workerd"): WeirUpstreamConfig {
  // There are no regions beside a budget (`withoutRegions`), so a queue is there unless it is switched off.
  const hasQueue = upstream.queue !== false;
  const pools = withinCount(withOwnNames(upstream.pools)).map((pool, index) =>
    reconciledPool(pool, { isHome: index === 0, target, hasQueue }),
  );
  return [
    withoutRegions,
    inOrder,
    withOwnRegions,
    withOwnKeys,
    withHostCookie,
    withoutVainCapacity,
    withAutoscale,
    reconciledBurst,
  ].reduce((settled, repair) => repair(settled), { ...upstream, pools });
}

const isOn = (section: unknown): boolean => section !== undefined && section !== false;

/** A name that has been given is taken. */
function withOwnNames(pools: readonly WeirPool[]): WeirPool[] {
  const taken = { pools: new Set<string>(), origins: new Set<string>() };
  const own = <T extends { name: string }>(names: Set<string>, named: T): T => {
    let name = named.name;
    for (let n = 1; names.has(name); n++) name = `own-${n}`;
    names.add(name);
    return name === named.name ? named : { ...named, name };
  };
  return pools.map((pool) => ({
    ...own(taken.pools, pool),
    origins: pool.origins.map((origin) => own(taken.origins, origin)),
  }));
}

const mostOrigins = 1_000;
const usualMax = 100;

function withinCount(pools: readonly WeirPool[]): readonly WeirPool[] {
  const counts = pools.map(
    ({ origins, register }) => origins.length + (register ? (register.max ?? usualMax) : 0),
  );
  if (counts.reduce((sum, count) => sum + count, 0) <= mostOrigins) return pools;
  return pools.map((pool) =>
    pool.register ? { ...pool, register: { ...pool.register, max: usualMax } } : pool,
  );
}

interface Surroundings {
  readonly isHome: boolean;
  readonly target: "edge" | "workerd";
  readonly hasQueue: boolean;
}

function reconciledPool(pool: WeirPool, { isHome, target, hasQueue }: Surroundings): WeirPool {
  const placed = isHome ? without(pool, "cost", "budget") : withTerms(without(pool, "capacity"), hasQueue);
  const origins = withWeight(placed.origins).map((origin) => reconciledWay(origin, target));
  const { register } = placed;
  if (register === undefined || target === "workerd") return { ...placed, origins };
  const named = register.urls.filter((url) => !/\d\.\d|\[/.test(url));
  const urls = named.length > 0 ? named : ["https://*.example.com"];
  return { ...placed, origins, register: { ...register, urls } };
}

function withTerms(pool: WeirPool, hasQueue: boolean): WeirPool {
  if (pool.budget === undefined) return pool;
  const budget = { ...pool.budget };
  if (!hasQueue && budget.whenUsedUp === "queue") budget.whenUsedUp = "fail";
  if (budget.requestsPerHour === undefined && budget.moneyPerDay === undefined) budget.requestsPerHour = 100;
  const isFree = !pool.cost?.perRequest && !pool.cost?.perGb;
  const cost = budget.moneyPerDay !== undefined && isFree ? { cost: { perRequest: 1 } } : {};
  return { ...pool, ...cost, budget };
}

function withWeight(origins: readonly WeirOrigin[]): readonly WeirOrigin[] {
  if (origins.some(({ weight }) => weight !== 0)) return origins;
  return origins.map((origin, index) => (index === 0 ? without(origin, "weight") : origin));
}

/** A host that only a machine nearby can have: an address, or a name that is not in public DNS. */
const nearby = /^(localhost|\d+\.\d+\.\d+\.\d+|\[.*\]|[^.]+|.*\.internal)$/;

function reconciledWay(origin: WeirOrigin, target: "edge" | "workerd"): WeirOrigin {
  const { via = "fetch", url, host = "origin" } = origin;
  const kind = via === "fetch" ? "fetch" : via.kind;
  const isPublic = kind === "fetch" || kind === "mtls";
  const settled = { ...origin };
  if (host !== "origin" && kind !== "vpc-service" && kind !== "worker") delete settled.host;
  if (settled.connection === "each" && kind !== "fetch" && kind !== "vpc-network") delete settled.connection;
  if (isPublic && target === "edge" && nearby.test(new URL(url).hostname))
    settled.url = "https://a.example.com";
  if (isPublic && settled.url.startsWith("http:")) delete settled.access;
  return settled;
}

/** The object of a region sees a part of the traffic only. */
function withoutRegions(upstream: WeirUpstreamConfig): WeirUpstreamConfig {
  const { regions = [], queue, pools } = upstream;
  const isWhole =
    isOn(queue) || pools.some(({ budget, register }) => budget !== undefined || register !== undefined);
  return regions.length > 0 && isWhole ? without(upstream, "regions") : upstream;
}

const withOwnRegions = (upstream: WeirUpstreamConfig): WeirUpstreamConfig =>
  upstream.regions === undefined ? upstream : { ...upstream, regions: [...new Set(upstream.regions)] };

/** Of two durations that bound each other the lesser one is left out if it is the greater. */
function inOrder(upstream: WeirUpstreamConfig): WeirUpstreamConfig {
  const { health, passive, sticky, timeouts } = upstream;
  return {
    ...upstream,
    ...(typeof health === "object" && { health: bounded(health, "timeout", "interval") }),
    ...(typeof passive === "object" && { passive: bounded(passive, "eject", "maxEject") }),
    ...(typeof sticky === "object" && { sticky: bounded(sticky, "idle", "ttl") }),
    ...(timeouts && { timeouts: bounded(timeouts, "headers", "total") }),
  };
}

function bounded<T extends object>(section: T, lesser: keyof T, greater: keyof T): T {
  const [least, most] = [section[lesser], section[greater]];
  if (typeof least !== "string" || typeof most !== "string") return section;
  return millis(least) > millis(most) ? without(section, lesser) : section;
}

/** Of keys that mean the same the first one counts. */
function withOwnKeys(upstream: WeirUpstreamConfig): WeirUpstreamConfig {
  const { health, rewrite, errors } = upstream;
  const domain = (key: string): string => canonicalHost(key.replace(/^\./, ""));
  const statuses = (key: string): string => (key.includes("-") ? key : `${key}-${key}`);
  return {
    ...upstream,
    ...(typeof health === "object" && { health: unrepeated(health, "headers", (key) => key.toLowerCase()) }),
    ...(rewrite && { rewrite: unrepeated(rewrite, "cookieDomains", domain) }),
    ...(errors && { errors: unrepeated(errors, "pages", statuses) }),
  };
}

function unrepeated<Key extends string>(
  section: { [K in Key]?: Record<string, string> },
  key: Key,
  meaning: (key: string) => string,
): typeof section {
  const entries = Object.entries(section[key] ?? {});
  const meanings = entries.map(([name]) => meaning(name));
  const own = entries.filter((_, index) => meanings.indexOf(meanings[index] ?? "") === index);
  return own.length === entries.length ? section : { ...section, [key]: Object.fromEntries(own) };
}

/** A cookie of this name is for the one host, and for all of it. */
function withHostCookie(upstream: WeirUpstreamConfig): WeirUpstreamConfig {
  const { sticky } = upstream;
  if (typeof sticky !== "object" || sticky.cookie?.startsWith("__Host-") !== true) return upstream;
  const { path = "/" } = sticky;
  return { ...upstream, sticky: without(sticky, "domain", ...(path === "/" ? [] : ["path" as const])) };
}

function withoutVainCapacity(upstream: WeirUpstreamConfig): WeirUpstreamConfig {
  const [home, ...later] = upstream.pools;
  if (home?.capacity === undefined || later.length > 0) return upstream;
  const isBounded = home.origins.every(({ maxConns }) => maxConns !== undefined);
  return isBounded ? upstream : { ...upstream, pools: [without(home, "capacity")] };
}

function withAutoscale(upstream: WeirUpstreamConfig): WeirUpstreamConfig {
  const { autoscale, pools } = upstream;
  if (autoscale === undefined) return upstream;
  const later = pools.slice(1).map(({ name }) => name);
  if (later.length === 0 || !isLimited(upstream)) return without(upstream, "autoscale");
  const isKnown = autoscale.pool === undefined || later.includes(autoscale.pool);
  const settled = isKnown ? autoscale : without(autoscale, "pool");
  return { ...upstream, autoscale: (settled.min ?? 0) > settled.max ? without(settled, "min") : settled };
}
