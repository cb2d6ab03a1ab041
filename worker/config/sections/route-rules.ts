/**
 * What must hold between routes, and between routes and upstreams. As in `upstream-rules.ts`, the config is read as
 * written, so that these issues come together with those of the shape.
 */
import { routingPath, stemOf } from "../../../core/routing/path.ts";
import { parseHostPattern } from "../kinds/host.ts";
import { hstsProblems } from "./hsts-rules.ts";
import { nearest } from "../parse/nearest.ts";
import { quote } from "../parse/notation.ts";
import { itemsOf, keysOf, valueAt } from "../parse/plain.ts";
import type { Path, Plain, Problem } from "../parse/plain.ts";

/** The problems of the routes of a config. */
export function routeProblems(config: Plain): Problem[] {
  const routes = itemsOf(valueAt(config, "routes"));
  const upstreams = keysOf(valueAt(config, "upstreams"));
  const known: ReadonlySet<Plain | undefined> = new Set(upstreams);
  return [
    ...routes.flatMap((route, index) => ambiguousPath(route, ["routes", index])),
    ...routes.flatMap((route, index) =>
      known.has(valueAt(route, "upstream")) ? [] : unknownUpstream(route, ["routes", index], upstreams),
    ),
    ...routes.flatMap((route, index) => hstsProblems(route, ["routes", index])),
    ...repeatedMatches(routes),
  ];
}

function ambiguousPath(route: Plain, path: Path): Problem[] {
  if (valueAt(route, "prefix") === undefined || valueAt(route, "exact") === undefined) return [];
  return [{ path, found: "both prefix and exact", expected: "one of them, or neither (any path)" }];
}

function unknownUpstream(route: Plain, path: Path, known: readonly string[]): Problem[] {
  const name = valueAt(route, "upstream");
  if (typeof name !== "string") return [];
  const suggestion = nearest(name, known);
  const expected = `the name of an upstream of this config${suggestion ? `; the nearest is ${quote(suggestion)}` : ""}`;
  return [{ path: [...path, "upstream"], expected }];
}

/** Of two routes with the same match the second could never be taken. */
function repeatedMatches(routes: readonly Plain[]): Problem[] {
  const firstByMatch = new Map<string, number>();
  return routes.flatMap((route, index) => {
    const match = matchOf(route);
    const first = match === undefined ? undefined : firstByMatch.get(match);
    if (match !== undefined && first === undefined) firstByMatch.set(match, index);
    return first === undefined ? [] : repeatedMatch(index, first);
  });
}

function repeatedMatch(index: number, first: number): Problem {
  return {
    path: ["routes", index],
    found: `the same match as routes[${first}]`,
    expected: "a host, prefix or exact of its own",
  };
}

/** What a route matches, for comparison, however it is spelt; `undefined` where that cannot be told. */
function matchOf(route: Plain): string | undefined {
  if (valueAt(route, "upstream") === undefined) return undefined;
  const [host, prefix, exact] = [valueAt(route, "host"), valueAt(route, "prefix"), valueAt(route, "exact")];
  const pattern = typeof host === "string" ? (parseHostPattern(host) ?? host) : host;
  const stem = typeof prefix === "string" ? stemOf(routingPath(prefix)) : prefix;
  const path = typeof exact === "string" ? routingPath(exact) : exact;
  return JSON.stringify([pattern ?? null, stem === "" ? null : (stem ?? null), path ?? null]);
}
