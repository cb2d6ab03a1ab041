/** Each file of worker/ is imported by a test of its own tier, so that what is in it can fail in milliseconds. */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

import { hasValues, valueImports } from "../../support/value-imports.ts";

const project = join(import.meta.dirname, "..", "..", "..");

const sourcesOf = (folder: string): ReadonlyMap<string, string> =>
  new Map(
    globSync(`${folder}/**/*.ts`, { cwd: project }).map((file) => [
      file,
      readFileSync(join(project, file), "utf8"),
    ]),
  );

test("no file of worker/ that has more than types is without a unit test that imports it", () => {
  const imported = new Set(
    [...sourcesOf("test/unit")].flatMap(([file, source]) => valueImports(file, source)),
  );
  const files = [...sourcesOf("worker")].filter(([, source]) => hasValues(source)).map(([file]) => file);
  expect(files.length).toBeGreaterThan(150);
  expect(files.filter((file) => !imported.has(file))).toEqual([]);
});

describe("an import", () => {
  test.each([
    ["a value", 'import { one } from "./one.ts";', ["a/one.ts"]],
    ["a value beside a type", 'import { one, type One } from "../one.ts";', ["one.ts"]],
    ["several lines", 'import {\n  type One,\n  one,\n} from "./one.ts";', ["a/one.ts"]],
    ["all", 'import * as one from "./one.ts";', ["a/one.ts"]],
    ["its effect", 'import "./one.ts";', ["a/one.ts"]],
    ["a value at run time", 'const one = await import("./one.ts");', ["a/one.ts"]],
    ["a value of two files", 'import a from "./a.ts";\nimport { b } from "./b.ts";', ["a/a.ts", "a/b.ts"]],
    ["a type", 'import type { One } from "./one.ts";', []],
    ["types alone", 'import {\n  type One,\n  type Two,\n} from "./one.ts";', []],
    ["another package", 'import { test } from "vitest";', []],
  ])("of %s", (_, source, files) => {
    expect(valueImports("a/file.ts", source)).toEqual(files);
  });
});

test.each([
  ["export const one = 1;", true],
  ["export async function one() {}", true],
  ["const one = 1;\nexport default one;", true],
  ['export { one } from "./one.ts";', true],
  ["/** const one */\nexport interface One {\n  readonly class: string;\n}", false],
  ["export type One = 1;", false],
])("%j has more than types: %s", (source, has) => {
  expect(hasValues(source)).toBe(has);
});
