/** Writes the curves of a simulation to a folder. */
import { accessSync, constants, existsSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Row } from "../../sim/engine/results.ts";
import { ExpectedError } from "../expected-error.ts";
import { burstCharts } from "./burst-chart.ts";
import { drawChart, type Chart, type Point } from "./chart.ts";
import { summarizeRows, type Summary } from "./summary.ts";

/** Makes sure that curves can be written to the folder: to be known before hours of simulation and not after. */
export function prepareFolder(folder: string): void {
  if (folder === "") throw new ExpectedError("--svg names no folder.");
  writing(folder, () => {
    makeFolder(folder);
    if (!statSync(folder).isDirectory()) throw new Error("it is a file, not a folder");
    accessSync(folder, constants.W_OK);
  });
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

/**
 * @returns the files that were written: `DIR/<scenario>.svg`, and where home has limits `DIR/<scenario>-use.svg` and
 *   `DIR/<scenario>-false-spills.svg`. Of a burst, in place of them, `DIR/<scenario>-instances.svg` and `DIR/<scenario>-misses.svg`.
 */
export function writeCharts(folder: string, name: string, rows: readonly Row[]): string[] {
  if (rows.some(({ burst }) => burst !== undefined)) {
    return burstCharts(name, rows).map(([file, chart]) => write(folder, file, chart));
  }
  const summaries = summarizeRows(rows);
  const charts = [
    [name, latencyChart(name, summaries)],
    ...(summaries.some(({ slots }) => slots !== undefined) ? overMessages(name, summaries) : []),
  ] as const;
  return charts.map(([file, chart]) => write(folder, file, chart));
}

function write(folder: string, name: string, chart: Chart): string {
  const file = join(folder, `${name}.svg`);
  writing(file, () => writeFileSync(file, drawChart(chart)));
  return file;
}

/** The 99th percentile over the load, a line a policy. */
export function latencyChart(name: string, summaries: readonly Summary[]): Chart {
  const answered = summaries.filter(({ p99Ms }) => p99Ms > 0);
  const series = seriesBy(
    answered,
    ({ policy }) => policy,
    (summary) => ({
      x: summary.load,
      y: summary.p99Ms,
      least: summary.leastP99Ms,
      most: summary.mostP99Ms,
    }),
  );
  const least = Math.min(...answered.map(({ floorP99Ms }) => floorP99Ms));
  const title = `${name}: 99th percentile (ms) over load`;
  return { title, across: "load", up: { scale: "log", least }, series };
}

const lineOf = ({ policy, load }: Summary): string => `${policy.split("@")[0]}, ${load}`;

/** What messages buy: a line for each kind of policy and load, through its variants (`leases@250ms`, `leases@1000ms`). */
function overMessages(name: string, summaries: readonly Summary[]): [string, Chart][] {
  const chart = (what: string, of: (summary: Summary) => Omit<Point, "x">): Chart => {
    const series = seriesBy(summaries, lineOf, (summary) => ({
      x: summary.slots?.messagesPerSecond ?? 0,
      ...of(summary),
    }));
    for (const points of series.values()) points.sort((a, b) => a.x - b.x);
    return { title: `${name}: ${what}`, across: "messages a second", up: { scale: "linear" }, series };
  };
  return [
    [
      `${name}-use`,
      chart("home in use", ({ slots }) => ({
        y: slots?.utilisation ?? 0,
        least: slots?.leastUtilisation ?? 0,
        most: slots?.mostUtilisation ?? 0,
      })),
    ],
    [
      `${name}-false-spills`,
      chart("requests spilled although home had a free slot", ({ slots }) => {
        const y = slots?.falseSpillShare ?? 0;
        return { y, least: y, most: y };
      }),
    ],
  ];
}

function seriesBy(
  summaries: readonly Summary[],
  name: (summary: Summary) => string,
  point: (summary: Summary) => Point,
): Map<string, Point[]> {
  const groups = [...Map.groupBy(summaries, name)];
  return new Map(groups.map(([of, group]) => [of, group.map(point)]));
}
