/** docs/wire.md publishes what the vectors of test/e2e/wire.test.ts are and what comes of them: all of them, and nothing else. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { shown, type Vector } from "../../support/wire/vector.ts";
import { groups } from "../../support/wire/vectors.ts";

const project = join(import.meta.dirname, "..", "..", "..");
const page = readFileSync(join(project, "docs", "wire.md"), "utf8");

/** Cells, without the spaces that align them. */
function cellsOf(row: string): string[] {
  return row
    .split("|")
    .slice(1, -1)
    .map((cell) => cell.trim());
}

function rowOf({ name, answered, asked }: Vector): string[] {
  const requests = asked.map((request) =>
    `\`${shown(request)}\``.replaceAll(/\{(path|next)\}/g, (_, kind: string) => `/${kind}`),
  );
  return [name, answered, requests.join(", ") || "nothing"];
}

test.each(groups)("the table of $title", ({ title, vectors }) => {
  const section = page.split(/^## /m).find((text) => text.startsWith(`${title}\n`)) ?? "";
  const [, , ...rows] = section.split("\n").filter((line) => line.startsWith("|"));
  expect(rows.map(cellsOf)).toEqual(vectors.map(rowOf));
});

test("no vector has the name of another one of its table", () => {
  for (const { vectors } of groups) {
    const names = vectors.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  }
});

test("how many there are, and how they end", () => {
  const all = groups.flatMap(({ vectors }) => vectors);
  const parser = all.filter(({ asked, answered }) => asked.length === 0 && !answered.includes("Weir"));
  const weir = all.filter(({ asked, answered }) => asked.length === 0 && answered.includes("Weir"));
  expect(page).toContain(
    `${all.length} vectors: ${parser.length} end at the runtime's parser, ${weir.length} at Weir, ${all.length - parser.length - weir.length} reach an origin`,
  );
});
