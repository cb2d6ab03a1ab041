/** What must hold of the pools' costs and budgets; read as written, as in `upstream-rules.ts`. */
import { itemsOf, valueAt } from "../parse/plain.ts";
import type { Path, Plain, Problem } from "../parse/plain.ts";
import { hasQueue } from "./queue-rules.ts";

export function budgetProblems(upstream: Plain | undefined, path: Path): Problem[] {
  const isAmongRegions = itemsOf(valueAt(upstream, "regions")).length > 0;
  return itemsOf(valueAt(upstream, "pools")).flatMap((pool, index) => {
    const poolPath = path.concat("pools", index);
    if (index === 0) return homeProblems(pool, poolPath);
    if (!isSection(valueAt(pool, "budget"))) return [];
    const problems = limitless(pool, poolPath).concat(priceless(pool, poolPath));
    if (isAmongRegions) problems.push(amongRegions(poolPath));
    return hasQueue(upstream) ? problems : problems.concat(waitingNowhere(pool, poolPath));
  });
}

function homeProblems(pool: Plain, path: Path): Problem[] {
  return ["cost", "budget"].flatMap((key) =>
    valueAt(pool, key) === undefined
      ? []
      : {
          path: [...path, key],
          found: `a ${key} at home`,
          expected: `none on the first pool: only what is spilled has a ${key}`,
        },
  );
}

function limitless(pool: Plain, path: Path): Problem[] {
  const limits = ["requestsPerHour", "moneyPerDay"].map((key) => valueAt(pool, "budget", key));
  if (limits.some((limit) => limit !== undefined)) return [];
  return [
    {
      path: [...path, "budget"],
      found: "no limit",
      expected: "requestsPerHour, moneyPerDay, or both of them",
    },
  ];
}

function priceless(pool: Plain, path: Path): Problem[] {
  if (valueAt(pool, "budget", "moneyPerDay") === undefined) return [];
  const prices = ["perRequest", "perGb"].map((key) => valueAt(pool, "cost", key));
  // Of what is no number the schema speaks.
  if (prices.some((price) => price !== undefined && price !== 0)) return [];
  const expected = "a cost of the pool above 0 to count by (cost.perRequest, cost.perGb)";
  return [{ path: [...path, "budget", "moneyPerDay"], found: "a pool that costs nothing", expected }];
}

function amongRegions(path: Path): Problem {
  const expected = "no budget where the upstream has regions: one object has to be asked for each request";
  return { path: [...path, "budget"], found: "a budget beside regions", expected };
}

function waitingNowhere(pool: Plain, path: Path): Problem[] {
  if (valueAt(pool, "budget", "whenUsedUp") !== "queue") return [];
  return [
    { path: [...path, "budget", "whenUsedUp"], expected: "a queue of the upstream, for requests to wait in" },
  ];
}

function isSection(written: Plain | undefined): boolean {
  return typeof written === "object" && written !== null && !Array.isArray(written);
}
