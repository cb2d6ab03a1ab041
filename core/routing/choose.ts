/**
 * Which route a request takes, and that its origin takes the path for the same. Servers do not agree on what a path says
 * (`readings.ts`), so one that Weir has sent to the origins of one route could be read there as one of another route, whose rules
 * it would then have gone around.
 *
 * Two things see to that. Where the spelling alone (`/a//b`, `/%61`) makes a difference to the route, the origin gets the spelling by
 * which the route was chosen; and always a path that begins with one slash, since behind two a parser of URLs finds the name of a host.
 * And a path is refused if any of the other readings leads to another route, has a `.` or `..` of its own, or names a host. Most paths with such characters have nothing of the kind, and pass as they are: `/@scope%2Fname` of npm's registry,
 * GitLab's `/projects/group%2Fname`, Jenkins' `/job/feature%252Fx`, `/view;jsessionid=1`.
 *
 * The peers either take one reading and let their users beware, or refuse the characters, by default (Apache's
 * AllowEncodedSlashes, Tomcat) or when asked to (Envoy's path_with_escaped_slashes_action). That breaks those applications.
 */
import type { Questions, RouteMatch, TooLong } from "./match.ts";
import { otherReadings } from "./readings.ts";
import type { RouteTable } from "./route-table.ts";

/** What of a route decides here. */
export type ChoosableRoute = RouteMatch & {
  /** Paths are passed on however they may be read. */
  readonly ambiguousPaths?: "keep";
};

/** What a request asks for, in normal form. */
export interface RequestedUrl {
  /** Lower case, without port. */
  readonly hostname: string;
  readonly path: string;
  /** Path and query. */
  readonly target: string;
  /** The path in the form of `path.ts`. */
  readonly routingPath: string;
}

export type RouteChoice<Route> =
  | {
      readonly kind: "route";
      readonly route: Route;
      /** Path and query as the origin is to get them. */
      readonly target: string;
    }
  | { readonly kind: "no-route" }
  /** The route, but origins could take the path for one of another route, or for one that leads out of it. */
  | { readonly kind: "ambiguous-path"; readonly route: Route }
  /** A pattern is to see a path, or another value, that is longer than it is given: no route is known to be the request's. */
  | { readonly kind: "too-long"; readonly of: TooLong["tooLong"] };

/** The route for the URL, and the form in which its path is sent on. Of each reading the same questions are asked. */
export function chooseRoute<Route extends ChoosableRoute>(
  table: RouteTable<Route>,
  { hostname, path, routingPath, target }: RequestedUrl,
  questions: Questions<Route>,
): RouteChoice<Route> {
  const found = table.find(hostname, routingPath, questions);
  if (found === undefined) return { kind: "no-route" };
  if ("tooLong" in found) return { kind: "too-long", of: found.tooLong };
  const { route } = found;
  const isTaken = (other: string): boolean => table.find(hostname, other, questions) === found;
  const keeps = route.ambiguousPaths === "keep";
  if (!keeps) {
    const readings = otherReadings(routingPath);
    if (readings === undefined || (readings.length > 0 && !readings.every(isTaken)))
      return { kind: "ambiguous-path", route };
  }
  const sent = keeps ? path : path.replace(/^\/{2,}/, "/");
  const isSameAsSent = sent === routingPath || isTaken(sent);
  if (isSameAsSent && sent === path) return { kind: "route", route, target };
  return { kind: "route", route, target: (isSameAsSent ? sent : routingPath) + target.slice(path.length) };
}
