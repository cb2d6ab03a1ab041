/**
 * `npm run bench:routes`: what it costs to find a request's route, among few routes and among many (docs/benchmarks.md). Exit code 1: the
 * target was missed.
 */
import { ExpectedError } from "../../../cli/expected-error.ts";
import { printError } from "../../../cli/terminal/error.ts";
import { framelessTable } from "../../../cli/terminal/table.ts";
import { readArguments, whole } from "../options.ts";
import { measureRoutes, mostTimes, type SizeRow } from "./measure.ts";

const usage = `npm run bench:routes -- [options]

  --rounds N   how often each size has its turn, 1-100 (default 15)
  --json       the result as JSON on stdout
  --help       this text`;

function main(args: readonly string[]): number {
  const { rounds, json, help } = readArguments(args, options, usage);
  if (help === true) {
    console.log(usage);
    return 0;
  }
  const rows = measureRoutes(whole("--rounds", rounds, 1, 100));
  console.log(json === true ? JSON.stringify({ rows }, null, 2) : format(rows));
  return (rows.at(-1)?.whole.times ?? NaN) <= mostTimes ? 0 : 1;
}

function format(rows: readonly SizeRow[]): string {
  const table = framelessTable(["ns", "URL to route", "times", "the table alone", "times"]);
  for (const { routes, whole, table: alone } of rows) {
    const costs = [whole, alone].flatMap(({ ns, times }) => [ns.toFixed(0), times.toFixed(2)]);
    table.push([`${routes.toLocaleString("en")} routes`, ...costs]);
  }
  return `${table.toString()}\n\nTarget: from URL to route ${mostTimes} times at most.`;
}

const options = {
  rounds: { type: "string", default: "15" },
  json: { type: "boolean" },
  help: { type: "boolean" },
} as const;

try {
  process.exitCode = main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof ExpectedError)) throw error;
  printError(error);
  process.exitCode = 1;
}
