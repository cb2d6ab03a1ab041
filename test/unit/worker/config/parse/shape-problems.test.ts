/** The problems that a value of the wrong shape has. */
import { expect, test } from "vitest";
import * as z from "zod";
import { object } from "../../../../../worker/config/kinds/fields.ts";
import { shapeProblems } from "../../../../../worker/config/parse/shape-problems.ts";

const way = object("a way", { binding: z.string("a name"), port: z.exactOptional(z.number("a port")) });
const kind = z.union([z.literal("fetch"), way], { error: '"fetch" or a way' });
const names = z.record(z.string().regex(/^\w+$/), z.number("a number"), {
  error: ({ code }) => (code === "invalid_key" ? "a word" : "an object"),
});

const problemsOf = (schema: z.ZodType, value: unknown): unknown =>
  shapeProblems(schema.safeParse(value).error?.issues ?? [], ["base"]);

test("of a union only the alternative that was evidently meant is told of", () => {
  expect(problemsOf(kind, { binding: 1, port: "x" })).toEqual([
    { path: ["base", "binding"], expected: "a name" },
    { path: ["base", "port"], expected: "a port" },
  ]);
  expect(problemsOf(kind, 7)).toEqual([{ path: ["base"], expected: '"fetch" or a way' }]);
});

test("an unknown key is told of at its own path, with the one that is like it", () => {
  const found = 'unknown key "prot"';
  const expected = '"port"? Known here: binding, port';
  const problem = { path: ["base", "prot"], found, expected, isKey: true };
  expect(problemsOf(kind, { binding: "A", prot: 1 })).toEqual([problem]);
});

test("a key that is no name is told of as a key, beside values that are wrong", () => {
  expect(problemsOf(names, { "a b": 1, c: "x" })).toEqual([
    { path: ["base", "a b"], found: 'key "a b"', expected: "a word", isKey: true },
    { path: ["base", "c"], expected: "a number" },
  ]);
});
