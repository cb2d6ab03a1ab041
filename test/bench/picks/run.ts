/**
 * `npm run bench:picks`: what a pick costs, policy by policy, in pools of growing size (docs/benchmarks.md). Exit code 1:
 * a target was missed.
 */
import { ExpectedError } from "../../../cli/expected-error.ts";
import { printError } from "../../../cli/terminal/error.ts";
import { readArguments, whole } from "../options.ts";
import { heapTargetBytes, measurePicks } from "./measure.ts";
import { formatPicks } from "./report.ts";

const usage = `npm run bench:picks -- [options]

  --rounds N   how often each policy has its turn, 1-100 (default 9)
  --json       the result as JSON on stdout
  --help       this text`;

async function main(args: readonly string[]): Promise<number> {
  const { rounds, json, help } = readArguments(args, options, usage);
  if (help === true) {
    console.log(usage);
    return 0;
  }
  const rows = await measurePicks(whole("--rounds", rounds, 1, 100));
  console.log(json === true ? JSON.stringify({ rows }, null, 2) : formatPicks(rows));
  const missed = rows.some(({ met, heapGrowthBytes }) => met === false || heapGrowthBytes > heapTargetBytes);
  return missed ? 1 : 0;
}

const options = {
  rounds: { type: "string", default: "9" },
  json: { type: "boolean" },
  help: { type: "boolean" },
} as const;

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof ExpectedError)) throw error;
  printError(error);
  process.exitCode = 1;
}
