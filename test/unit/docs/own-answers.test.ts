/** docs/how-it-works.md lists what clients see when Weir answers by itself: all of it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const project = join(import.meta.dirname, "..", "..", "..");
const source = ["error-response.ts", "guard-answer.ts"]
  .map((name) => readFileSync(join(project, "worker", "proxy", "response", name), "utf8"))
  .join("\n");
const page = readFileSync(join(project, "docs", "how-it-works.md"), "utf8");

const codes = [...source.matchAll(/\bcode: "(\w+)"/g)].map(([, code]) => code);

test("there are codes in the source", () => {
  expect(codes.length).toBeGreaterThan(15);
});

test.each([...new Set(codes)])("%s is in docs/how-it-works.md", (code) => {
  expect(page).toContain(`\`${code}\``);
});
