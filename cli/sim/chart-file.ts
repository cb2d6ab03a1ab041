/** The curves of a simulation, in a folder. */
import { accessSync, constants, existsSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Row } from "../../sim/engine/results.ts";
import { ExpectedError } from "../expected-error.ts";
import { drawChart } from "./chart.ts";
import { summarizeRows } from "./summary.ts";

/** Makes sure that curves can be written to the folder: to be known before hours of simulation and not after. */
export function prepareFolder(folder: string): void {
  if (folder === "") throw new ExpectedError("--svg names no folder.");
  writing(folder, () => {
    makeFolder(folder);
    if (!statSync(folder).isDirectory()) throw new Error("it is a file, not a folder");
    accessSync(folder, constants.W_OK);
  });
}

/** @returns the file that was written: `DIR/<scenario>.svg`. */
export function writeChart(folder: string, name: string, rows: readonly Row[]): string {
  const file = join(folder, `${name}.svg`);
  const summaries = summarizeRows(rows).filter(({ p99Ms }) => p99Ms > 0);
  writing(file, () => writeFileSync(file, drawChart(name, summaries)));
  return file;
}

/** Level by level: `recursive` never ends where a parent is there and says that it is not, as below /proc. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder));
  mkdirSync(folder);
}

function writing(place: string, write: () => void): void {
  try {
    write();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new ExpectedError(`The curves cannot be written to ${place}: ${why}`);
  }
}
