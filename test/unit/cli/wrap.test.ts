/** Text for a terminal of a certain width. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { issuesText } from "../../../cli/config/issues-text.ts";
import { wrapped } from "../../../cli/terminal/wrap.ts";

describe("wrapped text", () => {
  it("continues below its first letter, and keeps a long word whole", () => {
    expect(wrapped("found  ", "one two https://a.example.com/path three", 16)).toBe(
      ["found  one two", "       https://a.example.com/path", "       three"].join("\n"),
    );
  });

  it("has every word, in order, and no line over the width but a word's own", () => {
    const word = fc.string({ minLength: 1, maxLength: 30, unit: fc.constantFrom("a", "é", ".", "-") });
    fc.assert(
      fc.property(fc.array(word), fc.integer({ min: 1, max: 120 }), (words, width) => {
        const lines = wrapped("  ", words.join(" "), width).split("\n");
        expect(lines.map((line) => line.slice(2)).join(" ")).toBe(words.join(" "));
        for (const line of lines)
          if (line.trim().includes(" ")) expect(line.length).toBeLessThanOrEqual(width);
      }),
    );
  });
});

describe("issues", () => {
  const advice = `a DNS name: ${"and a reason ".repeat(10)}`.trim();
  const text = issuesText(
    [
      { path: "routes[0].host", found: '"x:1"', expected: "a host without a port" },
      { path: "upstreams.a.url", found: '"http://10.0.0.5"', expected: advice },
      { path: "routes[1].host", found: '"y:1"', expected: "a host without a port" },
    ],
    80,
  );

  it("fit the terminal", () => {
    expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  it("that need the same advice get it once, below all of them, and it says for how many it is", () => {
    expect(text.split("\n").slice(0, 6)).toEqual([
      "  routes[0].host",
      '    found     "x:1"',
      "  routes[1].host",
      '    found     "y:1"',
      "  each of these 2",
      "    expected  a host without a port",
    ]);
    expect(text.match(/expected/g)).toHaveLength(2);
  });

  it("say their places in the file before the path, or above it where both do not fit", () => {
    const issue = { path: "routes[0].host", found: '"x:1"', expected: "a host" };
    const line = (at: string): string[] =>
      issuesText([{ ...issue, at }], 40)
        .split("\n")
        .slice(0, 2);
    expect(line("shop.json:12:9")).toEqual(["  shop.json:12:9  routes[0].host", '    found     "x:1"']);
    expect(line("configs/shop.json:12:9")).toEqual([
      "  configs/shop.json:12:9  routes[0].host",
      '    found     "x:1"',
    ]);
    expect(line("configs/the-shop.json:12:9")).toEqual(["  configs/the-shop.json:12:9", "  routes[0].host"]);
  });

  it("that need the same advice have each its place", () => {
    const issue = (index: number) => ({
      at: `a.json:${index}:1`,
      path: `routes[${index}]`,
      found: "1",
      expected: "a",
    });
    expect(issuesText([issue(1), issue(2)], 80).split("\n")).toEqual([
      "  a.json:1:1  routes[1]",
      "    found     1",
      "  a.json:2:1  routes[2]",
      "    found     1",
      "  each of these 2",
      "    expected  a",
    ]);
  });
});
