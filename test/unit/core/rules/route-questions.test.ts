/** What a request says of a route's conditions and pattern: worked out once, and never passed by because a text is long. */
import { describe, expect, test, vi } from "vitest";

import type { ConditionFacts } from "../../../../core/rules/conditions.ts";
import type { Pattern } from "../../../../core/rules/pattern.ts";
import { RouteQuestions } from "../../../../core/rules/route-questions.ts";
import { patternOf } from "./pattern-of.ts";

const facts: ConditionFacts = {
  method: "GET",
  scheme: "http",
  client: undefined,
  header: (name) => (name === "x-long" ? "y".repeat(5_000) : undefined),
  cookie: () => undefined,
};
const finds = (pattern: Pattern, path: string) => new RouteQuestions(facts, "").finds({ pattern }, path);

describe("conditions", () => {
  test("are held against the request and its query", () => {
    const questions = new RouteQuestions(facts, "page=1");
    expect(questions.holds({ when: { methods: ["GET"] } })).toBe(true);
    expect(questions.holds({ when: { query: [{ name: "page", test: { is: "absent" } }] } })).toBe(false);
    expect(questions.holds({})).toBe(true);
  });

  test("of one route are asked once, however many readings a path has", () => {
    const header = vi.fn(() => "x");
    const questions = new RouteQuestions({ ...facts, header }, "");
    const route = { when: { headers: [{ name: "x-a", test: { is: "present" } as const }] } };
    expect([questions.holds(route), questions.holds(route)]).toEqual([true, true]);
    expect(header).toHaveBeenCalledOnce();
  });

  test("about a value that is too long for their pattern are not known", () => {
    const test = { is: "like", pattern: patternOf(/^n/) } as const;
    const route = { when: { headers: [{ name: "x-long", test }] } };
    expect(new RouteQuestions(facts, "").holds(route)).toEqual({ tooLong: "headers" });
  });
});

describe("a pattern", () => {
  test("sees the path decoded, but for what would change its meaning", () => {
    expect(finds(patternOf(/^\/café$/), "/caf%C3%A9")).toBe(true);
    expect(finds(patternOf(/^\/a\/b$/), "/a%2Fb")).toBe(false);
  });

  test("is not known to be in a path that is longer than it is given", () => {
    expect(finds(patternOf(/^\/b/), `/${"a".repeat(4_095)}`)).toBe(false);
    expect(finds(patternOf(/^\/b/), `/${"a".repeat(4_096)}`)).toEqual({ tooLong: "target" });
  });

  test("is one of 64 that see the longest path once: then a request has cost enough", () => {
    const questions = new RouteQuestions(facts, "");
    const route = { pattern: patternOf(/^\/b/) };
    const path = `/${"a".repeat(4_095)}`;
    for (let seen = 0; seen < 64; seen++) expect(questions.finds(route, path)).toBe(false);
    expect(questions.finds(route, path)).toEqual({ tooLong: "target" });
  });
});
