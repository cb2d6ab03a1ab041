/** The names of limits: those of one name count together, so they must count alike, and a request counts once in each. */
import { formatPath } from "../parse/notation.ts";
import type { Path, Problem } from "../parse/plain.ts";
import { distinct, type Rule } from "../rule.ts";
import type { ConfigValues } from "./config.ts";
import { heldAs } from "./concurrency.ts";
import { countedAs } from "./rate-limits.ts";
import type { RouteValues } from "./route.ts";

const once = (first: Path): Problem => ({
  path: ["name"],
  found: `the name of ${formatPath(first)}`,
  expected: "a name of its own: a request counts once",
});

/** Of one route. */
export const namedOnce: readonly Rule<RouteValues>[] = [
  distinct("rateLimits", ({ name }) => name, once),
  distinct("concurrency", ({ name }) => name, once),
];

/** Of all routes. */
export function likeNamed({ routes }: ConfigValues): Problem[] {
  const rates = routes.map(({ rateLimits }) => rateLimits.map(countedAs));
  const open = routes.map(({ concurrency }) => concurrency.map(heldAs));
  return [
    ...unlike(rates, "rateLimits", "key, rate, burst, delay and exact"),
    ...unlike(open, "concurrency", "key and most"),
  ];
}

/** What a limit is called, and what it must have in common with others of the name; one without a name has nothing. */
type NamedLimit = { readonly name: string; readonly as: string } | undefined;

/** Each limit that has the name of an earlier one, and is not like it. @param all those of each route. */
function unlike(all: readonly (readonly NamedLimit[])[], option: string, alike: string): Problem[] {
  const firsts = new Map<string, { readonly as: string; readonly at: Path }>();
  return all.flatMap((limits, route) =>
    limits.flatMap((limit, nth) => {
      if (limit === undefined) return [];
      const at = ["routes", route, option, nth];
      const first = firsts.get(limit.name) ?? { as: limit.as, at };
      firsts.set(limit.name, first);
      const expected = `the ${alike} of ${formatPath(first.at)}, with which it counts, or another name`;
      return first.as === limit.as ? [] : [{ path: [...at, "name"], expected }];
    }),
  );
}
