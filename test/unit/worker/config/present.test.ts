/** Options that are not written are not there. */
import { expect, test } from "vitest";
import { present } from "../../../../worker/config/present.ts";

test("a key whose value is undefined is left out, and every other value stays, also what counts as false", () => {
  const values = { a: undefined, b: 0, c: "", d: false, e: null, f: { g: undefined } };
  const copy = present(values);
  expect(Object.entries(copy)).toEqual([
    ["b", 0],
    ["c", ""],
    ["d", false],
    ["e", null],
    ["f", values.f],
  ]);
  expect(values).toHaveProperty("a");
});
