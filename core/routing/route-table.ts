/**
 * The routes of a config, made into a table once, so that a request finds its route by a few look-ups, however many routes there are. The
 * order is that of `match.ts`. All routes that could take what one of them takes are linked: if conditions do not hold, the next one is at hand.
 */
import { HostIndex } from "./host-index.ts";
import type { Questions, RouteMatch, RouteVerdict, TooLong } from "./match.ts";
import { PathIndex, type IndexedPath } from "./path-index.ts";
import { stemOf } from "./path.ts";

/** A route as it stands in the table. */
export interface Found<Route> {
  readonly route: Route;
  /** Whether only the request can tell that it is the route's. */
  readonly asks: boolean;
  /** The next one of the same host. */
  next: Found<Route> | undefined;
}

export class RouteTable<Route extends RouteMatch> {
  /** Whether some routes ask for more than a host and a path: without, `questions` are never asked. */
  readonly hasQuestions: boolean;
  /** One index for each precedence, the greatest first. */
  readonly #levels: readonly HostIndex<PathIndex<Found<Route>>>[];

  constructor(routes: readonly Route[]) {
    this.hasQuestions = routes.some(asks);
    const levels = Map.groupBy(routes, ({ precedence = 0 }) => precedence);
    this.#levels = [...levels]
      .sort(([a], [b]) => b - a)
      .map(([, level]) => {
        const hosts = Map.groupBy(level, ({ host }) => host);
        return new HostIndex(new Map(Array.from(hosts, ([host, ofHost]) => [host, pathsOf(ofHost)])));
      });
  }

  /**
   * The route for a host (lower case, without port) and a path (`routingPath`); `undefined`: there is none.
   * @returns `TooLong` if a pattern is not given what it is to see: then the route is not known.
   */
  find(host: string, path: string, questions: Questions<Route>): Found<Route> | TooLong | undefined {
    for (const level of this.#levels) {
      for (let entry = level.find(host); entry !== undefined; entry = entry.wider) {
        for (let found = entry.value.find(path); found !== undefined; found = found.next) {
          if (!found.asks) return found;
          const verdict = judge(found.route, path, questions);
          if (verdict === true) return found;
          if (verdict !== false) return verdict;
        }
      }
    }
    return undefined;
  }
}

/** What is not known of one part does not matter where the other one does not hold. */
function judge<Route extends RouteMatch>(
  route: Route,
  path: string,
  questions: Questions<Route>,
): RouteVerdict {
  const held = route.when === undefined || questions.holds(route);
  if (held === false || route.pattern === undefined) return held;
  const found = questions.finds(route, path);
  return found === true ? held : found;
}

const asks = ({ when, pattern }: RouteMatch): boolean => when !== undefined || pattern !== undefined;

/** The routes of a host. */
function pathsOf<Route extends RouteMatch>(routes: readonly Route[]): PathIndex<Found<Route>> {
  const paths: (readonly [IndexedPath, readonly Found<Route>[]])[] = [];
  const [patterns, anyPath]: [Found<Route>[], Found<Route>[]] = [[], []];
  for (const group of Map.groupBy(routes, matchKey).values()) {
    const [conditional = [], plain = []] = [true, false].map((isAsking) =>
      group.filter(({ when }) => (when !== undefined) === isAsking),
    );
    const found = [...conditional, ...plain].map((route) => ({ route, asks: asks(route), next: undefined }));
    const path = group[0] && indexedPath(group[0]);
    if (path !== undefined) paths.push([path, found]);
    else if (group[0]?.pattern !== undefined) patterns.push(...found);
    else anyPath.push(...found);
  }
  return new PathIndex(paths, [...patterns, ...anyPath]);
}

/** The same for two routes that take the same paths. */
function matchKey(route: RouteMatch): string {
  const path = indexedPath(route);
  if (path !== undefined) return `${path.is} ${path.is === "prefix" ? stemOf(path.text) : path.text}`;
  return route.pattern === undefined ? "" : `pattern ${route.pattern.source}`;
}

/** `undefined`: a pattern, or any path. */
function indexedPath({ exact, prefix, startsWith }: RouteMatch): IndexedPath | undefined {
  if (exact !== undefined) return { is: "exact", text: exact };
  if (prefix !== undefined && prefix !== "/") return { is: "prefix", text: prefix };
  if (startsWith !== undefined && startsWith !== "/") return { is: "startsWith", text: startsWith };
  return undefined;
}
