/**
 * `npm run bench`: Weir on plain workerd beside what a Worker costs anyway, rung by rung, in one run
 * (docs/benchmarks.md). Exit code 1: a rung answered with errors, or a target was missed.
 */
import { mkdtemp, mkdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogUpdate } from "log-update";
import { ExpectedError } from "../../cli/expected-error.ts";
import { interruptedExitCode, interruption } from "../../cli/interruption.ts";
import { printError, printWarning } from "../../cli/terminal/error.ts";
import { compare } from "./against/compare.ts";
import { compareActions } from "./against/compare-actions.ts";
import { formatActions, formatCommits } from "./against/report.ts";
import { toBills } from "./bill.ts";
import { equip, type LeftOut } from "./equipment.ts";
import { ladder, ratioRules } from "./ladder.ts";
import { describeMachine } from "./machine.ts";
import { measure, type Target, type Turn } from "./measure.ts";
import { meterObjects, type ObjectWork } from "./object-work.ts";
import { parseOptions, usage, type BenchOptions } from "./options.ts";
import { startOrigin } from "./origin.ts";
import { prices } from "./prices.ts";
import { formatReport, type Report } from "./report.ts";
import type { Rung } from "./rung.ts";
import { weirLeased } from "./rungs/weir-leased.ts";
import { weirStrict } from "./rungs/weir-strict.ts";
import { toRatios, toRows } from "./summary.ts";

const progress = createLogUpdate(process.stderr);
const onProgress = (step: string): void => {
  if (process.stderr.isTTY) progress(step);
};

interface Measured {
  readonly turns: readonly Turn[];
  readonly works: readonly ObjectWork[];
}

/** Starts the origin and the rungs, measures them, and stops everything, however it ends. */
async function runLadder(
  rungs: readonly Rung[],
  options: BenchOptions,
  signal: AbortSignal,
): Promise<Measured> {
  await using started = new AsyncDisposableStack();
  const workDir = await mkdtemp(join(tmpdir(), "weir-bench-"));
  started.defer(() => rm(workDir, { recursive: true, force: true }));
  const origin = await startOrigin();
  started.defer(origin.stop);
  const targets: Target[] = [];
  for (const rung of rungs) {
    signal.throwIfAborted();
    onProgress(`starting · ${rung.name}`);
    const rungDir = join(workDir, rung.name);
    await mkdir(rungDir);
    const running = await rung.start(origin, rungDir);
    started.defer(running.stop);
    targets.push({ name: rung.name, ...running });
  }
  const plan = { ...options, signal, onProgress };
  const turns = await measure(targets, plan);
  return { turns, works: await meterObjects(targets, plan) };
}

/** What `--json` prints (docs/benchmarks.md). */
function toJson({ rows, ratios, bills, machine }: Report, leftOut: readonly LeftOut[]): string {
  const byName = Map.groupBy(ratios, ({ name }) => name);
  const medians = [...byName].map(([name, group]) => [
    name,
    Object.fromEntries(group.map(({ body, rps }) => [body, rps.median])),
  ]);
  const result = { rows, ratios: Object.fromEntries(medians), verdicts: ratios, bills, prices };
  return JSON.stringify({ ...result, leftOut, machine }, null, 2);
}

async function compareWith(ref: string, options: BenchOptions): Promise<number> {
  const { rungs } = equip([weirStrict, weirLeased].filter(({ name }) => options.only.includes(name)));
  const compared = await compare(ref, rungs, { ...options, signal: interruption(), onProgress });
  progress.clear();
  console.log(options.json ? JSON.stringify(compared, null, 2) : formatCommits(compared));
  return compared.comparisons.every(({ isMet }) => isMet) ? 0 : 1;
}

async function measureActions(options: BenchOptions): Promise<number> {
  const comparisons = await compareActions({ ...options, signal: interruption(), onProgress });
  progress.clear();
  console.log(options.json ? JSON.stringify(comparisons, null, 2) : formatActions(comparisons));
  return comparisons.every(({ isMet }) => isMet) ? 0 : 1;
}

async function main(): Promise<number> {
  const options = parseOptions(
    process.argv.slice(2),
    ladder.map(({ name }) => name),
  );
  if (options === "help") {
    console.log(usage);
    return 0;
  }
  if (process.platform !== "linux") throw new ExpectedError("The benchmark reads /proc: it needs Linux.");
  if (options.against !== undefined) return compareWith(options.against, options);
  if (options.actions) return measureActions(options);
  const { rungs, leftOut, versions } = equip(ladder.filter(({ name }) => options.only.includes(name)));
  for (const { target, because } of leftOut) printWarning(`${target} is left out. ${because}`);
  const machine = describeMachine(versions);
  const { turns, works } = await runLadder(rungs, options, interruption());
  progress.clear();
  const rows = toRows(turns);
  const ratios = toRatios(turns, ratioRules);
  const report: Report = { rows, ratios, bills: toBills(rows, works), machine };
  console.log(options.json ? toJson(report, leftOut) : formatReport(report, ladder));
  const failed = rows.some(({ errors }) => errors.length > 0) || ratios.some(({ met }) => met === false);
  return failed ? 1 : 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  progress.clear();
  if (error instanceof ExpectedError) printError(error);
  else if (error instanceof Error && error.name === "AbortError") process.exitCode = interruptedExitCode;
  else throw error;
  process.exitCode ??= 1;
}
