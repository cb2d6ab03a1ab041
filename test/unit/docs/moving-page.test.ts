/** docs/moving.md says in what Weir differs from nginx and Apache: all that the comparison knows, and no more. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { differences } from "../../servers/compared/differences/all.ts";
import { requestsOf } from "../../servers/compared/requests.ts";
import { ruleSets } from "../../servers/compared/sets/all.ts";

const page = readFileSync(join(import.meta.dirname, "..", "..", "..", "docs", "moving.md"), "utf8");
const [, section = ""] = page.split("\n## What differs\n");

const cell = (text: string): string => text.replaceAll("|", String.raw`\|`);
const expectedRows = differences.map(({ asked, weir, nginx = "as Weir", apache = "as Weir", why }) =>
  [asked, weir, nginx, apache, why].map(cell).join(" | "),
);

/** Without what aligns its columns. */
const rows = section
  .split("\n")
  .filter((line) => line.startsWith("| "))
  .slice(2)
  .map((line) => line.replaceAll(/ +\|/g, " |").slice(2, -2));

test("its table is that of the comparison", () => {
  expect(rows).toEqual(expectedRows);
});

test("it says how much is compared", () => {
  const requests = ruleSets.flatMap(requestsOf).length;
  expect(section.replaceAll(/\s+/g, " ")).toContain(
    `${ruleSets.length} sites, ${requests.toLocaleString("en")} requests`,
  );
});

test("enough is compared", () => {
  expect(ruleSets.length).toBeGreaterThanOrEqual(20);
  expect(ruleSets.flatMap(requestsOf).length).toBeGreaterThanOrEqual(400);
  expect(new Set(ruleSets.map(({ name }) => name)).size).toBe(ruleSets.length);
});
