/** Where a module's text shows the values that it exports; and that it never shows a wrong place. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";

import { modulePlaces } from "../../../cli/config/module-places.ts";
import { readConfigFile } from "../../../cli/config/read-config-file.ts";
import type { Path } from "../../../worker/config/parse/plain.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "weir-places-"));
});
afterAll(() => rm(folder, { recursive: true }));

let count = 0;

/** A module with `^` marks: the one place that is expected in it. Its text, and the place as `line:column`. */
function marked(text: string): { readonly source: string; readonly place: string | undefined } {
  const before = text.slice(0, Math.max(0, text.indexOf("^"))).split("\n");
  const place = text.includes("^") ? `${before.length}:${(before.at(-1)?.length ?? 0) + 1}` : undefined;
  return { source: text.replace("^", ""), place };
}

/** What is found when the module has been run. */
async function placeIn(source: string, path: Path, isKey = false, extension = "ts") {
  const file = join(folder, `${(count += 1)}.${extension}`);
  await writeFile(file, source);
  const { raw } = await readConfigFile(file);
  const found = modulePlaces(file, raw)(path, isKey);
  return found && `${found.line}:${found.column}`;
}

const url: Path = ["pools", 0, "url"];

describe("the place is found", () => {
  test.each<[string, string, Path]>([
    ["in a literal", 'export default { pools: [{ url: ^"x" }] };', url],
    [
      "behind types",
      'interface A { pools: object[] }\nexport default { pools: [{ url: ^"x" }] } satisfies A;',
      url,
    ],
    ["behind wide letters in types", 'type A = "漢字😀";\nexport default { a: "漢" as A, b: ^1 };', ["b"]],
    ["in as const", 'export default { pools: [{ url: ^"x" }] } as const;', url],
    ["in a constant", 'const a: object = { pools: [{ url: ^"x" }] };\nexport default a;', url],
    [
      "in a constant that another one holds",
      'const a = { url: ^"x" }, b = [a];\nexport default { pools: b };',
      url,
    ],
    ["in a shorthand", 'const pools = [{ url: ^"x" }];\nexport default { pools };', url],
    [
      "where a constant that is no object is used",
      'const u = "x";\nexport default { pools: [{ url: ^u }] };',
      url,
    ],
    [
      "behind a constant that is declared later",
      'export { a as default };\nconst a = { pools: [{ url: ^"x" }] };',
      url,
    ],
    ["with keys in quotes", 'export default { "pools": [{ ["url"]: ^"x" }] };', url],
    ["after a spread", 'const a = { url: "y" };\nexport default { pools: [{ ...a, url: ^"x" }] };', url],
    ["before a spread in a list", 'export default { pools: [{ url: ^"x" }, ...[1, 2]] };', url],
    ["of a negative number", "export default { a: ^-1 };", ["a"]],
    ["of a template", "export default { a: ^`x` };", ["a"]],
    ["of a call", 'export default { pools: [{ url: ^String("x") }] };', url],
    ["of a call whose result has the value", "export default { a: 1, pools: ^JSON.parse('[{}]') };", url],
    ["of a getter", "export default { get ^a() { return 1; } };", ["a"]],
    ["of an object in which a key is missing", 'export default { pools: [^{ uri: "x" }] };', url],
    ["of the whole", "\nexport default ^{ a: 1 };", []],
    [
      "in a long line, after a byte order mark",
      '\uFEFFexport default { pools: [{ url: ^"x" }] };'.slice(1),
      url,
    ],
  ])("%s", async (_, text, path) => {
    const { source, place } = marked(text);
    expect(await placeIn(source, path)).toBe(place);
  });

  test("of a key, and not of its value", async () => {
    const { source, place } = marked("export default { pools: [{ ^uri: 1 }] };");
    expect(await placeIn(source, ["pools", 0, "uri"], true)).toBe(place);
  });

  test("in a call of defineConfig, by whatever name it is imported", async () => {
    const module = JSON.stringify(new URL("../../../worker/config/define-config.ts", import.meta.url));
    const { source, place } = marked(
      `import { defineConfig as config } from ${module};\nexport default config({ pools: [{ url: ^"x" }] });`,
    );
    expect(await placeIn(source, url)).toBe(place);
  });

  test.each(["cjs", "cts"])("in a module of CommonJS, .%s", async (extension) => {
    const { source, place } = marked('"use strict";\nmodule.exports = { pools: [{ url: ^"x" }] };');
    expect(await placeIn(source, url, false, extension)).toBe(place);
  });
});

