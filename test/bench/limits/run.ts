/**
 * `npm run bench:limits`: what a flood of new keys costs clients within their rate limits, beside a flood of one key (docs/benchmarks.md). Exit
 * code 1: a client within its limit was refused, or a target was missed.
 */
import { mkdtemp, mkdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogUpdate } from "log-update";
import { ExpectedError } from "../../../cli/expected-error.ts";
import { interruption } from "../../../cli/interruption.ts";
import { percentile } from "../../../cli/load/summary.ts";
import { printError } from "../../../cli/terminal/error.ts";
import { framelessTable } from "../../../cli/terminal/table.ts";
import { readArguments, whole } from "../options.ts";
import { startOrigin } from "../origin.ts";
import { startWeirRung } from "../weir-rung.ts";
import { floods, measureLimits, type Beside, type LimitsPlan, type Measured } from "./measure.ts";

const usage = `npm run bench:limits -- [options]

  --rounds N   how often each flood has its turn of 3 s, 1-100 (default 12)
  --keys N     how many keys are sent before anything is measured, 0-10000000 (default 1000000)
  --json       the result as JSON on stdout
  --help       this text`;

/** Beside a flood of new keys the 99th percentile may be so many times that beside a flood of one key. */
const mostTimes = 1.1;

const progress = createLogUpdate(process.stderr);

async function main(args: readonly string[]): Promise<number> {
  const { rounds, keys, json, help } = readArguments(args, options, usage);
  if (help === true) {
    console.log(usage);
    return 0;
  }
  const measured = await run({
    rounds: whole("--rounds", rounds, 1, 100),
    keys: whole("--keys", keys, 0, 10_000_000),
    signal: interruption(),
    onProgress: (step) => {
      if (process.stderr.isTTY) progress(step);
    },
  });
  progress.clear();
  const { one, random } = measured.beside;
  const times = timeOf(random, 0.99) / timeOf(one, 0.99);
  const rows = floods.map((kind) => ({ beside: kind, ...rowOf(measured.beside[kind]) }));
  const { beside: _, ...told } = measured;
  console.log(
    json === true ? JSON.stringify({ rows, times, ...told }, null, 2) : format(rows, times, measured),
  );
  return times <= mostTimes && rows.every(({ errors }) => errors === 0) ? 0 : 1;
}

async function run(plan: LimitsPlan): Promise<Measured> {
  await using made = new AsyncDisposableStack();
  const workDir = await mkdtemp(join(tmpdir(), "weir-bench-"));
  made.defer(() => rm(workDir, { recursive: true, force: true }));
  const origin = await startOrigin();
  made.defer(origin.stop);
  const rungDir = join(workDir, "weir");
  await mkdir(rungDir);
  const weir = await startWeirRung(import.meta.resolve("./weir-limits.config.ts"), origin, rungDir);
  made.defer(weir.stop);
  return await measureLimits(weir, plan);
}

const timeOf = ({ latenciesMs }: Beside, part: number): number =>
  percentile(
    latenciesMs.toSorted((a, b) => a - b),
    part,
  );

const rowOf = (beside: Beside) => ({
  requests: beside.latenciesMs.length,
  errors: beside.errors.length,
  p50Ms: timeOf(beside, 0.5),
  p99Ms: timeOf(beside, 0.99),
  floodPerSecond: beside.requests / beside.seconds,
  refusedShare: beside.requests === 0 ? 0 : beside.refused / beside.requests,
  cpuShare: beside.cpuMs / beside.seconds / 1_000,
});

type Row = ReturnType<typeof rowOf> & { readonly beside: string };

function format(rows: readonly Row[], times: number, { keys, memoryMb }: Measured): string {
  const table = framelessTable([
    "beside a flood of",
    "requests",
    "errors",
    "p50 ms",
    "p99 ms",
    "flood/s",
    "refused",
    "CPU",
  ]);
  for (const row of rows)
    table.push([
      row.beside,
      row.requests,
      row.errors,
      row.p50Ms.toFixed(2),
      row.p99Ms.toFixed(2),
      row.floodPerSecond.toFixed(0),
      `${(100 * row.refusedShare).toFixed(1)} %`,
      `${(100 * row.cpuShare).toFixed(0)} %`,
    ]);
  return [
    table.toString(),
    `p99, new keys ÷ one key: ${times.toFixed(2)}; target: ${mostTimes} at most.`,
    `${keys.toLocaleString("en")} keys before: the whole process went from ${memoryMb.before.toFixed(0)} to ${memoryMb.after.toFixed(0)} MB.`,
  ].join("\n");
}

const options = {
  rounds: { type: "string", default: "12" },
  keys: { type: "string", default: "1000000" },
  json: { type: "boolean" },
  help: { type: "boolean" },
} as const;

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  progress.clear();
  if (!(error instanceof ExpectedError)) throw error;
  printError(error);
  process.exitCode = 1;
}
