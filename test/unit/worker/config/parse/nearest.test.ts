/** What was probably meant by a word that is not known. */
import { expect, test } from "vitest";
import { expectedWord, nearest } from "../../../../../worker/config/parse/nearest.ts";

const known = ["timeout", "maxConns", "maxRequestBody", "upstream"];

test.each([
  ["timeuot", "timeout"],
  ["maxconns", "maxConns"],
  // Shorter by letters that were left out.
  ["maxBody", "maxRequestBody"],
  // More than half of its letters would have to change.
  ["cors", undefined],
  ["", undefined],
  ["up", undefined],
])("by %j %s was meant", (written, meant) => {
  const all = known.join(", ");
  expect(expectedWord(written, known)).toBe(
    meant === undefined ? `one that is known here: ${all}` : `"${meant}"? Known here: ${all}`,
  );
});

test("the nearest is always one of them, if there is any, however long what was written is", () => {
  expect(nearest("shpo", ["shop", "blog"])).toBe("shop");
  expect(nearest("shop", [])).toBeUndefined();
  expect(["a", "b"]).toContain(nearest("x".repeat(1e6), ["a", "b"]));
});
