/** A route that no request could get to is refused, and so are patterns that are too many; what some request gets to is not. */
import { describe, expect, test } from "vitest";

import { loadPatterns } from "../../../../../worker/config/kinds/pattern.ts";
import { routesInVain } from "../../../../../worker/config/sections/routes-in-vain.ts";
import { withRoutes } from "../example-config.ts";
import { allows, issuesOf, refuses, type Scope } from "../tables.ts";

await loadPatterns();

const routes: Scope = {
  make: (routes) => withRoutes(...(routes as object[]).map((route) => ({ upstream: "shop", ...route }))),
  base: "routes",
  compiled: () => undefined,
};

const put = { methods: ["PUT"] };
const ours = { clients: ["10.0.0.0/8"], headers: { "X-A": { pattern: "^a" } } };
const same = "a host, a path or a when of its own";
const covered = "another match, or a greater precedence";
const first = "nothing that routes[0] does not take first";

refuses(routes, [
  ...[
    [{ pattern: "^/a" }, { pattern: "^/a" }],
    [{ startsWith: "/a" }, { startsWith: "/a" }],
    [{ startsWith: "/" }, {}],
    [
      { prefix: "/a", when: put },
      { prefix: "/a/", when: put },
    ],
    [
      { pattern: "^/a", when: ours },
      { pattern: "^/a", when: ours },
    ],
    [{ exact: "/a", precedence: 2 }, { exact: "/a" }],
  ].map((two) => [two, "[1]", same, "the same match as routes[0]"] as const),
  ...[
    [{ precedence: 1 }, { host: "a.test" }],
    [{ prefix: "/a", precedence: 1 }, { prefix: "/a/b" }],
    [{ prefix: "/a", precedence: 1 }, { exact: "/a" }],
    [
      { prefix: "/a", precedence: 1 },
      { prefix: "/a", when: put },
    ],
    [{ startsWith: "/a", precedence: 1 }, { prefix: "/a" }],
    [{ prefix: "/a", precedence: 1 }, { startsWith: "/a/b" }],
    [
      { host: "*.test", precedence: 1 },
      { host: "*.a.test", prefix: "/x" },
    ],
    [
      { host: "*.test", precedence: 1 },
      { host: "a.test", pattern: "x" },
    ],
    [{ pattern: "^/[ab]$", precedence: 1 }, { exact: "/a" }],
    // Prefixes go before patterns: as nginx does only with `^~`.
    [{ prefix: "/api" }, { pattern: "^/api/v(\\d+)/" }],
    [{ prefix: "/api" }, { pattern: "^/api/(a|b)" }],
    [{ prefix: "/api" }, { pattern: "^/api/", when: put }],
    [{ startsWith: "/a.b" }, { pattern: "^/a\\.bc*" }],
  ].map((two) => [two, "[1]", covered, first] as const),
  // The one that is in vain may be the first.
  [[{ exact: "/a" }, { exact: "/a", precedence: 2 }], "[0]", same, "the same match as routes[1]"],
  // Two that take all together.
  [
    [{ exact: "/a", precedence: 1 }, { startsWith: "/a/", precedence: 1 }, { prefix: "/a" }],
    "[2]",
    covered,
    "nothing that routes[1] does not take first",
  ],
]);

allows(routes, [
  [{ prefix: "/a" }, { prefix: "/a", when: put }, { prefix: "/a", when: ours }],
  [{ prefix: "/a", when: put, precedence: 1 }, { prefix: "/a/b" }],
  [{ prefix: "/a", precedence: 1 }, { startsWith: "/a" }],
  [{ startsWith: "/a/", precedence: 1 }, { prefix: "/a" }],
  [{ exact: "/a", precedence: 1 }, { prefix: "/a" }],
  [{ host: "a.test", precedence: 1 }, { host: "*.test" }, {}],
  [{ host: "*.a.test", precedence: 1 }, { host: "a.test" }, { host: "*.test" }],
  [{ pattern: "^/a", precedence: 1 }, { prefix: "/a" }, {}],
  [{ prefix: "/api" }, { pattern: "/api/v1" }, { pattern: "^/apis?/" }, { pattern: "^/api/a|^/b" }],
  [{ prefix: "/api" }, { pattern: "^/ap(i/)?" }, { pattern: "^/api/|[(]|x" }, { pattern: "(?i)^/API/" }],
  [{ prefix: "/api" }, { pattern: "^/api/{0,1}x" }, { pattern: "^/\\Qapi/\\E|x" }],
  [{}, { pattern: "^/a" }, { startsWith: "/a/b" }],
]);

describe("patterns of a host", () => {
  const patterns = (count: number, route: object = {}): object[] =>
    Array.from({ length: count }, (_, index) => ({ pattern: `^/p${index}/`, upstream: "shop", ...route }));

  test("may be 64, for each host", () => {
    expect(issuesOf(withRoutes(...patterns(64), ...patterns(64, { host: "a.test" })))).toEqual([]);
  });

  test("are refused where they begin to be too many", () => {
    expect(issuesOf(withRoutes(...patterns(66, { host: "a.test", precedence: 1 })))).toEqual(
      [64, 65].map((index) => ({
        path: `routes[${index}].pattern`,
        found: `pattern ${index + 1} of a.test`,
        expected: "at most 64 routes of a host with a pattern",
      })),
    );
  });
});

test("a route that cannot be read hides nothing that is wrong with others", () => {
  const issues = issuesOf(
    withRoutes({ upstream: "shop" }, { exact: 1, upstream: "shop" }, { upstream: "shop" }),
  );
  expect(issues.map(({ path }) => path)).toEqual(["routes[1].exact", "routes[2]"]);
  expect(routesInVain).toHaveLength(2);
});
