/** Regular expressions cost what they are long, say what is wrong with them, and capture what their groups say. */
import { describe, expect, test } from "vitest";

import { hasPatterns, loadPatterns, pattern } from "../../../../../worker/config/kinds/pattern.ts";
import type { Pattern } from "../../../../../core/rules/pattern.ts";

await loadPatterns();

const read = (source: string): Pattern => pattern.parse(source);
const refusal = (source: string): string | undefined => pattern.safeParse(source).error?.issues[0]?.message;

describe("a pattern", () => {
  test("captures by number and by name, and nothing for a group that took no part", () => {
    const found = read("^/(?<kind>a|b)/(x)?(.*)$").find("/a/rest");
    expect(Object.fromEntries(found ?? [])).toEqual({ 1: "a", kind: "a", 3: "rest" });
    expect(read("^/(?P<kind>a)").groups).toEqual({ count: 1, names: ["kind"] });
  });

  test("is found anywhere, unless it says where", () => {
    expect(read("b").test("abc")).toBe(true);
    expect(read("^b").test("abc")).toBe(false);
    expect(read("(?i)^SHOP$").test("shop")).toBe(true);
    expect(read("x").find("abc")).toBeUndefined();
  });

  test("is given texts by its size, so that no match costs more than some 400,000 steps", () => {
    expect(read("^/shop/(\\d+)$").longest).toBe(4_096);
    expect(read("\\w{0,700}-$").longest).toBeLessThan(600);
  });

  test("of nested repetitions costs no more than its text is long, where other engines take minutes", () => {
    const text = `/${"a".repeat(4_000)}!`;
    expect(read("^/(a+)+$").test(text)).toBe(false);
    expect(read("^/(a|a)*$").test(text)).toBe(false);
    expect(read("^(/download/.*)/media/(\\w+)\\.?.*$").test(`/download${"/media".repeat(600)}`)).toBe(true);
  });
});

describe("a pattern is refused, and the issue says what was found, where, and what to write,", () => {
  test.each([
    [
      "for look-ahead",
      "^/(?!api)",
      /`?\(\?!.* at character 3; RE2 has no look-around: use the condition not/,
    ],
    ["for look-behind", "a(?<=b)", /look-around/],
    ["for a back-reference", "(a)\\1", /at character 4; RE2 has no back-references/],
    ["for a group that does not end", "^/(a", /missing closing \)/],
    ["for an empty range", "[z-a]", /invalid character class range: "z-a" at character 2/],
    ["for too many repetitions", "a{1001}", /invalid repeat count/],
    ["for repetitions of repetitions", "((a{30}){30}){30}", /invalid repeat count/],
    [
      "for being too large in all",
      "(a{900}|b{900}|c{900})",
      /a smaller regular expression \(it has \d+ steps; at most 1500\)/,
    ],
    ["for its length", "a".repeat(1_001), /at most 1,000 characters/],
  ])("%s", (_, source, message) => {
    expect(refusal(source)).toMatch(message);
  });
});

test("a config that has none needs no engine, and one that has any says so, wherever it is", () => {
  expect(hasPatterns({ routes: [{ rules: [{ prefix: "/a", respond: 403 }] }] })).toBe(false);
  expect(hasPatterns({ routes: [{ rules: [{ pattern: "a", respond: 403 }] }] })).toBe(true);
  expect(
    hasPatterns({ routes: [{ rules: [{ when: { headers: { A: { pattern: "a" } } }, respond: 403 }] }] }),
  ).toBe(true);
  expect(hasPatterns(undefined)).toBe(false);
});
