/** The result as a person reads it: a table for each body, the ratios with their verdicts, and the bills. */
import { bold, dim, green, red, yellow } from "../../cli/terminal/style.ts";
import { framelessTable } from "../../cli/terminal/table.ts";
import { awakeObjectUsdPerMonth, type Bill } from "./bill.ts";
import type { Machine } from "./machine.ts";
import { prices } from "./prices.ts";
import type { Rung } from "./rung.ts";
import type { Ratio, Row } from "./summary.ts";
import { bodies, bodyTitles, type Body } from "./traffic.ts";

export interface Report {
  readonly rows: readonly Row[];
  readonly ratios: readonly Ratio[];
  readonly bills: readonly Bill[];
  readonly machine: Machine;
}

/** Writes the whole report. */
export function formatReport({ rows, ratios, bills, machine }: Report, rungs: readonly Rung[]): string {
  const measured = bodies.filter((body) => rows.some((row) => row.body === body));
  const tables = measured.map((body) => `${bold(bodyTitles[body])}\n${formatRows(rows, rungs, body)}`);
  const parts = [
    ...tables,
    ...(ratios.length > 0 ? [formatRatios(ratios)] : []),
    ...(bills.length > 0 ? [formatBills(bills)] : []),
    formatMachine(machine),
  ];
  return `${parts.join("\n\n")}\n`;
}

function formatRows(rows: readonly Row[], rungs: readonly Rung[], body: Body): string {
  const head = ["rung", "", "req/s", "min–max", "p50 ms", "p99 ms", "CPU ms/req", "RSS MB"];
  const table = framelessTable(head, 2);
  const shown = rows.filter((row) => row.body === body);
  for (const row of shown) {
    const what = rungs.find(({ name }) => name === row.target)?.what ?? "";
    table.push([row.target, dim(what), ...(row.errors.length > 0 ? [red("✗ failed")] : numbers(row))]);
  }
  const errors = shown.flatMap(({ target, errors }) => errors.map((error) => red(`✗ ${target}, ${error}`)));
  return [table.toString(), ...errors].join("\n");
}

const numbers = ({ rps, p50Ms, p99Ms, cpuMsPerRequest, rssMb, spread }: Row) => [
  bold(count(rps)),
  dim(`${count(spread.rps.min)}–${count(spread.rps.max)}`),
  p50Ms.toFixed(2),
  p99Ms.toFixed(2),
  cpuMsPerRequest.toFixed(3),
  count(rssMb),
];

function formatRatios(ratios: readonly Ratio[]): string {
  const table = framelessTable(["ratio", "body", "req/s", "min–max", "req per CPU", "target", ""], 2);
  for (const { of, to, body, rps, perCpu, target, met } of ratios) {
    const verdict = met === undefined ? "" : met ? green("✓") : red("✗");
    table.push([
      `${of} ÷ ${to}`,
      body,
      bold(rps.median.toFixed(2)),
      dim(`${rps.min.toFixed(2)}–${rps.max.toFixed(2)}`),
      perCpu.median.toFixed(2),
      target === undefined ? "" : `≥ ${target}`,
      verdict,
    ]);
  }
  return table.toString();
}

function formatBills(bills: readonly Bill[]): string {
  const per1000 = ["messages", "rows written", "rows read"];
  const usd = ["$ requests", "$ CPU", "$ messages", "$ rows", "$ in all"];
  const table = framelessTable(["rung", "body", ...per1000, ...usd], 2);
  for (const { target, body, objectPer1000, usdPerMillion } of bills) {
    const { exchanges, rowsWritten: written, rowsRead: read } = objectPer1000;
    const { requests, cpu, objectRequests, rowsWritten, rowsRead, total } = usdPerMillion;
    const counts = [exchanges, written, read].map((value) => value.toFixed(1));
    const costs = [requests, cpu, objectRequests, rowsWritten + rowsRead].map((value) => value.toFixed(3));
    table.push([target, body, ...counts, ...costs, bold(total.toFixed(3))]);
  }
  const awake = awakeObjectUsdPerMonth.toFixed(2);
  return [
    `${bold("what the object does for 1,000 requests, and what a million cost")} at Cloudflare's prices of ${prices.asOf}`,
    table.toString(),
    dim(
      `Besides, an upstream's object that is awake all month costs $${awake}, however many requests there are.`,
    ),
  ].join("\n");
}

function formatMachine({ cpu, cores, memoryGb, kernel, versions, loadAverage }: Machine): string {
  const programs = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const load = `Load average at the start: ${loadAverage.toFixed(2)} on ${cores} cores`;
  // Wrk, the origin and the rung keep two cores busy between them.
  const disturbed = loadAverage > Math.max(0.5, cores - 2);
  return [
    dim(`${cpu}, ${cores} cores, ${memoryGb} GB, Linux ${kernel} · ${programs.join(", ")}`),
    disturbed ? yellow(`${load}: others were using them too, so expect noise.`) : dim(`${load}.`),
  ].join("\n");
}

const count = (value: number): string => Math.round(value).toLocaleString("en-GB");
