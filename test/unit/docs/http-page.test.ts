/** docs/http.md names a test for each rule: the tests are there, under these names. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

const project = join(import.meta.dirname, "..", "..", "..");
const page = readFileSync(join(project, "docs", "http.md"), "utf8");

/** The short names that the page explains at its beginning: `[wire](../test/e2e/http.test.ts)`. */
const named = new Map(
  [...page.matchAll(/\[(\w+)\]\(\.\.\/(test\/\S+?)\)/g)].map(([, name, file]) => [name, file]),
);

/** A file, or the title of a test in the file before it. */
const reference =
  /`((?:unit|e2e|long)\/[\w/-]+)`|\b(wire|routes|hostile|large|tls)\b(?= →|, all of it)|(?:→|,) _((?:\\_|[^_])+)_/g;

interface Reference {
  readonly file: string;
  /** Its parts between the dots that stand for what differs. */
  readonly title: readonly string[];
}

function referencesOf(row: string): Reference[] {
  const found: Reference[] = [];
  let file = "";
  for (const [, path, name, title] of row.matchAll(reference)) {
    if (path !== undefined) file = `test/${path}.test.ts`;
    else if (name !== undefined) file = named.get(name) ?? "";
    const parts = title?.replaceAll("\\", "").split("…") ?? [];
    if (file !== "") found.push({ file, title: parts.map((part) => part.trim()) });
  }
  return found;
}

const rows = page.split("\n").filter((line) => line.startsWith("| ") && referencesOf(line).length > 0);

test("most of its rules name a test", () => {
  expect(rows.length).toBeGreaterThan(40);
});

describe.each(rows)("%s", (row) => {
  test.each(referencesOf(row))("$file has $title", ({ file, title }) => {
    const source = readFileSync(join(project, file), "utf8");
    for (const part of title) expect(source).toContain(part);
  });
});
