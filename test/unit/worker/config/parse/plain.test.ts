/** A config as plain data: what is copied, what is left out and told of, and what is found in the copy. */
import { describe, expect, test } from "vitest";
import { itemsOf, keysOf, mapTexts, toPlain, valueAt } from "../../../../../worker/config/parse/plain.ts";

describe("a copy", () => {
  test("has what JSON can hold, shares nothing with the input, and has no keys that are undefined", () => {
    const raw = { a: [1, "x", null, true, { b: undefined }], c: Object.create(null) as object };
    const { value, problems, tooLarge } = toPlain(raw);
    expect([value, problems, tooLarge]).toEqual([{ a: [1, "x", null, true, {}], c: {} }, [], false]);
    raw.a.push("later");
    expect(itemsOf(valueAt(value, "a"))).toHaveLength(5);
  });

  test("leaves out what is no data, and tells where that was", () => {
    const { value, problems } = toPlain({ a: () => 1, b: [Number.NaN], d: new Date(0) });
    expect(value).toEqual({ a: null, b: [null], d: null });
    expect(problems.map(({ path, found }) => [path, found])).toEqual([
      [["a"], "a function"],
      [["b", 0], "NaN"],
      [["d"], "an instance of a class"],
    ]);
  });

  test("has no key that changes a prototype", () => {
    const { value, problems } = toPlain(JSON.parse('{ "__proto__": { "target": "workerd" } }'));
    expect([valueAt(value, "target"), keysOf(value)]).toEqual([undefined, []]);
    expect(problems).toMatchObject([{ path: ["__proto__"], isKey: true }]);
  });

  test("is given up where the input has too many values", () => {
    const { tooLarge, problems } = toPlain(Array.from({ length: 100_000 }, () => 1));
    expect([tooLarge, problems.length]).toEqual([true, 1]);
    expect(toPlain(Array.from({ length: 99_999 }, () => 1)).tooLarge).toBe(false);
  });
});

test("what an object inherits is not found in it, and a list has no names", () => {
  const { value } = toPlain({ list: ["a"] });
  expect(valueAt(value, "list", 0)).toBe("a");
  for (const path of [["toString"], ["list", "length"], ["list", 1], ["list", 0, "length"]] as const) {
    expect(valueAt(value, ...path)).toBeUndefined();
  }
});

test("each text is replaced with its place at hand, and nothing else is", () => {
  const { value } = toPlain({ a: ["x", 1], x: { y: "z" } });
  expect(mapTexts(value, (text, path) => `${path.join(".")}=${text}`)).toEqual({
    a: ["a.0=x", 1],
    x: { y: "x.y=z" },
  });
});
