/** What must hold of a scenario's regions: names of their own, and each dispatcher in one of them. */
import { itemsOf, valueAt, type Plain, type Problem } from "../../worker/config/parse/plain.ts";

/** In results the object above the regions is called so. */
const rootName = "root";

export function regionProblems(tree: Plain): Problem[] {
  const regions = itemsOf(valueAt(tree, "regions"));
  return [
    ...regions.flatMap((region, index) => badName(region, index, regions)),
    ...saidTwice(tree),
    ...dispatchersElsewhere(tree, regions),
  ];
}

function badName(region: Plain, index: number, regions: readonly Plain[]): Problem[] {
  const name = valueAt(region, "name");
  const path = ["regions", index, "name"];
  if (name === rootName)
    return [{ path, expected: "another name: the object above the regions is the root" }];
  const first = regions.findIndex((other) => valueAt(other, "name") === name);
  if (typeof name !== "string" || first === index) return [];
  return [{ path, expected: "a name that no other region has" }];
}

function saidTwice(tree: Plain): Problem[] {
  const path = ["dispatchers", "regions"];
  if (valueAt(tree, "regions") === undefined || valueAt(tree, ...path) === undefined) return [];
  return [{ path, expected: "no number of regions beside the list of them in regions" }];
}

/** Either no region says how many dispatchers are there, or all do, and it is all of them. */
function dispatchersElsewhere(tree: Plain, regions: readonly Plain[]): Problem[] {
  const numbers = regions.map((region) => valueAt(region, "dispatchers"));
  if (numbers.every((number) => number === undefined)) return [];
  const missing = numbers.flatMap((number, index): Problem[] =>
    number === undefined
      ? [{ path: ["regions", index, "dispatchers"], expected: "a number of them, as other regions have" }]
      : [],
  );
  const count = valueAt(tree, "dispatchers", "count") ?? 1;
  const sum = numbers.reduce<number>((total, number) => total + (typeof number === "number" ? number : 0), 0);
  if (missing.length > 0 || typeof count !== "number" || sum === count) return missing;
  const expected = `as many as there are in all, ${count} (dispatchers.count)`;
  return [{ path: ["regions"], found: `${sum} dispatchers`, expected }];
}
