/** The end of a simulation: a table of means over the seeds, or every run as JSON. Pure. */
import type { Row } from "../../sim/engine/results.ts";
import type { ObjectFigures } from "../../sim/engine/slots.ts";
import type { Scenario } from "../../sim/scenario/scenario.ts";
import { dim, red } from "../terminal/style.ts";
import { framelessTable } from "../terminal/table.ts";
import { summarizeRows, type BurstSummary, type SlotSummary, type Summary } from "./summary.ts";

/** All runs of a policy at a load on a line: means over the seeds, and the range of the 99th percentile. */
export function textReport({ requests: { timeoutMs } }: Scenario, rows: readonly Row[]): string {
  const summaries = summarizeRows(rows);
  const spills = summaries.some(({ spillShare }) => spillShare > 0);
  const costs = summaries.some(({ cost }) => cost !== undefined);
  const limited = summaries.some(({ slots }) => slots !== undefined);
  const bursts = summaries.some(({ burst }) => burst !== undefined);
  const regional = summaries.some(({ slots }) => slots?.objects !== undefined);
  const table = framelessTable([
    "policy",
    "load",
    "p50",
    "p90",
    "p99",
    "range",
    "p99.9",
    "÷ floor",
    "errors",
    ...(spills ? ["spilled"] : []),
    ...(costs ? ["cost"] : []),
    ...(bursts ? burstColumns : []),
    ...(limited ? slotColumns : []),
    ...(regional ? objectColumns : []),
  ]);
  const ms = (value: number): string => {
    if (Number.isNaN(value)) return "–";
    return value >= timeoutMs ? red("timeout") : `${Math.round(value)} ms`;
  };
  for (const summary of summaries) {
    table.push([
      summary.policy,
      summary.load,
      ms(summary.p50Ms),
      ms(summary.p90Ms),
      ms(summary.p99Ms),
      Number.isNaN(summary.p99Ms)
        ? ""
        : dim(`${Math.round(summary.leastP99Ms)}–${Math.round(summary.mostP99Ms)}`),
      ms(summary.p999Ms),
      overFloor(summary),
      summary.errorRate === 0 ? "0" : red(percent(summary.errorRate)),
      ...(spills ? [percent(summary.spillShare)] : []),
      ...(costs ? [(summary.cost ?? 0).toLocaleString("en", { maximumSignificantDigits: 4 })] : []),
      ...(bursts ? burstCells(summary.burst) : []),
      ...(limited ? slotCells(summary.slots) : []),
      ...(regional ? objectCells(summary.slots?.objects) : []),
    ]);
  }
  return table.toString();
}

const burstColumns = ["÷ fluid", "late in burst", "range", "errors", "instance h", "transitions"];

function burstCells(burst: BurstSummary | undefined): string[] {
  if (burst === undefined) return burstColumns.map(() => "");
  return [
    burst.spillOverFluid.toFixed(3),
    percent(burst.missShare),
    dim(`${(100 * burst.leastMissShare).toFixed(2)}–${(100 * burst.mostMissShare).toFixed(2)}`),
    burst.errorShare === 0 ? "0" : red(percent(burst.errorShare)),
    burst.instanceHours.toFixed(2),
    String(burst.transitions),
  ];
}

const slotColumns = [
  "home in use",
  "range",
  "false spills",
  "over",
  "messages/s",
  "peak",
  "rows/1000",
  "wait",
];

function slotCells(slots: SlotSummary | undefined): string[] {
  if (slots === undefined) return slotColumns.map(() => "");
  return [
    percent(slots.utilisation),
    dim(`${(100 * slots.leastUtilisation).toFixed(1)}–${(100 * slots.mostUtilisation).toFixed(1)}`),
    percent(slots.falseSpillShare),
    slots.mostOverLimit === 0 ? "0" : red(String(slots.mostOverLimit)),
    slots.messagesPerSecond.toFixed(0),
    String(slots.messagesPeak),
    slots.rowsPerThousand.toFixed(2),
    `${slots.waitMs.toFixed(1)} ms`,
  ];
}

const objectColumns = ["root/s", "peak", "busiest region/s", "peak"];

/** Of the root, and of the region with the most messages. */
function objectCells(objects: readonly ObjectFigures[] | undefined): string[] {
  const [root, ...regions] = objects ?? [];
  if (root === undefined) return objectColumns.map(() => "");
  const most = (of: (figures: ObjectFigures) => number): string => Math.max(...regions.map(of)).toFixed(0);
  return [
    root.messagesPerSecond.toFixed(0),
    String(root.messagesPeak),
    most(({ messagesPerSecond }) => messagesPerSecond),
    most(({ messagesPeak }) => messagesPeak),
  ];
}

/** Every run: a row a line, all in one array. */
export function jsonReport(rows: readonly Row[]): string {
  return `[\n${rows.map((row) => JSON.stringify(row)).join(",\n")}\n]`;
}

/** How fast it went. */
export function paceText(requests: number, wallMs: number): string {
  const perSecond = Math.round((requests * 1000) / wallMs);
  return `${requests.toLocaleString("en")} requests in ${(wallMs / 1000).toFixed(1)} s: ${perSecond.toLocaleString("en")} simulated requests per second`;
}

function overFloor({ p99Ms, floorP99Ms }: Summary): string {
  return Number.isNaN(p99Ms) ? "" : (p99Ms / floorP99Ms).toFixed(2);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(share > 0 && share < 0.1 ? 2 : 1)} %`;
}
