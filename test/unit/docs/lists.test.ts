/** Lists in the docs say what the code does: all of it, and nothing else. */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { aboutRequest } from "../../../core/health/judges/statuses.ts";
import { idempotentMethods } from "../../../core/resilience/idempotent.ts";

const project = join(import.meta.dirname, "..", "..", "..");
const read = (path: string): string => readFileSync(join(project, path), "utf8");
/** On one line, so that a sentence is found wherever it is broken. */
const page = (name: string): string => read(`docs/${name}.md`).replaceAll(/\s+/g, " ");

/** Where the answers are that Weir gives by itself. */
const ownAnswers = ["error-response", "guard-answer"]
  .map((name) => read(`worker/proxy/response/${name}.ts`))
  .join("\n");

/** What stands in backquotes in the first cells of a page's rows. */
function named(name: string, cell: number): Set<string> {
  const rows = read(`docs/${name}.md`).split("\n");
  const cells = rows.filter((row) => row.startsWith("| ")).map((row) => row.split("|")[cell] ?? "");
  return new Set(cells.flatMap((text) => Array.from(text.matchAll(/`([\w-]+)`/g), ([, word]) => word ?? "")));
}

test("docs/how-it-works.md has no answer of Weir's own that there is not", () => {
  const rows = [...read("docs/how-it-works.md").matchAll(/^\| (\d{3}) +\| `(\w+)`/gm)];
  expect(rows.length).toBeGreaterThan(15);
  for (const [row, status, code] of rows) {
    expect(ownAnswers, row).toMatch(new RegExp(`status: ${status},\\s+code: "${code}"`));
  }
});

test("docs/logs.md has every reason why Weir answers by itself", () => {
  const unions = Array.from(
    ownAnswers.matchAll(/export type (?:Proxy|Guard)Error =(.*?);\n\n/gs),
    ([all]) => all,
  );
  expect(unions).toHaveLength(2);
  const union = unions.join("\n");
  const kinds = [...union.matchAll(/kind: "([\w-]+)"/g)].flatMap(([, kind]) => kind ?? []);
  expect(kinds.length).toBeGreaterThan(20);
  const listed = named("logs", 1);
  // These two go by another field: the origin's failure, and why no origin can serve.
  const shown = kinds.filter(
    (kind) =>
      ![
        "origin-failed",
        "origin-timeout",
        "unavailable",
        "intercepted",
        "misconfigured",
        "internal",
      ].includes(kind),
  );
  expect(shown.filter((kind) => !listed.has(kind))).toEqual([]);
});

test("docs/logs.md has every way in which an attempt fails", () => {
  const [, union = ""] = /export type FailureKind =(.*?);/s.exec(read("core/health/judgement.ts")) ?? [];
  const kinds = [...union.matchAll(/"([\w-]+)"/g)].flatMap(([, kind]) => kind ?? []);
  expect(kinds.length).toBeGreaterThan(8);
  expect(kinds.filter((kind) => !named("logs", 1).has(kind))).toEqual([]);
});

test("docs/configuration.md says which statuses are no failure of an origin", () => {
  const spared = Array.from(aboutRequest.keys(), (status) => `\`${status}\``);
  const list = `${spared.slice(0, -1).join(", ")} and ${spared.at(-1)}`;
  expect(page("configuration")).toContain(`any answer of 500 and above but ${list}`);
});

test("docs/configuration.md says which methods may not be sent twice", () => {
  const not = ["POST", "PATCH", "LOCK", "CONNECT"];
  expect(page("configuration")).toContain(
    `(all but ${not.map((method) => `\`${method}\``).join(", ")}, and what is not registered`,
  );
  expect(not.filter((method) => idempotentMethods.has(method))).toEqual([]);
});

test("docs/configuration.md says as what a config may be written", () => {
  const [, list = ""] = /const extensions = \[(.*?)\]/s.exec(read("cli/config/read-config-file.ts")) ?? [];
  const extensions = [...list.matchAll(/"(\.\w+)"/g)].map(([, name]) => `\`${name}\``);
  expect(extensions.length).toBeGreaterThan(2);
  expect(page("configuration")).toContain(`as ${extensions.join(", ")}`);
});

/** Every file and folder of the project's own; folders without a slash at the end. */
const paths = readdirSync(project, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !/^(\.|node_modules$|dist$)/.test(entry.name))
  .flatMap(({ name }) => [
    name,
    ...readdirSync(join(project, name), { recursive: true, encoding: "utf8" }).map(
      (path) => `${name}/${path}`,
    ),
  ])
  .concat(readdirSync(project));

/** Whether some path ends in this one, whole names only. */
const isThere = (path: string): boolean => paths.some((known) => `/${known}`.endsWith(`/${path}`));

test.each(["docs/architecture.md", "core/README.md"])(
  "%s names only files and folders that there are",
  (name) => {
    const named = Array.from(read(name).matchAll(/`([\w./-]+(?:\.ts|\.js|\/))`/g), ([, path]) => path ?? "");
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter((path) => !isThere(path.replace(/\/$/, "")) && path !== "/_weir/")).toEqual([]);
  },
);

test("docs/architecture.md names for each promise tests that there are", () => {
  const [, table = ""] =
    /\n## Promises and their tests\n(.*?)\n## /s.exec(read("docs/architecture.md")) ?? [];
  const rows = table
    .split("\n")
    .filter((row) => row.startsWith("| "))
    .slice(2);
  expect(rows.length).toBeGreaterThan(10);
  const tests = rows.flatMap((row) => Array.from(row.matchAll(/`([\w./-]+)`/g), ([, name]) => name ?? ""));
  const unknown = tests.filter(
    (name) =>
      !isThere(`${name}.test.ts`) &&
      !isThere(`test/unit/core/${name}`.replace(/\/$/, "")) &&
      !isThere(name.replace(/\/$/, "")),
  );
  expect(unknown.filter((name) => name !== "maxConns")).toEqual([]);
});
