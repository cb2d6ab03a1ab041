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
});
