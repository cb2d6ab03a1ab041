/** The end of the demo: a table of the phases, the promises and figures with what was seen, or all of it as JSON. Pure. */
import { summarise } from "../load/summary.ts";
import { bold, dim, green, red } from "../terminal/style.ts";
import { framelessTable } from "../terminal/table.ts";
import type { PhaseResult } from "./phase.ts";
import { figuresOf, type Figure } from "./figures.ts";
import type { Verdict } from "./promises.ts";
import type { Run } from "./run.ts";

/** One line of the table. */
interface Row {
  readonly phase: string;
  readonly clients: number;
  readonly requests: number;
  /** Shares of the answers, 0–1, by pool, in the config's order. */
  readonly shares: Readonly<Record<string, number>>;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly errors: number;
  /** The most that an origin of the home pool had open at once. */
  readonly maxInUse: number;
}

/** Both parts, for a terminal. */
export function textReport(run: Run, verdicts: readonly Verdict[]): string {
  const broken = verdicts.filter(({ kept }) => !kept).length;
  const verdict =
    broken === 0
      ? green(`All ${verdicts.length} promises kept.`)
      : red(`${broken} of ${verdicts.length} promises broken.`);
  return [
    phaseTable(run),
    legend(run),
    "",
    ...verdicts.flatMap(verdictLines),
    "",
    bold("The flash crowd in figures (no promises: they depend on this machine)"),
    ...figuresOf(run).flatMap(figureLines),
    "",
    bold(verdict),
  ].join("\n");
}

/** The same for machines. Times in milliseconds, shares 0–1. */
export function jsonReport(run: Run, verdicts: readonly Verdict[]): string {
  const phases = run.phases.map((phase) => rowOf(run, phase));
  const kept = verdicts.every((verdict) => verdict.kept);
  return JSON.stringify({ kept, promises: verdicts, figures: figuresOf(run), phases }, null, 2);
}

function phaseTable(run: Run): string {
  const pools = poolsOf(run);
  const table = framelessTable(["phase", "clients", "requests", ...pools, "p50", "p99", "errors", "in use"]);
  for (const phase of run.phases) {
    const row = rowOf(run, phase);
    table.push([
      row.phase,
      row.clients,
      row.requests,
      ...pools.map((pool) => percent(row.shares[pool] ?? 0)),
      `${row.p50Ms} ms`,
      `${row.p99Ms} ms`,
      row.errors === 0 ? "0" : red(String(row.errors)),
      row.maxInUse,
    ]);
  }
  return table.toString();
}

/** What the columns' names are too short to say. */
function legend({ site: { homePool, origins } }: Run): string {
  const slots = [...origins.values()].flatMap(({ pool, maxConns }) => (pool === homePool ? maxConns : []));
  return dim(
    [
      "clients: the most at once; each asks again when answered. p50, p99: of times.",
      `in use: the most requests that one ${homePool} origin had open at once, of ${Math.max(...slots)}.`,
    ].join("\n"),
  );
}

function rowOf({ site }: Run, { title, clients, records, peakOpen }: PhaseResult): Row {
  const { requests, errorCount, origins, p50Ms, p99Ms } = summarise(records);
  const byPool = new Map<string, number>();
  for (const [origin, count] of origins) {
    const pool = site.origins.get(origin)?.pool ?? "";
    byPool.set(pool, (byPool.get(pool) ?? 0) + count);
  }
  const home = [...site.origins].filter(([, { pool }]) => pool === site.homePool);
  return {
    phase: title,
    clients,
    requests,
    shares: Object.fromEntries([...byPool].map(([pool, count]) => [pool, count / Math.max(1, requests)])),
    p50Ms: Math.round(p50Ms),
    p99Ms: Math.round(p99Ms),
    errors: errorCount,
    maxInUse: Math.max(...home.map(([origin]) => peakOpen.get(origin) ?? 0)),
  };
}

const poolsOf = ({ site }: Run): readonly string[] => [
  ...new Set([...site.origins.values()].map(({ pool }) => pool)),
];

const percent = (share: number): string => `${(100 * share).toFixed(share > 0 && share < 0.1 ? 1 : 0)} %`;

const verdictLines = ({ promise, kept, seen }: Verdict): string[] => [
  `${kept ? green("✓") : red("✗")} ${promise}`,
  `  ${kept ? dim(seen) : red(seen)}`,
];

const figureLines = ({ figure, reached, seen }: Figure): string[] => [
  `${reached ? green("✓") : "·"} ${figure}`,
  `  ${dim(seen)}`,
];
