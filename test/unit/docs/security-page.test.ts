/** SECURITY.md says of everything that is closed where that is tested: the tests are there. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { groups } from "../../support/wire/vectors.ts";

const project = join(import.meta.dirname, "..", "..", "..");
const page = readFileSync(join(project, "SECURITY.md"), "utf8");
const closed = page.split(/^## /m).find((section) => section.startsWith("What is closed")) ?? "";
const rows = closed
  .split("\n")
  .filter((line) => line.startsWith("| "))
  .slice(2);

test("the page has rows, and as many vectors as there are", () => {
  expect(rows.length).toBeGreaterThan(15);
  expect(page).toContain(`${groups.flatMap(({ vectors }) => vectors).length} vectors`);
});

test.each(rows)("%s", (row) => {
  const tested = row.split("|").at(-2) ?? "";
  const files = [...tested.matchAll(/`(test\/[\w/.-]+)`/g)].map(([, file]) => file ?? "");
  expect(files.length > 0 || /by reading|npm run test:long/.test(tested)).toBe(true);
  for (const file of files) expect(existsSync(join(project, file)), file).toBe(true);
});
