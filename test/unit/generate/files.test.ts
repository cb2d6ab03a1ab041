/** What is made from the config's sections is as they have it now. */
import { expect, test } from "vitest";
import { generatedFiles } from "../../../generate/files.ts";

const files = await generatedFiles();

test.each(files)("$path is up to date; if not: npm run generate", ({ isStale }) => {
  expect(isStale).toBe(false);
});

test("every section of the docs' page has its table", () => {
  const page = files.find(({ path }) => path === "docs/configuration.md")?.text ?? "";
  const tables = [...page.matchAll(/^<!-- options: \S+ -->\n\n\| key .*?\n\n<!-- end -->$/gms)];
  expect(tables.length).toBeGreaterThan(15);
  expect(tables).toHaveLength([...page.matchAll(/<!-- options: /g)].length);
});
