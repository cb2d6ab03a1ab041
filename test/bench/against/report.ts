/** The comparison as a person reads it: a line for each rung and body, and the verdict. */
import { bold, dim, green, red, yellow } from "../../../cli/terminal/style.ts";
import { framelessTable } from "../../../cli/terminal/table.ts";
import { leastWithActions } from "./compare-actions.ts";
import type { Compared } from "./compare.ts";
import { leastRatio, type Comparison } from "./verdict.ts";

/** Writes the report of two commits. */
export function formatCommits({ comparisons, commit, hasOtherPackages }: Compared): string {
  const packages = yellow(
    `${commit} has another package-lock.json; it was run with this checkout's packages.`,
  );
  return [
    `${bold("CPU time of a request")}, this checkout against ${commit}; the interval's lower end shall be ${leastRatio} at least`,
    ...formatComparisons(comparisons, ["old", "new"]),
    ...(hasOtherPackages ? [packages] : []),
  ].join("\n");
}

/** Writes the report of a route with actions. */
export function formatActions(comparisons: readonly Comparison[]): string {
  return [
    `${bold("CPU time of a request")}, a route with five actions against one without; the interval's lower end shall be ${leastWithActions} at least`,
    ...formatComparisons(comparisons, ["plain", "with five"]),
  ].join("\n");
}

function formatComparisons(
  comparisons: readonly Comparison[],
  [before, after]: readonly [string, string],
): string[] {
  const ratio = `${before} ÷ ${after}`;
  const head = ["rung", "body", `${before} CPU µs/req`, after, ratio, "95 %", "pairs", ""];
  const table = framelessTable(head, 2);
  for (const { rung, body, cpuMs, ratio, isMet, pairs } of comparisons) {
    table.push([
      rung,
      body,
      (cpuMs.old * 1000).toFixed(0),
      (cpuMs.new * 1000).toFixed(0),
      ratio === undefined ? red("failed") : bold(ratio.median.toFixed(3)),
      ratio === undefined ? "" : dim(`${ratio.low.toFixed(3)}–${ratio.high.toFixed(3)}`),
      pairs,
      isMet ? green("✓") : red("✗"),
    ]);
  }
  const errors = comparisons.flatMap((one) =>
    one.errors.map((error) => red(`✗ ${one.rung}, ${one.body}, ${error}`)),
  );
  return [table.toString(), ...errors];
}
