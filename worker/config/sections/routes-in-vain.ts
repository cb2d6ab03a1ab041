/**
 * Routes that no request could get to, and patterns that are too many. Which route takes a request is for the table of routes to say, so it
 * is asked: for each route with a request that this route would take, and no route that takes only a part of what this one takes. In such a
 * request there are characters that no config has. If another route takes it, that one takes all.
 *
 * Conditions count as not held, but for those that are the route's own. Of patterns no more is said than what is certain.
 */
import type { Questions } from "../../../core/routing/match.ts";
import { stemOf } from "../../../core/routing/path.ts";
import { RouteTable } from "../../../core/routing/route-table.ts";
import { decodedPath } from "../../../core/rules/pattern.ts";
import { mostPatterns } from "../../../core/rules/route-questions.ts";
import { formatPath } from "../parse/notation.ts";
import type { Path, Problem } from "../parse/plain.ts";
import { present } from "../present.ts";
import { inEach, type Rule } from "../rule.ts";
import type { ConfigValues } from "./config.ts";
import type { RouteValues } from "./route.ts";

type TriedRoute = Pick<
  RouteValues,
  "host" | "exact" | "prefix" | "startsWith" | "pattern" | "when" | "precedence"
> & {
  readonly at: Path;
  /** The same for the same conditions. */
  readonly conditions: string;
};

export const routesInVain: readonly Rule<ConfigValues>[] = [
  (values, at, target) => {
    const routes: TriedRoute[] = [];
    const collect = inEach<ConfigValues, "routes">("routes", (route, index) => {
      const { host, exact, prefix, startsWith, pattern, when, precedence } = route;
      const conditions = JSON.stringify(when ?? null);
      const match = present({ host, exact, prefix, startsWith, pattern, when, precedence });
      routes.push({ ...match, at: ["routes", index], conditions });
      return undefined;
    });
    collect(values, at, target);
    const table = new RouteTable(routes);
    return routes.flatMap((route) => problemOf(route, table) ?? []);
  },
  (values, at, target) => {
    const counts = new Map<string | undefined, number>();
    const count = inEach<ConfigValues, "routes">("routes", ({ host, pattern }) => {
      if (pattern === undefined) return undefined;
      const number = (counts.get(host) ?? 0) + 1;
      counts.set(host, number);
      const found = `pattern ${number} of ${host ?? "any host"}`;
      return (
        number > mostPatterns && {
          path: ["pattern"],
          found,
          expected: `at most ${mostPatterns} routes of a host with a pattern`,
        }
      );
    });
    return count(values, at, target);
  },
];

function problemOf(route: TriedRoute, table: RouteTable<TriedRoute>): Problem | undefined {
  const takers = pathsOf(route).map((path) => takerOf(route, path, table));
  const [taker] = takers;
  if (taker === undefined || takers.includes(route) || takers.includes(undefined)) return undefined;
  const isSame = matchOf(taker) === matchOf(route);
  return {
    path: route.at,
    found: isSame
      ? `the same match as ${formatPath(taker.at)}`
      : `nothing that ${formatPath(taker.at)} does not take first`,
    expected: isSame ? "a host, a path or a when of its own" : "another match, or a greater precedence",
  };
}

/** Which route takes this path of a route; `undefined`: none, or it is not certain. */
function takerOf(route: TriedRoute, path: string, table: RouteTable<TriedRoute>): TriedRoute | undefined {
  const host = route.host?.replace(/^\*/, unwritten) ?? unwritten;
  const questions: Questions<TriedRoute> = {
    holds: ({ conditions }) => conditions === route.conditions,
    finds: ({ pattern }, asked) => {
      if (pattern === undefined || route.exact === undefined)
        return pattern?.source === route.pattern?.source;
      return asked.length <= pattern.longest ? pattern.test(decodedPath(asked)) : { tooLong: "target" };
    },
  };
  const found = table.find(host, path, questions);
  return found === undefined || "tooLong" in found ? undefined : found.route;
}

/** What no config has. */
const unwritten = "\0";

/** Of the route's paths those of which all others may be concluded. */
function pathsOf({ exact, prefix, startsWith, pattern }: TriedRoute): readonly string[] {
  if (exact !== undefined) return [exact];
  if (startsWith !== undefined) return [startsWith + unwritten];
  if (pattern !== undefined) return [beginningOf(pattern.source) + unwritten];
  const stem = stemOf(prefix ?? "/");
  return stem === "" ? [`/${unwritten}`] : [`${stem}/${unwritten}`, stem];
}

/** What all paths begin with that have the pattern, as far as that is plain to see. */
function beginningOf(source: string): string {
  const { plain = "/" } = /^\^(?<plain>\/(?:[\w/-](?![*?{])|\\[./-](?![*?{]))*)/.exec(source)?.groups ?? {};
  return isOneOfSeveral(source) ? "/" : plain.replaceAll("\\", "");
}

/** Whether there are alternatives outside of all groups, or quoted text, in which nothing means what it looks like. */
function isOneOfSeveral(source: string): boolean {
  if (source.includes(String.raw`\Q`)) return true;
  const bare = source.replaceAll(/\\.|\[\^?\]?(?:\\.|[^\]\\])*\]/gs, "");
  let depth = 0;
  for (const char of bare) {
    if (char === "(") depth += 1;
    if (char === ")") depth -= 1;
    if (char === "|" && depth === 0) return true;
  }
  return false;
}

/** The same for routes of the same match. */
function matchOf({ host, exact, prefix, startsWith, pattern, conditions }: TriedRoute): string {
  const stem = stemOf(prefix ?? startsWith ?? "/");
  const isAny = stem === "" && exact === undefined && pattern === undefined;
  return JSON.stringify([
    host ?? null,
    isAny ? null : [exact ?? null, prefix && stem, startsWith ?? null, pattern?.source ?? null],
    conditions,
  ]);
}
