/**
 * Which route a request takes. The most specific wins, whatever the order in the file: an exact host before a
 * wildcard (the longer first) before any host; in it an exact path before the longest prefix. Prefixes end at
 * a path segment: `/api` takes `/api` and `/api/x`, not `/apix`.
 */
import { stemOf } from "./path.ts";

export interface RouteMatch {
  /** Lower case, exact or `*.suffix`; absent: any. */
  readonly host?: string;
  /** This and `exact` in the form of `routingPath`. */
  readonly prefix?: string;
  readonly exact?: string;
}

/** The route for a host (lower case, without port) and a path (`routingPath`), or `undefined`. */
export function matchRoute<R extends RouteMatch>(
  routes: readonly R[],
  host: string,
  path: string,
): R | undefined {
  let best: R | undefined;
  for (const route of routes) {
    if (!hostMatches(route.host, host) || !pathMatches(route, path)) continue;
    if (best === undefined || specificity(route) > specificity(best)) best = route;
  }
  return best;
}

/** Whether one of the routes names the host (lower case), by itself or by a wildcard. A route for any host names none. */
export function namesHost(routes: readonly RouteMatch[], host: string): boolean {
  return routes.some((route) => route.host !== undefined && hostMatches(route.host, host));
}

function hostMatches(pattern: string | undefined, host: string): boolean {
  if (pattern === undefined) return true;
  // `*.example.com` stands for one or more labels, and not for `example.com` itself.
  if (pattern.startsWith("*.")) return host.length > pattern.length - 1 && host.endsWith(pattern.slice(1));
  return pattern === host;
}

function pathMatches({ exact, prefix }: RouteMatch, path: string): boolean {
  if (exact !== undefined) return path === exact;
  if (prefix === undefined || prefix === "/") return true;
  const stem = stemOf(prefix);
  return path === stem || path.startsWith(`${stem}/`);
}

/** One number that orders routes: the host decides, then the path. */
function specificity({ host, exact, prefix }: RouteMatch): number {
  const hostRank = host === undefined ? 0 : host.startsWith("*.") ? host.length : 1_000;
  const pathRank = exact === undefined ? (prefix?.length ?? 0) : 20_000;
  return hostRank * 100_000 + pathRank;
}
