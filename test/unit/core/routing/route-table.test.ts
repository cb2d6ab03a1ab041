/** The table chooses what a plain search of all routes chooses, in steps that do not grow with their number. */
import * as fc from "fast-check";
import { describe, expect, test, vi } from "vitest";

import type { Questions, RouteMatch, RouteVerdict } from "../../../../core/routing/match.ts";
import { RouteTable } from "../../../../core/routing/route-table.ts";
import { runs } from "../../../support/runs.ts";
import { unasked } from "./plain-table.ts";

interface Route extends RouteMatch {
  readonly when?: { readonly needs: string };
}

/** What a request is, besides its host and path: conditions that hold, and those of which it is not known. */
interface Asked {
  readonly host: string;
  readonly path: string;
  readonly held: readonly string[];
  readonly unknown: readonly string[];
}

const tooLong = { tooLong: "headers" } as const;

function questionsOf({ held, unknown }: Asked): Questions<Route> {
  return {
    holds: ({ when }) => verdict(when?.needs ?? "", held, unknown),
    finds: ({ pattern }, path) => new RegExp(pattern?.source ?? "").test(path),
  };
}

function verdict(need: string, held: readonly string[], unknown: readonly string[]): RouteVerdict {
  return unknown.includes(need) ? tooLong : held.includes(need);
}

const find = (routes: readonly Route[], asked: Asked): Route | undefined | "too long" => {
  const found = new RouteTable(routes).find(asked.host, asked.path, questionsOf(asked));
  if (found === undefined) return undefined;
  return "tooLong" in found ? "too long" : found.route;
};

/** The specification: of the routes that match, in the order of their ranks, the first whose conditions hold. */
function expected(routes: readonly Route[], asked: Asked): Route | undefined | "too long" {
  const candidates = routes
    .filter((route) => hostMatches(route, asked.host) && pathMatches(route, asked.path))
    .map((route) => ({ route, rank: rankOf(route, routes) }))
    .sort((a, b) => compare(a.rank, b.rank));
  for (const { route } of candidates) {
    const held = route.when === undefined || verdict(route.when.needs, asked.held, asked.unknown);
    if (held === true) return route;
    if (held !== false) return "too long";
  }
  return undefined;
}

function hostMatches({ host }: Route, asked: string): boolean {
  if (host === undefined || host === asked) return true;
  return host.startsWith("*.") && asked.endsWith(host.slice(1)) && asked.length >= host.length;
}

function pathMatches({ exact, prefix, startsWith, pattern }: Route, path: string): boolean {
  if (exact !== undefined) return path === exact;
  if (prefix !== undefined) return `${path}/`.startsWith(prefix.endsWith("/") ? prefix : `${prefix}/`);
  if (startsWith !== undefined) return path.startsWith(startsWith);
  return pattern === undefined || new RegExp(pattern.source).test(path);
}

/** The lesser goes first, number by number. */
function rankOf(route: Route, routes: readonly Route[]): readonly number[] {
  const { host, exact, prefix, startsWith, pattern, when, precedence = 0 } = route;
  const hostRank = host === undefined ? 2_000 : host.startsWith("*.") ? 1_000 - host.length : 0;
  // A prefix ends with a slash or the path's end, so `/a` as one is half a character longer than as the beginning of any path.
  const stem = prefix?.replace(/\/$/, "");
  const length = stem === undefined ? (startsWith ?? "").length : stem.length + 0.5;
  const isAny = stem === "" || startsWith === "/" || (stem ?? startsWith ?? pattern) === undefined;
  const kind = exact !== undefined ? 0 : pattern !== undefined ? 2 : isAny ? 3 : 1;
  const likeThis = ({ host: other, pattern: like, precedence: theirs = 0 }: Route): boolean =>
    other === host && like?.source === pattern?.source && theirs === precedence;
  return [
    -precedence,
    hostRank,
    kind,
    kind === 1 ? -length : kind === 2 ? routes.findIndex(likeThis) : 0,
    when === undefined ? 1 : 0,
    routes.indexOf(route),
  ];
}

function compare(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((part, index) => part !== b[index]);
  return at === -1 ? 0 : (a[at] ?? 0) - (b[at] ?? 0);
}

const path = fc
  .array(fc.constantFrom("a", "b", "ab", "abc", "é"), { maxLength: 4 })
  .chain((parts) => fc.constantFrom(`/${parts.join("/")}`, `/${[...parts, ""].join("/")}`));
const source = fc.constantFrom("^/a", "b$", "^/ab?/", "c", "^/(a|b)/a");
const anyRoute: fc.Arbitrary<Route> = fc
  .record({
    host: fc.option(fc.constantFrom("a.com", "x.a.com", "*.a.com", "*.x.a.com", "*.com"), { nil: undefined }),
    kind: fc.constantFrom("exact", "prefix", "startsWith", "pattern", "any"),
    path,
    source,
    needs: fc.option(fc.constantFrom("1", "2", "3"), { nil: undefined }),
    precedence: fc.option(fc.constantFrom(-1, 0, 1), { nil: undefined }),
  })
  .map(({ host, kind, path, source, needs, precedence }) => ({
    ...(host !== undefined && { host }),
    ...(kind === "pattern" ? { pattern: { source } } : kind !== "any" && { [kind]: path }),
    ...(needs !== undefined && { when: { needs } }),
    ...(precedence !== undefined && { precedence }),
  }));
