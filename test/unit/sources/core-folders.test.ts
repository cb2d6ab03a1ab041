/** The folders of core/ form no circle, and core/README.md lists them from the bottom up: each imports only from those above it. */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

import { circleOf, edgeLines, folderEdges } from "../../support/folder-graph.ts";

const core = join(import.meta.dirname, "..", "..", "..", "core");

const sources = new Map(
  globSync("**/*.ts", { cwd: core }).map((file) => [file, readFileSync(join(core, file), "utf8")]),
);
const edges = folderEdges(sources);

/** As the README lists them: one row may name several. */
function listedFolders(): readonly string[] {
  const rows = readFileSync(join(core, "README.md"), "utf8").match(/^\| `[\w-]+\/`.*$/gm) ?? [];
  return rows.flatMap((row) =>
    Array.from((row.split("|")[1] ?? "").matchAll(/`([\w-]+)\/`/g), ([, folder]) => folder ?? ""),
  );
}

test("the folders of core/ form no circle, types included", () => {
  expect(edges.length).toBeGreaterThan(50);
  expect(edgeLines(circleOf(edges))).toEqual([]);
});

test("the README lists each folder once, after all that it imports from", () => {
  const listed = listedFolders();
  const folders = new Set(Array.from(sources.keys(), (file) => file.split("/")[0]));
  expect(new Set(listed)).toEqual(folders);
  expect(listed).toHaveLength(folders.size);
  const upward = edges.filter(({ from, to }) => listed.indexOf(to) > listed.indexOf(from));
  expect(edgeLines(upward)).toEqual([]);
});

describe("a circle is found", () => {
  const clean = new Map([
    ["a/one.ts", 'import { two } from "../b/two.ts";\n'],
    ["b/two.ts", 'import { three } from "../c/three.ts";\nimport { near } from "./near.ts";\n'],
    ["b/near.ts", "export const near = 1;\n"],
    ["c/three.ts", "export const three = 3;\n"],
  ]);

  test("not where there is none", () => {
    expect(circleOf(folderEdges(clean))).toEqual([]);
  });

  test.each([
    ["a type", 'import type { One } from "../a/one.ts";'],
    ["several lines", 'import {\n  type One,\n  other,\n} from "../a/one.ts";'],
    ["a re-export", 'export { one } from "../a/one.ts";'],
    ["an import at run time", 'const one = await import("../a/one.ts");'],
    ["an import for its effect", 'import "../a/one.ts";'],
  ])("by %s, with the two files of each edge", (_, statement) => {
    const circle = circleOf(folderEdges(new Map([...clean, ["c/three.ts", `${statement}\n`]])));
    expect(edgeLines(circle)).toEqual([
      "a -> b: a/one.ts imports b/two.ts",
      "b -> c: b/two.ts imports c/three.ts",
      "c -> a: c/three.ts imports a/one.ts",
    ]);
  });
});
