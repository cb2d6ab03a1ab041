/** The comparison as a person reads it: a line for each rung and body, and the verdict. */
import { bold, dim, green, red, yellow } from "../../../cli/terminal/style.ts";
import { framelessTable } from "../../../cli/terminal/table.ts";
import type { Compared } from "./compare.ts";
import { leastRatio } from "./verdict.ts";

/** Writes the report. */
export function formatComparisons({ comparisons, commit, hasOtherPackages }: Compared): string {
  const head = ["rung", "body", "old CPU µs/req", "new", "old ÷ new", "95 %", "pairs", ""];
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
  const packages = yellow(
    `${commit} has another package-lock.json; it was run with this checkout's packages.`,
  );
  return [
    `${bold("CPU time of a request")}, this checkout against ${commit}; the interval's lower end shall be ${leastRatio} at least`,
    table.toString(),
    ...errors,
    ...(hasOtherPackages ? [packages] : []),
  ].join("\n");
}
