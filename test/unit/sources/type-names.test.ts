/** A type's name stands for one thing in core/, worker/ and durable-objects/, whether other files can see the type or not. */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

import { sharedNames, typeNames } from "../../support/type-names.ts";

const project = join(import.meta.dirname, "..", "..", "..");
const files = globSync("{core,worker,durable-objects}/**/*.ts", { cwd: project });
const sources = new Map(files.map((file) => [file, readFileSync(join(project, file), "utf8")]));

test("no two files declare types of the same name", () => {
  const names = typeNames(sources);
  expect(names.length).toBeGreaterThan(500);
  expect(sharedNames(names)).toEqual([]);
});

describe("a name that stands for two things is found", () => {
  const one = [
    "core/one.ts",
    "/** One. */\nexport interface Demand {\n  readonly mean: number;\n}\n",
  ] as const;

  test("not where there is one declaration, in a comment and an import besides", () => {
    const user = 'import type { Demand } from "./one.ts";\n// type Demand is of one.ts\nconst demand = 1;\n';
    expect(sharedNames(typeNames(new Map([one, ["core/two.ts", user]])))).toEqual([]);
  });

  test("nor where one file declares both the type and the class, or two signatures, of a name", () => {
    const both = "interface Pair {\n  a: 1;\n}\nclass Pair {}\n";
    expect(sharedNames(typeNames(new Map([["core/two.ts", both]])))).toEqual([]);
  });

  test.each([
    ["an interface", "interface Demand {}"],
    ["an exported type", "export type Demand = number;"],
    ["a generic type", "type Demand<T> = T;"],
    ["a class", "export class Demand {}"],
    ["an abstract class", "export abstract class Demand {}"],
    ["a class by default", "export default class Demand {}"],
    ["an enum", "export const enum Demand {}"],
    ["an import under that name", 'import type { Need as Demand } from "./need.ts";'],
    ["one of several imports", 'import {\n  need,\n  type Need as Demand,\n} from "./need.ts";'],
  ])("by %s, with both places", (_, statement) => {
    const names = typeNames(new Map([one, ["worker/two.ts", `/** Two. */\n\n${statement}\n`]]));
    expect(sharedNames(names)).toEqual(["Demand: core/one.ts:2, worker/two.ts:3"]);
  });
});
