/**
 * `npm test`: everything that must hold, in order of cost: format, types, lint, unused code, then the three
 * test tiers. All of it runs even when something early fails, so that one run shows everything. The last
 * line is a contract: `N passed, N failed, N skipped`, where every static check counts as one.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

interface Tally {
  passed: number;
  failed: number;
  skipped: number;
}

const checks: readonly (readonly [string, ...string[]])[] = [
  ["oxfmt", "--check", "."],
  ["tsc", "-b"],
  ["oxlint", "--type-aware", "--deny-warnings"],
  ["knip"],
];

function run(command: string, args: readonly string[]): boolean {
  console.log(`\n▶ ${[command, ...args].join(" ")}`);
  const env = { ...process.env, WRANGLER_SEND_METRICS: "false", DO_NOT_TRACK: "1" };
  return spawnSync(command, args, { stdio: "inherit", env }).status === 0;
}

/** Runs vitest and reads its own count from its JSON report; a report that is missing is a failure. */
function runTests(tally: Tally): void {
  const folder = mkdtempSync(join(tmpdir(), "weir-test-"));
  const report = join(folder, "report.json");
  try {
    const passed = run("vitest", ["run", "--reporter=default", "--reporter=json", `--outputFile=${report}`]);
    const counts: unknown = JSON.parse(readFileSync(report, "utf8"));
    tally.passed += count(counts, "numPassedTests");
    tally.failed += count(counts, "numFailedTests");
    tally.skipped += count(counts, "numPendingTests") + count(counts, "numTodoTests");
    // A file that cannot be loaded has no tests that could fail.
    if (!passed && count(counts, "numFailedTests") === 0) tally.failed++;
  } catch (error) {
    console.error(error);
    tally.failed++;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function count(report: unknown, key: string): number {
  const value = typeof report === "object" && report !== null ? Object.entries(report) : [];
  const found = value.find(([name]) => name === key)?.[1];
  if (typeof found !== "number") throw new TypeError(`the test report has no ${key}`);
  return found;
}

const tally: Tally = { passed: 0, failed: 0, skipped: 0 };
for (const [command, ...args] of checks) {
  if (run(command, args)) tally.passed++;
  else tally.failed++;
}
runTests(tally);
process.exitCode = tally.failed > 0 ? 1 : 0;
console.log(`${tally.passed} passed, ${tally.failed} failed, ${tally.skipped} skipped`);
