/** Input that is huge, deep, cyclic or no data at all: refused in few words, soon, and without an exception. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseConfig } from "../../../../worker/config/parse/parse.ts";
import { emptyEnv, leastConfig, leastUpstream } from "./example-config.ts";
import { withOrigins, withRoutes, withUpstream } from "./example-config.ts";
import { issuesOf, shop } from "./tables.ts";

function numbered<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

function origins(count: number, prefix = "o"): object[] {
  return numbered(count, (index) => ({ name: `${prefix}${index}`, url: "https://a.example.com" }));
}

function nested(levels: number): unknown {
  return levels === 0 ? "deep" : [nested(levels - 1)];
}

describe("counts", () => {
  const allRoutes = numbered(10_000, (index) => ({ exact: `/${index}`, upstream: "shop" }));
  const pools = (...counts: readonly number[]) =>
    counts.map((count, index) => ({ name: `pool-${index}`, origins: origins(count, `o${index}-`) }));
  const headers = (count: number) => Object.fromEntries(numbered(count, (index) => [`x-${index}`, "v"]));
  const upstreams = (count: number) => {
    const more = Object.fromEntries(numbered(count - 1, (index) => [`u${index}`, leastUpstream()]));
    return { ...leastConfig(), upstreams: { shop: leastUpstream(), ...more } };
  };

  test.each([
    ["1000 origins", withOrigins(origins(1000))],
    ["16 pools", withUpstream({ pools: pools(...numbered(16, () => 1)) })],
    ["10000 routes", withRoutes(...allRoutes)],
    ["32 headers", withUpstream({ health: { headers: headers(32) } })],
    ["100 upstreams", upstreams(100)],
  ])("%s are accepted", (_, raw) => {
    expect(issuesOf(raw)).toEqual([]);
  });

  test.each([
    [`${shop}.pools`, "at most 1000 origins in all pools together", withUpstream({ pools: pools(500, 501) })],
    [`${shop}.pools`, "a list of 1 to 16 pools", withUpstream({ pools: pools(...numbered(17, () => 1)) })],
    ["routes", "a list of 1 to 10000 routes", withRoutes(...allRoutes, { upstream: "shop" })],
    [
      `${shop}.health.headers`,
      "an object of 0 to 32 headers",
      withUpstream({ health: { headers: headers(33) } }),
    ],
    ["upstreams", "an object of 1 to 100 upstreams", upstreams(101)],
  ])("%s: one more than %s is refused", (path, expected, raw) => {
    expect(issuesOf(raw)).toEqual([{ path, found: expect.any(String), expected }]);
  });
});

describe("size", () => {
  test("more than 100000 values are refused without looking further", () => {
    const issue = { path: "(config)", found: "more than 100000 values", expected: "at most 100000 values" };
    expect(issuesOf(withOrigins(origins(50_000)))).toEqual([issue]);
  });

  test("more of an upstream than its object can keep is refused, and how much it is", () => {
    const long = (name: number) => ({ name: `o${name}`, url: `https://a.example.com/${"x".repeat(1_000)}` });
    expect(issuesOf(withOrigins(numbered(900, long)))).toEqual([]);
    const expected = "at most 1000000 characters as JSON: its objects keep it as one value";
    const found: unknown = expect.stringMatching(/^10\d{5} characters$/);
    expect(issuesOf(withOrigins(numbered(1_000, long)))).toEqual([{ path: shop, found, expected }]);
  });

  test("a text of more than 8192 characters is refused where it is, by its length", () => {
    const issue = { path: `${shop}.policy`, found: "9000 characters", expected: "at most 8192 characters" };
    expect(issuesOf(withUpstream({ policy: "x".repeat(9000) }))).toEqual([issue]);
  });

  test("more than 16 levels are refused where they begin to be too many", () => {
    const issue = { found: "one more level", expected: "at most 16 levels" };
    const issues = issuesOf({ ...leastConfig(), extra: nested(1000) });
    expect(issues).toContainEqual({ ...issue, path: `extra${"[0]".repeat(15)}` });
  });

  test("a cycle is refused", () => {
    const config: Record<string, unknown> = { ...leastConfig() };
    config["self"] = config;
    expect(issuesOf(config).at(-1)).toMatchObject({ expected: "at most 16 levels" });
  });

  test("of more than 100 issues 100 are shown, and how many there are besides", () => {
    const routes = numbered(150, (index) => ({ exact: `/${index}`, upstream: "nowhere" }));
    const issues = issuesOf(withRoutes(...routes));
    expect(issues).toHaveLength(101);
    const expected = "the others corrected first";
    expect(issues.at(-1)).toEqual({ path: "(config)", found: "50 more issues", expected });
  });
});

describe("values that are no data", () => {
  test.each([
    ["a function", () => "10s"],
    ["a symbol", Symbol("x")],
    ["a bigint", 1n],
    ["NaN", Number.NaN],
    ["Infinity", Infinity],
    ["an instance of a class", new Date(0)],
    ["an instance of a class", new Map()],
  ])("%s is refused", (found, value) => {
    const issue = { path: `${shop}.policy`, found, expected: "plain data, as in JSON" };
    expect(issuesOf(withUpstream({ policy: value }))).toEqual([issue]);
  });
});

describe("what an issue shows", () => {
  test("is one line of at most 80 characters, in which nothing can move a terminal's cursor", () => {
    const [issue] = issuesOf(withUpstream({ policy: `\u001b[2J\u009b1A\u202e\u2028${"x".repeat(200)}` }));
    expect(issue?.found).toMatch(/^"\\u001b\[2J\\u\{9b\}1A\\u\{202e\}\\u\{2028\}x+…$/);
    expect(issue?.found).toHaveLength(80);
  });

  test("is bounded for keys too, and two keys that differ beyond that bound are two issues", () => {
    const issues = issuesOf({ ...leastConfig(), [`${"k".repeat(8_000)}1`]: 1, [`${"k".repeat(8_000)}2`]: 1 });
    expect(issues).toHaveLength(2);
    for (const { path, found } of issues) {
      expect(path.length).toBeLessThan(100);
      expect(found.length).toBeLessThan(100);
    }
  });
});

describe("whatever the input", () => {
  function isJudged(raw: unknown): void {
    const parsed = parseConfig(raw, emptyEnv);
    if (parsed.ok) return;
    expect(parsed.issues.length).toBeGreaterThan(0);
    for (const issue of parsed.issues) {
      expect(issue).toEqual({
        path: expect.stringMatching(/./),
        found: expect.stringMatching(/./),
        expected: expect.stringMatching(/./),
        place: expect.any(Array),
        ...(issue.isKey && { isKey: true }),
      });
      expect(issue.found.length).toBeLessThanOrEqual(100);
    }
  }

  test("any JSON is accepted, or refused with at least one issue that has a path", () => {
    fc.assert(fc.property(fc.jsonValue({ maxDepth: 6 }), isJudged), { numRuns: 300 });
  });
});
