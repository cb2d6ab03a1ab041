import fc from "fast-check";
import { expect, test } from "vitest";

import { jsonMistake } from "../../../cli/config/json-mistake.ts";

test.each([
  ["a comma too many", '{\n  "a": 1,\n}', 3, 1, '"}"', "a key in double quotes"],
  ["a comma that is missing", '{\n  "a": 1\n  "b": 2\n}', 3, 3, "a string", '"," or "}"'],
  ["a key without quotes", "{ a: 1 }", 1, 3, '"a"', 'a key in double quotes or "}"'],
  [
    "a comment",
    '{\n  // mine\n  "a": 1 }',
    2,
    3,
    "a comment, which JSON does not have",
    'a key in double quotes or "}"',
  ],
  [
    "a comment that is not closed",
    "{ /* mine\n}",
    1,
    3,
    "a comment that does not end",
    'a key in double quotes or "}"',
  ],
  ["an object that is not closed", '{"a": [1, 2]\n', 2, 1, "the end of the file", '"," or "}"'],
  ["a list that is closed as an object", '{"a": [1}', 1, 9, '"}"', '"," or "]"'],
  ["a second value", "{}\n{}", 2, 1, '"{"', "the end of the file"],
])("the place of %s is told", (_, text, line, column, found, expected) => {
  expect(jsonMistake(text)).toEqual({ line, column, found, expected });
});

test("what a string holds is never told", () => {
  expect(JSON.stringify(jsonMistake('{"secret": "hunter2" "other": 1}'))).not.toMatch(/hunter|other/);
  expect(JSON.stringify(jsonMistake('{"secret": "hunter2\n}'))).not.toContain("hunter");
});

/** JSON in which one character was replaced by others, or by none. */
const nearlyJson = fc
  .tuple(
    fc.json({ maxDepth: 4 }),
    fc.nat(),
    fc.constantFrom(...Array.from("{}[],:\"'\\/-+.01eEtu\n\t\u0001\uD800 "), "", "//", "null"),
  )
  .map(([text, at, other]) => text.slice(0, at % text.length) + other + text.slice((at % text.length) + 1));

test("there is a mistake in exactly the texts that JSON.parse refuses", () => {
  fc.assert(
    fc.property(nearlyJson, (text) => {
      const isJson = (): boolean => {
        try {
          JSON.parse(text);
          return true;
        } catch {
          return false;
        }
      };
      expect(jsonMistake(text) === undefined).toBe(isJson());
    }),
    { numRuns: 1_000 },
  );
});