describe("the nearest literal around it is told, and no wrong place,", () => {
  test.each<[string, string, Path]>([
    ["for a key of a spread", 'const a = { url: "x" };\nexport default { pools: [^{ ...a }] };', url],
    [
      "for a key that a spread may replace",
      'const a = { url: "x" };\nexport default { pools: [^{ url: "y", ...a }] };',
      url,
    ],
    [
      "for a key that is computed",
      'const k = "url".trim();\nexport default { pools: [^{ url: "y", [k]: "x" }] };',
      url,
    ],
    [
      "for items behind a spread",
      "const a = [{}];\nexport default { pools: ^[...a, { url: 1 }] };",
      ["pools", 1, "url"],
    ],
    [
      "for a value that was changed",
      'const a = { url: "y" }, p = [a];\na.url = "x";\nexport default ^{ b: 1, pools: p.slice(0) };',
      url,
    ],
    [
      "for a text that was changed in place",
      'const a = { b: 1, pools: ^[{ url: "y" }] };\na.pools[0].url = "x";\nexport default a;',
      url,
    ],
    [
      "for a list that was turned round",
      'const pools = ^[{ url: "x" }, { url: "y" }];\npools.reverse();\nexport default { pools };',
      url,
    ],
    [
      "for a list that has grown",
      'const pools = [{ url: "x" }];\npools.unshift({ url: "y" });\nexport default ^{ pools };',
      url,
    ],
    [
      "for a key that was taken away",
      'const a = { pools: ^[{ name: "a", url: "x" }] };\ndelete a.pools[0].url;\nexport default a;',
      url,
    ],
    [
      "for a computed value of a module that changes values",
      'const a = { pools: [^{ url: String("y") }] };\na.pools[0].url = "x";\nexport default a;',
      url,
    ],
  ])("%s", async (_, text, path) => {
    const { source, place } = marked(text);
    expect(await placeIn(source, path)).toBe(place);
  });
});

describe("no place is told", () => {
  test.each([
    ["of what a function returns", "const make = () => ({ a: 1 });\nexport default make();"],
    [
      "of what a function that is called defineConfig returns",
      "const defineConfig = (a) => ({ ...a });\nexport default defineConfig({ a: 1 });",
    ],
    ["of a variable", "let a = { a: 1 };\nexport default a;"],
    ["of a choice", "export default Math.PI > 3 ? { a: 1 } : { a: 2 };"],
    ["of what the root no longer is", "const c = { b: 1 };\nc.a = 1;\nexport default c;"],
  ])("%s", async (_, source) => {
    expect(await placeIn(source, ["a"], false, "mjs")).toBeUndefined();
  });

  test("of what was made of the argument of another defineConfig", async () => {
    const other = join(folder, "other.mjs");
    await writeFile(other, "export const defineConfig = (a) => ({ pools: a.pools.toReversed() });");
    const source = `import { defineConfig } from "./other.mjs";\nexport default defineConfig({ a: 1, pools: [{ url: "x" }] });`;
    expect(await placeIn(source, url)).toBeUndefined();
  });
});

test("types are left out without a warning, and warnings of others are kept", async () => {
  const emitWarning = vi.spyOn(process, "emitWarning").mockReturnValue();
  const file = join(folder, "warns.ts");
  await writeFile(file, "export default { a: 1 as number };");
  modulePlaces(file, { a: 1 });
  expect(emitWarning).not.toHaveBeenCalled();
  process.emitWarning("mine");
  expect(emitWarning).toHaveBeenCalledOnce();
  vi.restoreAllMocks();
});

test("the time for a place does not grow with the number of places", async () => {
  const items = 5_000;
  const lines = Array.from({ length: items }, (_, index) => `  { a: ${index} },`).join("\n");
  const file = join(folder, "many.mjs");
  await writeFile(file, `export default [\n${lines}\n];`);
  const { raw } = await readConfigFile(file);
  const find = modulePlaces(file, raw);
  const startedMs = performance.now();
  for (let index = 0; index < items; index++) find([index, "a"], false);
  expect(find([items - 1, "a"], false)?.line).toBe(items + 1);
  expect(performance.now() - startedMs).toBeLessThan(2_000);
});
