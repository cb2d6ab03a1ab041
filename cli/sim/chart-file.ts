/** Writes the curves of a simulation to a folder. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Row } from "../../sim/engine/results.ts";
import { ExpectedError } from "../expected-error.ts";
import { drawChart } from "./chart.ts";
import { summarizeRows } from "./summary.ts";

/** @returns the file that was written: `DIR/<scenario>.svg`. */
export function writeCharts(folder: string, name: string, rows: readonly Row[]): string[] {
  const file = join(folder, `${name}.svg`);
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(
      file,
      drawChart(
        name,
        summarizeRows(rows).filter(({ p99Ms }) => p99Ms > 0),
      ),
    );
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new ExpectedError(`The curves cannot be written to ${file}: ${why}`);
  }
  return [file];
}
