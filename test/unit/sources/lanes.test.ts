/** `npm test` runs every test file, and each once: its lanes are made of names, which may be written wrongly. */
import { globSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { testLanes } from "../../lanes.ts";

const project = join(import.meta.dirname, "..", "..", "..");
const isFile = (argument: string): boolean => argument.endsWith(".test.ts");

test("what one lane of end-to-end tests is given, the other one leaves out, and all of it exists", () => {
  const [given, leftOut] = [testLanes.crowds.filter(isFile), testLanes.others.filter(isFile)];
  expect(leftOut).toEqual(given);
  expect(globSync("test/e2e/*.test.ts", { cwd: project })).toEqual(expect.arrayContaining(given));
});

test("a file's name is not the end of another one's: vitest would take both for the one that is meant", () => {
  const files = globSync("test/**/*.test.ts", { cwd: project });
  for (const file of testLanes.crowds.filter(isFile))
    expect(files.filter((other) => other.includes(file))).toEqual([file]);
});
