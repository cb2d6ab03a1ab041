/**
 * Every file that sees what a client, an origin or a trusted proxy sends, and looks into text, is one of parsers: each of its exports
 * is measured by `test/unit/worker/proxy/linear-parsers.test.ts`, or stands on the list of those that need not be, with the reason.
 */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { unmeasured } from "../worker/proxy/linear/unmeasured.ts";

const project = join(import.meta.dirname, "..", "..", "..");
const read = (path: string): string => readFileSync(join(project, path), "utf8");

/** What only sees the config, or messages of ours, is not among them. */
const watched = [
  "worker/*.ts",
  "worker/proxy/**/*.ts",
  "worker/telemetry/**/*.ts",
  "worker/transport/**/*.ts",
  "worker/api/**/*.ts",
  "worker/config/kinds/network.ts",
  "worker/config/registration.ts",
  "core/headers/**/*.ts",
  "core/routing/**/*.ts",
  "core/rules/**/*.ts",
  "core/templates/**/*.ts",
  "core/load/origin-report.ts",
];

/** An expression, a method of strings and bytes, or a parser of the platform. */
const looksIntoText =
  /\.(?:test|exec|split|match|matchAll|replace|replaceAll|search|indexOf|lastIndexOf|startsWith|endsWith|includes|charCodeAt|trim|trimStart|trimEnd|slice|subarray|toLowerCase|toUpperCase|decode)\(|\bURL\.|new URL|JSON\.parse/;

function exportsOf(path: string): string[] {
  const source = read(path).replaceAll(/^ *(?:\/\/|\/?\*).*$/gm, "");
  if (!looksIntoText.test(source)) return [];
  const exported = source.matchAll(/^export (?:default )?(?:async )?(?:function|const|class) (\w+)/gm);
  return Array.from(exported, ([, name]) => `${path}#${name}`);
}

test("every export of a file that looks into text is measured, or there is a reason why not", () => {
  const found = globSync(watched, { cwd: project }).flatMap(exportsOf);
  const lists = ["request-parsers", "route-parsers", "header-parsers", "answer-parsers"].map((name) =>
    read(`test/unit/worker/proxy/linear/${name}.ts`),
  );
  const measured = lists.join("\n").matchAll(/"([\w/.-]+\.ts#\w+)"/g);
  expect(found.length).toBeGreaterThan(80);
  expect(new Set([...Array.from(measured, ([, name]) => name), ...Object.keys(unmeasured)])).toEqual(
    new Set(found),
  );
});
