/** What JSON.parse would lose in silence is found, and nothing else. */
import * as fc from "fast-check";
import { expect, test } from "vitest";

import { repeatedKeys } from "../../../cli/config/repeated-keys.ts";

test.each([
  ['{ "a": 1, "a": 2 }', [{ key: "a", line: 1 }]],
  ['{\n"s": { "x": 1 },\n"s": { "x": 2 }\n}', [{ key: "s", line: 3 }]],
  ['[{ "a": { "b": [] , "b": {} } }]', [{ key: "b", line: 1 }]],
  ['{ "a": 1, "\\u0061": 2 }', [{ key: "a", line: 1 }]],
  ['{ "a": { "a": [{ "a": 1 }, { "a": 1 }] }, "b": "a", "c": "\\"a\\": {" }', []],
  ['["a", "a", "a:a"]', []],
])("%s", (json, repeated) => {
  expect(repeatedKeys(json)).toEqual(repeated);
});

test("what was written by JSON.stringify has none, however it is nested", () => {
  fc.assert(
    fc.property(fc.json(), (json) => {
      const written = JSON.stringify(JSON.parse(json), undefined, 2);
      expect(repeatedKeys(written)).toEqual([]);
    }),
  );
});