const anyAsked: fc.Arbitrary<Asked> = fc.record({
  host: fc.constantFrom("a.com", "x.a.com", "y.x.a.com", "b.com", ".a.com", "com", ""),
  path,
  held: fc.subarray(["1", "2", "3"]),
  unknown: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, fc.subarray(["1", "2"])),
});

describe("of any routes", () => {
  test("the table chooses for any request what a search of all of them chooses", () => {
    fc.assert(
      fc.property(fc.array(anyRoute, { maxLength: 30 }), anyAsked, (routes, asked) => {
        expect(find(routes, asked)).toBe(expected(routes, asked));
      }),
      { numRuns: runs(3_000, 300_000) },
    );
  });
});

const request = { host: "a.com", path: "/shop/cart", held: [], unknown: [] } satisfies Asked;

describe("the order is such that", () => {
  const any: Route = {};
  const shop: Route = { prefix: "/shop" };
  const shopLike: Route = { startsWith: "/sho" };
  const cart: Route = { pattern: { source: "cart$" } };
  const conditional: Route = { prefix: "/shop", when: { needs: "1" } };
  const wide: Route = { when: { needs: "2" } };
  const lifted: Route = { pattern: { source: "cart$" }, precedence: 1 };

  test.each<[string, readonly Route[], Partial<Asked>, Route]>([
    ["a prefix goes before a pattern", [cart, shop, any], {}, shop],
    ["a pattern goes before any path", [any, cart], {}, cart],
    ["… but not before one by characters", [cart, shopLike], {}, shopLike],
    ["a pattern with a precedence goes before a prefix", [shop, lifted], {}, lifted],
    ["… and before a more specific host", [{ host: "a.com" }, lifted], {}, lifted],
    [
      "a prefix by segments goes before the same one by characters",
      [{ startsWith: "/shop" }, shop],
      {},
      shop,
    ],
    ["conditions that hold go before none", [shop, conditional], { held: ["1"] }, conditional],
    ["conditions that do not hold leave the request to the same path", [shop, conditional], {}, shop],
    ["… or to the next one", [conditional, any], {}, any],
    ["… which may have conditions, too", [any, conditional, wide], { held: ["2"] }, wide],
    ["… or to a less specific host", [{ host: "a.com", when: { needs: "1" } }, shop], {}, shop],
  ])("%s", (_, routes, asked, winner) => {
    expect(find(routes, { ...request, ...asked })).toBe(winner);
  });

  test("where it is not known whether conditions hold, no less specific route is taken", () => {
    expect(find([any, conditional], { ...request, unknown: ["1"] })).toBe("too long");
    expect(find([shop, wide], { ...request, unknown: ["2"] })).toBe(shop);
    const both: Route = { pattern: { source: "nothing" }, when: { needs: "1" } };
    expect(find([any, both], { ...request, unknown: ["1"] })).toBe(any);
  });
});

describe("the steps to a route", () => {
  const routesOf = (count: number): Route[] =>
    Array.from({ length: count }, (_, index) => ({
      ...(index % 2 === 0 ? { host: `h${index % 100}.test` } : { host: `*.w${index % 100}.test` }),
      ...(index % 3 === 0 ? { exact: `/shop/p${index}/x` } : { prefix: `/shop/p${index}` }),
    }));

  /** How often a map is looked into, over all requests. */
  function stepsOf(routes: readonly Route[]): number {
    const table = new RouteTable(routes);
    const get = vi.spyOn(Map.prototype, "get");
    let found = 0;
    for (const { host = "", exact, prefix } of routes.slice(0, 10)) {
      if (table.find(host.replace("*", "deep.www"), exact ?? `${prefix}/y/z`, unasked) !== undefined) found++;
    }
    const steps = get.mock.calls.length;
    get.mockRestore();
    expect(found).toBe(10);
    return steps;
  }

  test("are hardly more among 10,000 routes than among 10", () => {
    expect(stepsOf(routesOf(10_000))).toBeLessThanOrEqual(1.5 * stepsOf(routesOf(10)));
  });

  test("are no more than the lengths that hosts and prefixes have, however long a host and a path are", () => {
    const table = new RouteTable(routesOf(10_000));
    const get = vi.spyOn(Map.prototype, "get");
    table.find("h0.test", `/shop${"/a".repeat(8_000)}`, unasked);
    table.find(`${"a.".repeat(8_000)}test`, "/shop", unasked);
    const steps = get.mock.calls.length;
    get.mockRestore();
    expect(steps).toBeLessThan(10);
  });

  test("lead past conditions that do not hold, from one to the next", () => {
    const nested: Route[] = Array.from({ length: 300 }, (_, depth) => ({
      prefix: "/a".repeat(depth + 1),
      when: { needs: "1" },
    }));
    const any: Route = {};
    const holds = vi.fn(() => false);
    const found = new RouteTable([...nested, any]).find("h", "/a".repeat(400), { holds, finds: holds });
    expect(found).toMatchObject({ route: any });
    expect(holds).toHaveBeenCalledTimes(300);
  });
});

test("a path that begins with no slash is in no route but those for any path", () => {
  const any: Route = {};
  expect(find([{ prefix: "/a" }, { exact: "/" }, any], { ...request, path: "aa/b" })).toBe(any);
  expect(find([{ prefix: "/a" }, { startsWith: "/a" }], { ...request, path: "" })).toBeUndefined();
});
