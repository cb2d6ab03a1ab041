import { expect, test } from "vitest";
import { formatIssues } from "../../../../../worker/config/parse/issue.ts";
import { parseConfig } from "../../../../../worker/config/parse/parse.ts";

test("issues are two aligned lines each", () => {
  const issues = [
    { path: "target", found: '"cloud"', expected: 'one of "edge", "workerd"' },
    { path: "routes[0].upstream", found: '"shpo"', expected: "the name of an upstream" },
  ];
  expect(formatIssues(issues).split("\n")).toEqual([
    'target              found     "cloud"',
    '                    expected  one of "edge", "workerd"',
    'routes[0].upstream  found     "shpo"',
    "                    expected  the name of an upstream",
  ]);
});

test("a very long path stands out of its column, and does not push all others to the right", () => {
  const issues = [
    { path: "a".repeat(70), found: "1", expected: "2" },
    { path: "b", found: "3", expected: "4" },
  ];
  const lines = formatIssues(issues).split("\n");
  expect(lines[0]).toBe(`${"a".repeat(70)}  found     1`);
  expect(lines[2]).toBe(`${"b".padEnd(56)}  found     3`);
});

test("no issues are no text", () => {
  expect(formatIssues([])).toBe("");
});

test("each issue has its path as keys too, and says if the key is wrong and not its value", () => {
  const parsed = parseConfig({ upstreams: {}, routes: [], "ro.utes": 1 }, () => undefined);
  const places = (parsed.ok ? [] : parsed.issues).map(({ place, isKey }) => ({ place, isKey }));
  expect(places).toEqual([
    { place: ["upstreams"], isKey: undefined },
    { place: ["routes"], isKey: undefined },
    { place: ["ro.utes"], isKey: true },
  ]);
});
