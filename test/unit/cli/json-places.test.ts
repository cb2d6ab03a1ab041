/** Where values of a JSON text are, and which keys JSON.parse would lose in silence. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { jsonPlaces } from "../../../cli/config/json-places.ts";
import type { Path } from "../../../worker/config/parse/plain.ts";

/** Every value, in the order of the text. */
function valuesIn(value: unknown, path: Path = []): { readonly path: Path; readonly value: unknown }[] {
  const here = { path, value };
  if (Array.isArray(value))
    return [here, ...value.flatMap((item, index) => valuesIn(item, [...path, index]))];
  if (typeof value !== "object" || value === null) return [here];
  return [here, ...Object.entries(value).flatMap(([key, item]) => valuesIn(item, [...path, key]))];
}

const json = `{
  "target": "edge",
  "upstreams": { "shop": { "pools": [
    { "name": "home" },
    { "name": "cloud", "origins": [] }
  ] } }
}`;

describe("the place of", () => {
  test.each<[string, Path, boolean, string | undefined]>([
    ["the whole", [], false, "1:1"],
    ["a text", ["target"], false, "2:13"],
    ["a key", ["target"], true, "2:3"],
    ["an object", ["upstreams", "shop"], false, "3:26"],
    ["a key in an object in a list", ["upstreams", "shop", "pools", 1, "origins"], true, "5:24"],
    ["a list", ["upstreams", "shop", "pools", 1, "origins"], false, "5:35"],
    ["a key that is missing: its object", ["upstreams", "shop", "pools", 0, "origins"], false, "4:5"],
    ["what is below that", ["upstreams", "shop", "pools", 0, "origins", 0, "url"], false, "4:5"],
    ["an item that is missing: its list", ["upstreams", "shop", "pools", 2], false, "3:37"],
    ["a key of a text: the text", ["target", "name"], false, "2:13"],
    ["a key that is an index: its list", ["upstreams", "shop", "pools", "0"], false, "3:37"],
  ])("%s", (_, path, isKey, place) => {
    const found = jsonPlaces(json).find(path, isKey);
    expect(found && `${found.line}:${found.column}`).toBe(place);
  });

  test("each value and each key of any JSON is where it is written", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 5 }), fc.constantFrom(undefined, 2, "\t"), (any, indent) => {
        const text = JSON.stringify(JSON.parse(any), undefined, indent);
        const { find } = jsonPlaces(text);
        const lengths = text.split("\n").map((line) => line.length + 1);
        const offset = (path: Path, isKey: boolean): number => {
          const { line, column } = find(path, isKey) ?? { line: 0, column: 0 };
          return lengths.slice(0, line - 1).reduce((sum, length) => sum + length, column - 1);
        };
        let last = -1;
        for (const { path, value } of valuesIn(JSON.parse(text))) {
          const at = offset(path, false);
          expect(at).toBeGreaterThan(last);
          last = at;
          const isContainer = typeof value === "object" && value !== null;
          const shown = isContainer ? (Array.isArray(value) ? "[" : "{") : JSON.stringify(value);
          expect(text.startsWith(shown, at)).toBe(true);
          const key = path.at(-1);
          if (typeof key === "string")
            expect(text.startsWith(JSON.stringify(key), offset(path, true))).toBe(true);
        }
      }),
    );
  });

  test("an object of 50,000 levels is found", () => {
    const levels = 50_000;
    const { find } = jsonPlaces(`${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`);
    expect(find(Array<string>(levels).fill("a"), false)).toEqual({ line: 1, column: 5 * levels + 1 });
  });
});

describe("repeated keys", () => {
  test.each([
    ['{ "a": 1, "a": 2 }', ["a 1:3 1:11"]],
    ['{\n"s": { "x": 1 },\n"s": { "x": 2 }\n}', ["s 2:1 3:1"]],
    ['{\n"s": 1,\n"s": 2,\n"s": 3\n}', ["s 2:1 3:1", "s 2:1 4:1"]],
    ['[{ "a": { "b": [] , "b": {} } }]', ["b 1:11 1:21"]],
    ['{ "a": 1, "\\u0061": 2 }', ["a 1:3 1:11"]],
    ['{ "a": { "a": [{ "a": 1 }, { "a": 1 }] }, "b": "a", "c": "\\"a\\": {" }', []],
    ['["a", "a", "a:a"]', []],
  ])("of %s are told with both places", (text, repeated) => {
    const shown = jsonPlaces(text).repeated.map(
      ({ key, first, again }) => `${key} ${first.line}:${first.column} ${again.line}:${again.column}`,
    );
    expect(shown).toEqual(repeated);
  });

  test("there are none in what was written by JSON.stringify, however it is nested", () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(jsonPlaces(JSON.stringify(JSON.parse(text), undefined, 2)).repeated).toEqual([]);
      }),
    );
  });
});

test("the time for a place does not grow with the number of places", () => {
  const items = 20_000;
  const { find } = jsonPlaces(
    JSON.stringify(
      Array.from({ length: items }, (_, a) => ({ a })),
      undefined,
      1,
    ),
  );
  const startedMs = performance.now();
  for (let index = 0; index < items; index++) find([index, "a"], false);
  expect(find([items - 1, "a"], false)?.line).toBe(3 * items);
  expect(performance.now() - startedMs).toBeLessThan(2_000);
});
