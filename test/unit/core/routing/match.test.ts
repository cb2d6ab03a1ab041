/** Which route a request takes: the most specific, in whatever order they are written. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { HostIndex } from "../../../../core/routing/host-index.ts";
import type { RouteMatch } from "../../../../core/routing/match.ts";
import { matchRoute } from "./plain-table.ts";

function matches(route: RouteMatch, host: string, path: string): boolean {
  return matchRoute([route], host, path) === route;
}

describe("a route's host", () => {
  test.each([
    [undefined, "example.com", true],
    [undefined, "", true],
    ["example.com", "example.com", true],
    ["example.com", "www.example.com", false],
    ["example.com", "example.org", false],
    ["example.com", "xample.com", false],
    ["*.example.com", "www.example.com", true],
    ["*.example.com", "a.b.example.com", true],
    ["*.example.com", "example.com", false],
    ["*.example.com", ".example.com", false],
    ["*.example.com", "notexample.com", false],
    ["*.example.com", "www.example.com.evil.net", false],
    ["*.example.com", "www.example.org", false],
  ])("%s matches %s: %s", (pattern, host, expected) => {
    expect(matches(pattern === undefined ? {} : { host: pattern }, host, "/")).toBe(expected);
  });
});

describe("a route's path", () => {
  test.each<[RouteMatch, string, boolean]>([
    [{}, "/", true],
    [{}, "/anything", true],
    [{ prefix: "/" }, "/", true],
    [{ prefix: "/" }, "/anything", true],
    [{ prefix: "/api" }, "/api", true],
    [{ prefix: "/api" }, "/api/", true],
    [{ prefix: "/api" }, "/api/x/y", true],
    [{ prefix: "/api" }, "/apix", false],
    [{ prefix: "/api" }, "/ap", false],
    [{ prefix: "/api" }, "/", false],
    [{ prefix: "/api" }, "/API", false],
    [{ prefix: "/api" }, "/x/api", false],
    [{ prefix: "/api/" }, "/api", true],
    [{ prefix: "/api/" }, "/api/x", true],
    [{ prefix: "/api/" }, "/apix", false],
    [{ exact: "/api" }, "/api", true],
    [{ exact: "/api" }, "/api/", false],
    [{ exact: "/api" }, "/api/x", false],
    [{ exact: "/" }, "/", true],
    [{ exact: "/" }, "/x", false],
  ])("%j matches %s: %s", (route, path, expected) => {
    expect(matches(route, "example.com", path)).toBe(expected);
  });
});

describe("of several routes that match", () => {
  const any = {};
  const anyApi = { prefix: "/api" };
  const anyExact = { exact: "/api/users" };
  const wide = { host: "*.com" };
  const wideExact = { host: "*.com", exact: "/api/users" };
  const wildcard = { host: "*.shop.example.com" };
  const widerWildcard = { host: "*.example.com", prefix: "/api/users" };
  const exact = { host: "www.shop.example.com" };
  const exactApi = { host: "www.shop.example.com", prefix: "/api" };
  const exactUsers = { host: "www.shop.example.com", prefix: "/api/users" };
  const exactPath = { host: "www.shop.example.com", exact: "/api/users" };

  test.each<[string, RouteMatch, RouteMatch]>([
    ["an exact host wins over a wildcard", exact, wildcard],
    ["an exact host wins over a wildcard with an exact path", exact, wideExact],
    ["a wildcard wins over any host", wide, any],
    ["a wildcard wins over any host with an exact path", wide, anyExact],
    ["the longer wildcard wins", wildcard, wide],
    ["the longer wildcard wins over a longer path", wildcard, widerWildcard],
    ["of one host an exact path wins over a prefix of the same length", exactPath, exactUsers],
    ["of one host the longer prefix wins", exactUsers, exactApi],
    ["of one host a prefix wins over any path", exactApi, exact],
    ["of any host a prefix wins over any path", anyApi, any],
  ])("%s", (_, winner, loser) => {
    for (const routes of [
      [winner, loser],
      [loser, winner],
    ]) {
      expect(matchRoute(routes, "www.shop.example.com", "/api/users")).toBe(winner);
    }
  });

  test("an exact host without a route for the path leaves the request to the others", () => {
    const admin = { host: "example.com", prefix: "/admin" };
    expect(matchRoute([admin, anyApi], "example.com", "/api")).toBe(anyApi);
  });

  test("none that matches is none", () => {
    expect(matchRoute([exact, anyApi], "example.org", "/")).toBeUndefined();
    expect(matchRoute([], "example.org", "/")).toBeUndefined();
  });

  test("a prefix of the greatest length does not win over an exact path, nor a path over a host", () => {
    const long = `/${"x".repeat(8_000)}`;
    const byPrefix = { prefix: long };
    const byPath = { exact: long };
    const byHost = { host: "*.com" };
    expect(matchRoute([byPrefix, byPath], "example.com", long)).toBe(byPath);
    expect(matchRoute([byPath, byPrefix, byHost], "example.com", long)).toBe(byHost);
  });
});

test("the order of routes does not change which is taken", () => {
  const host = fc.constantFrom("a.com", "x.a.com", "y.x.a.com");
  const pattern = fc.constantFrom("a.com", "x.a.com", "*.a.com", "*.x.a.com", "*.com");
  const path = fc
    .array(fc.constantFrom("a", "b", "ab"), { maxLength: 3 })
    .chain((parts) => fc.constantFrom(`/${parts.join("/")}`, `/${[...parts, ""].join("/")}`));
  const route = fc.oneof(
    fc.record({ host: pattern, prefix: path }, { requiredKeys: [] }),
    fc.record({ host: pattern, exact: path }, { requiredKeys: [] }),
  );
  // Two routes with the same match are refused by the config: a slash at the end of a prefix makes no difference.
  const identity = ({ host, prefix, exact }: RouteMatch): string =>
    JSON.stringify([host, prefix?.replace(/\/$/, "") || undefined, exact]);
  const routes = fc.uniqueArray(route, { selector: (one: RouteMatch) => identity(one), maxLength: 12 });
  const listed = routes.chain((list) =>
    fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
  );
  fc.assert(
    fc.property(listed, host, path, ([list, shuffled], host, path) => {
      const taken = matchRoute(list, host, path);
      expect(matchRoute(shuffled, host, path)).toBe(taken);
      expect(taken === undefined).toBe(!list.some((one) => matches(one, host, path)));
    }),
    { numRuns: 1_000 },
  );
});

test("a host is named by a route of its own or by a wildcard, and not by a route for any host", () => {
  const named = new HostIndex(new Map(["shop.test", "*.a.test"].map((host) => [host, true])));
  const isNamed = (host: string): boolean => named.find(host) !== undefined;
  expect(["shop.test", "b.a.test", "c.b.a.test"].filter(isNamed)).toHaveLength(3);
  expect(["evil.test", "a.test", "shop.test.evil.test", ""].filter(isNamed)).toEqual([]);
});
