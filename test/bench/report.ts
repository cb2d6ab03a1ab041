/** The result as a person reads it: a table for each body, then the ratios with their verdicts. */
import Table from "cli-table3";
import { bold, dim, green, red, yellow } from "../../cli/terminal/style.ts";
import type { Rung } from "./rung.ts";
import type { Machine } from "./machine.ts";
import type { Ratio, Row, Spread } from "./summary.ts";
import { bodies, bodyTitles, type Body } from "./traffic.ts";

/** Writes the whole report. */
export function formatReport(
  { rows, ratios, machine }: { rows: readonly Row[]; ratios: readonly Ratio[]; machine: Machine },
  rungs: readonly Rung[],
): string {
  const tables = bodies.map((body) => `${bold(bodyTitles[body])}\n${formatRows(rows, rungs, body)}`);
  const parts = [...tables, ...(ratios.length > 0 ? [formatRatios(ratios)] : []), formatMachine(machine)];
  return `${parts.join("\n\n")}\n`;
}

function formatRows(rows: readonly Row[], rungs: readonly Rung[], body: Body): string {
  const table = new Table({
    head: ["rung", "", "req/s", dim("min–max"), "p50 ms", "p99 ms", "CPU ms/req", "RSS MB"].map(bold),
    colAligns: ["left", "left", "right", "right", "right", "right", "right", "right"],
    style: { head: [], border: ["dim"] },
  });
  for (const row of rows.filter((row) => row.body === body)) {
    const what = rungs.find(({ name }) => name === row.target)?.what ?? "";
    table.push([row.target, dim(what), ...(row.errors.length > 0 ? failed(row) : numbers(row))]);
  }
  return table.toString();
}

const failed = ({ errors }: Row) => [{ colSpan: 6, content: red(`✗ failed: ${errors.join(", ")}`) }];

const numbers = ({ rps, p50Ms, p99Ms, cpuMsPerRequest, rssMb, spread }: Row) => [
  bold(count(rps)),
  dim(`${count(spread.rps.min)}–${count(spread.rps.max)}`),
  p50Ms.toFixed(2),
  p99Ms.toFixed(2),
  cpuMsPerRequest.toFixed(3),
  count(rssMb),
];

function formatRatios(ratios: readonly Ratio[]): string {
  const table = new Table({
    head: ["req/s of … ÷ …", ...bodies, "target"].map(bold),
    colAligns: ["left", "right", "right", "right"],
    style: { head: [], border: ["dim"] },
  });
  for (const [, group] of Map.groupBy(ratios, ({ name }) => name)) {
    const [first] = group;
    if (first === undefined) continue;
    const cells = bodies.map((body) => ratioCell(group.find((ratio) => ratio.body === body)));
    table.push([
      `${first.of} ÷ ${first.to}`,
      ...cells,
      first.target === undefined ? "" : `≥ ${first.target}`,
    ]);
  }
  return table.toString();
}

function ratioCell(ratio: Ratio | undefined): string {
  if (ratio === undefined) return dim("–");
  const { spread, met } = ratio;
  const value = `${spread.median.toFixed(2)} ${dim(range(spread))}`;
  return met === undefined ? value : `${value} ${met ? green("✓") : red("✗")}`;
}

const range = ({ min, max }: Spread): string => `${min.toFixed(2)}–${max.toFixed(2)}`;

function formatMachine({ cpu, cores, memoryGb, kernel, node, workerd, wrk, loadAverage }: Machine): string {
  const busy = loadAverage > cores / 4;
  const load = `Load average at the start: ${loadAverage.toFixed(2)} on ${cores} cores`;
  return [
    dim(
      `${cpu}, ${cores} cores, ${memoryGb} GB, Linux ${kernel} · workerd ${workerd}, Node ${node}, wrk ${wrk}`,
    ),
    busy ? yellow(`${load}: something else was running, so expect noise.`) : dim(`${load}.`),
  ].join("\n");
}

const count = (value: number): string => Math.round(value).toLocaleString("en-GB");
