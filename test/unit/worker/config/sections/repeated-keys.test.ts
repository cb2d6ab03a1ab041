/** Keys of an object that mean the same in several spellings. */
import { expect, test } from "vitest";
import { repeatedKeys } from "../../../../../worker/config/sections/repeated-keys.ts";

test("each key that means the same as an earlier one is found, and the first is not", () => {
  const rule = repeatedKeys("headers", (key) => key.toLowerCase(), "the same again", "each once");
  const problem = (key: string): object => ({
    path: ["headers", key],
    found: "the same again",
    expected: "each once",
  });
  const written = { "x-a": 1, "X-A": 2, b: 3, "X-a": 4 };
  expect(rule({ headers: written }, [], null)).toEqual([problem("X-A"), problem("X-a")]);
  expect(rule({ headers: { a: 1, b: 2 } }, [], null)).toEqual([]);
});
