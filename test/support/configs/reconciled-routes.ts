/** The rules of routes, and of cookies that meet on a host, as repairs: see `reconciled.ts`. */
import type { WeirRoute, WeirSticky, WeirUpstreamConfig } from "../../../worker/config/weir-config.ts";
import { canonicalHost, canonicalPath, millis } from "./values.ts";

export function reconciledRoutes(routes: readonly WeirRoute[], upstreams: readonly string[]): WeirRoute[] {
  const [anyUpstream = ""] = upstreams;
  const settled = routes.map((route) => {
    const { prefix, upstream, ...rest } = route;
    const known = upstreams.includes(upstream) ? upstream : anyUpstream;
    const isAmbiguous = prefix !== undefined && route.exact !== undefined;
    return withPreload({ ...rest, upstream: known, ...(prefix !== undefined && !isAmbiguous && { prefix }) });
  });
  const matches = settled.map(matchOf);
  return settled.filter((_, index) => matches.indexOf(matches[index] ?? "") === index);
}

/** What the route takes, equal for routes that take the same. */
function matchOf({ host, prefix, exact }: WeirRoute): string {
  const stem = prefix && canonicalPath(prefix).replace(/\/$/, "");
  return JSON.stringify([host && canonicalHost(host), stem || null, exact && canonicalPath(exact)]);
}

const yearMs = 8_760 * 3_600_000;

function withPreload(route: WeirRoute): WeirRoute {
  if (typeof route.https !== "object" || typeof route.https.hsts !== "object") return route;
  const { preload, ...hsts } = route.https.hsts;
  if (preload !== true) return route;
  const isFit = hsts.includeSubDomains === true && millis(hsts.maxAge ?? "8760h") >= yearMs;
  return isFit ? route : { ...route, https: { ...route.https, hsts } };
}

interface Session {
  readonly cookie: string;
  readonly path: string;
  /** Hosts, `*.` patterns, or `undefined` for any: what its routes take, and the cookie's own domain. */
  readonly hosts: readonly (string | undefined)[];
}

/**
 * A browser keeps one cookie of a name, path and domain: a later upstream that would have the same gets one of its own. And it
 * keeps none for a domain that the host is not in.
 * @param kept an upstream that stays as it is.
 */
export function withCookiesApart(
  upstreams: Readonly<Record<string, WeirUpstreamConfig>>,
  routes: readonly WeirRoute[],
  kept?: string,
): Record<string, WeirUpstreamConfig> {
  const sessions: Session[] = [];
  const settled = Object.entries(upstreams).map(([name, upstream], index) => {
    const { sticky = false } = upstream;
    if (sticky === false) return [name, upstream];
    const hosts = routes
      .filter((route) => route.upstream === name)
      .map(({ host }) => host && canonicalHost(host));
    const written = sticky === true || name === kept ? sticky : withOwnDomain(sticky, hosts);
    const { cookie = "weir", path = "/", domain } = written === true ? {} : written;
    const own = domain === undefined || hosts.length === 0 ? [] : [bare(domain)];
    const session = { cookie, path, hosts: [...hosts, ...own] };
    const isTaken = name !== kept && sessions.some((other) => meet(other, session));
    const apart = isTaken ? { ...session, cookie: `own-${index}` } : session;
    sessions.push(apart);
    const settled = isTaken ? { ...(written === true ? {} : written), cookie: apart.cookie } : written;
    return [name, { ...upstream, sticky: settled }];
  });
  return Object.fromEntries(settled);
}

const bare = (domain: string): string => canonicalHost(domain.replace(/^\./, ""));

function withOwnDomain(sticky: WeirSticky, hosts: readonly (string | undefined)[]): WeirSticky {
  const { domain, ...rest } = sticky;
  if (domain === undefined || hosts.length === 0) return sticky;
  const own = bare(domain);
  const isOwn = hosts.some((host) => covers(host, own) || `.${host}`.endsWith(`.${own}`));
  return isOwn ? sticky : rest;
}

const meet = (one: Session, other: Session): boolean =>
  one.cookie === other.cookie &&
  one.path === other.path &&
  one.hosts.some((a) => other.hosts.some((b) => covers(a, b) || covers(b, a)));

function covers(wide: string | undefined, narrow: string | undefined): boolean {
  if (wide === undefined || wide === narrow) return true;
  return wide.startsWith("*.") && narrow?.endsWith(wide.slice(1)) === true;
}
