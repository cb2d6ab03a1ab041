/** JSON with comments becomes JSON in which nothing has moved. */
import * as fc from "fast-check";
import { expect, test } from "vitest";

import { toJson } from "../../../cli/config/jsonc.ts";

test.each([
  ["a comment to the end of the line", '{ // "a": 2\n "a": 1 }', `{${" ".repeat(10)}\n "a": 1 }`],
  ["a comment with an end", '{ /* { */ "a": 1 }', '{         "a": 1 }'],
  ["a comment of several lines", "[/* 1,\r\n 2 */3]", "[     \r\n     3]"],
  ["a comment at the end of the text", "1 // one", "1       "],
  ["a comma after the last item", '{ "a": [1, 2, ], }', '{ "a": [1, 2  ]  }'],
  ["such a comma, and a comment behind it", "[1, // one\n]", "[1        \n]"],
  ["what looks like a comment in a text", '["https://a.test/*", "*/,]"]', '["https://a.test/*", "*/,]"]'],
])("%s", (_, jsonc, json) => {
  expect(toJson(jsonc)).toBe(json);
});

test.each([
  ["a list of a comma", "[,]"],
  ["an object of a comma", "{,}"],
  ["two commas at the end", "[1,,]"],
  ["a comma after the whole", "{},"],
  ["a comma behind a colon", '{"a":,}'],
  ["a comment that does not end", "1 /* one"],
  ["a comment that ends in its beginning", "1 /*/"],
  ["half a comment", "1 / 2"],
  ["a text that does not end", '["a, // b\n]'],
  ["a comment in the manner of a shell", "1 # one"],
])("%s stays, and is refused", (_, jsonc) => {
  expect(() => JSON.parse(toJson(jsonc))).toThrow(SyntaxError);
});

test("JSON stays as it is", () => {
  fc.assert(fc.property(fc.json(), (json) => toJson(json) === json));
});

test("whatever the text, each line keeps its length", () => {
  const text = fc.string({ unit: fc.constantFrom(...'{}[],:"\\/* \n\r\t1a\u2028😀'.split("")) });
  const lengths = (lines: string): number[] => lines.split("\n").map((line) => line.length);
  fc.assert(
    fc.property(text, (jsonc) => {
      expect(lengths(toJson(jsonc))).toEqual(lengths(jsonc));
    }),
  );
});
