/**
 * `npm test`: everything that must hold, in order of cost: format, types, lint, unused code, then the three
 * test tiers. All of it runs even when something early fails, so that one run shows everything. The last
 * line is a contract: `N passed, N failed, N skipped`, where every static check counts as one.
 *
 * Ctrl-C leaves nothing behind: what runs is ended with all that it started, and whatever the tests put into the
 * system's directory for temporary files is in one that is removed.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { aborted, interruptedExitCode, interruption } from "../cli/interruption.ts";

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

const interrupted = interruption();
const folder = mkdtempSync(join(tmpdir(), "weir-test-"));

/** How long what was asked to end may take. */
const graceMs = 2000;

/** Runs a command in a process group of its own, so that it can be ended with its children. */
async function run(command: string, args: readonly string[]): Promise<boolean> {
  console.log(`\n▶ ${[command, ...args].join(" ")}`);
  const env = {
    ...process.env,
    TMPDIR: folder,
    // Dozens of times the tests start what bundles the Worker: compiled once, that takes two thirds of the time.
    NODE_COMPILE_CACHE: join(folder, "compiled"),
    WRANGLER_SEND_METRICS: "false",
    DO_NOT_TRACK: "1",
  };
  const child = spawn(command, args, { stdio: ["ignore", "inherit", "inherit"], env, detached: true });
  const ended = new Promise<boolean>((done) => {
    child.once("error", () => done(false));
    child.once("exit", (code) => done(code === 0));
  });
  await Promise.race([ended, aborted(interrupted)]);
  if (!interrupted.aborted) return ended;
  signalGroup(child.pid, "SIGTERM");
  const timer = setTimeout(() => signalGroup(child.pid, "SIGKILL"), graceMs);
  await ended;
  clearTimeout(timer);
  // Whoever started it need not have waited for its own children.
  signalGroup(child.pid, "SIGKILL");
  return false;
}

function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch {
    // Nobody of the group is left.
  }
}

/** Runs vitest and reads its own count from its JSON report; a report that is missing is a failure. */
async function runTests(tally: Tally): Promise<void> {
  const report = join(folder, "report.json");
  const args = ["run", "--reporter=default", "--reporter=json", `--outputFile=${report}`];
  const passed = await run("vitest", args);
  if (interrupted.aborted) return;
  try {
    const counts: unknown = JSON.parse(readFileSync(report, "utf8"));
    tally.passed += count(counts, "numPassedTests");
    tally.failed += count(counts, "numFailedTests");
    tally.skipped += count(counts, "numPendingTests") + count(counts, "numTodoTests");
    // A file that cannot be loaded has no tests that could fail.
    if (!passed && count(counts, "numFailedTests") === 0) tally.failed++;
  } catch (error) {
    console.error(error);
    tally.failed++;
  }
}

function count(report: unknown, key: string): number {
  const value = typeof report === "object" && report !== null ? Object.entries(report) : [];
  const found = value.find(([name]) => name === key)?.[1];
  if (typeof found !== "number") throw new TypeError(`the test report has no ${key}`);
  return found;
}

async function runAll(tally: Tally): Promise<void> {
  for (const [command, ...args] of checks) {
    if (await run(command, args)) tally.passed++;
    else tally.failed++;
    if (interrupted.aborted) return;
  }
  await runTests(tally);
}

const tally: Tally = { passed: 0, failed: 0, skipped: 0 };
try {
  await runAll(tally);
} finally {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
if (interrupted.aborted) {
  process.exitCode = interruptedExitCode;
  console.log("\nInterrupted: what had run until then says nothing of the rest.");
} else {
  process.exitCode = tally.failed > 0 ? 1 : 0;
  console.log(`${tally.passed} passed, ${tally.failed} failed, ${tally.skipped} skipped`);
}
