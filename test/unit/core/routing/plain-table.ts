/** Tables for tests of routes that ask nothing of a request but its host and path. */
import type { Questions, RouteMatch } from "../../../../core/routing/match.ts";
import { RouteTable } from "../../../../core/routing/route-table.ts";

/** Whoever asks has a route with conditions. */
export const unasked: Questions<RouteMatch> = {
  holds: () => {
    throw new Error("a route without conditions was asked for them");
  },
  finds: () => {
    throw new Error("a route without a pattern was asked for it");
  },
};

export function matchRoute<R extends RouteMatch>(
  routes: readonly R[],
  host: string,
  path: string,
): R | undefined {
  const found = new RouteTable(routes).find(host, path, unasked);
  return found && "route" in found ? found.route : undefined;
}
