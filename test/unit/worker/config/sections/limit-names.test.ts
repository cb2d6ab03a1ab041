/** The names of limits of requests: what counts together counts alike, and no request counts twice. */
import { describe, expect, test } from "vitest";

import { likeNamed, namedOnce } from "../../../../../worker/config/sections/limit-names.ts";
import { routeRules } from "../../../../../worker/config/sections/route.ts";
import { leastConfig } from "../example-config.ts";
import { issuesOf } from "../tables.ts";

const rate = { name: "login", rate: "5/min" };
const open = { name: "login", most: 5 };

/** A route for each of these. */
const routes = (...parts: readonly object[]): unknown => ({
  ...leastConfig(),
  routes: parts.map((part, nth) => ({ host: `h${nth}.test`, upstream: "shop", ...part })),
});

test("the rules are those of all routes, and of each", () => {
  expect(routeRules).toContain(likeNamed);
  expect(namedOnce).toHaveLength(2);
});

describe("limits of one name", () => {
  test("may be on several routes, and may differ in what becomes of a request", () => {
    const limits = { rateLimits: [rate], concurrency: [open] };
    const others = { rateLimits: [{ ...rate, dryRun: true }], concurrency: [{ ...open, status: 503 }] };
    expect(issuesOf(routes(limits, others))).toEqual([]);
  });

  test("are alike in what they count, on whichever routes", () => {
    const others = {
      rateLimits: [{ rate: "5/min" }, { ...rate, burst: 9 }],
      concurrency: [{ ...open, most: 6 }],
    };
    expect(issuesOf(routes({ rateLimits: [rate], concurrency: [open] }, others))).toEqual([
      {
        path: "routes[1].rateLimits[1].name",
        found: '"login"',
        expected:
          "the key, rate, burst, delay and exact of routes[0].rateLimits[0], with which it counts, or another name",
      },
      {
        path: "routes[1].concurrency[0].name",
        found: '"login"',
        expected: "the key and most of routes[0].concurrency[0], with which it counts, or another name",
      },
    ]);
  });

  test("are not on one route: a request counts once in each", () => {
    expect(issuesOf(routes({ rateLimits: [rate, rate], concurrency: [open, open] }))).toEqual(
      ["rateLimits", "concurrency"].map((option) => ({
        path: `routes[0].${option}[1].name`,
        found: `the name of routes[0].${option}[0]`,
        expected: "a name of its own: a request counts once",
      })),
    );
  });
});
