/**
 * What a route matches, and the order in which routes are tried, whatever the order in the file. A request takes the first route that
 * matches it and whose conditions hold:
 *
 * 1. by `precedence`, the greater first;
 * 2. by the host: an exact one, then wildcards (the longer first), then any;
 * 3. by the path: an exact one; then prefixes (the longer first); then patterns, in the order of the file; then any path;
 * 4. of the same host and path: those with conditions, in the order of the file, then the one without.
 *
 * So a route whose conditions do not hold leaves the request to the next one (as in Caddy and Traefik), and a host without a route for
 * the path to less specific hosts. nginx tries its regular expressions before prefixes: a `precedence` does that here.
 */

/** A value is longer than the pattern that is to see it is given: whether the route is for the request is not known. */
export interface TooLong {
  readonly tooLong: "target" | "headers";
}

export type RouteVerdict = boolean | TooLong;

/** Of `exact`, `prefix`, `startsWith` and `pattern` one at most; none: any path. Paths are in the form of `routingPath`. */
export interface RouteMatch {
  /** Lower case, exact or `*.suffix`; absent: any. */
  readonly host?: string;
  readonly exact?: string;
  /** Ends at a path segment: `/api` takes `/api` and `/api/x`, not `/apix`. */
  readonly prefix?: string;
  /** Ends at any character: `/api` takes `/apix`, too (as nginx's `location /api`). */
  readonly startsWith?: string;
  /** What the path must be like. What it is, is for the questions to know: the table only tells equal ones by their source. */
  readonly pattern?: { readonly source: string };
  /** What else must hold. */
  readonly when?: object;
  /** Absent: 0. */
  readonly precedence?: number;
}

/** What only the request itself can tell of a route. Asked for as few routes as possible, the most specific first. */
export interface Questions<Route> {
  /** Whether the conditions of a route hold that has some. */
  readonly holds: (route: Route) => RouteVerdict;
  /** Whether the pattern of a route that has one is in the path. */
  readonly finds: (route: Route, path: string) => RouteVerdict;
}
