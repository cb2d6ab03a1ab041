/**
 * `npm test`: everything that must hold: format, types, lint, unused code, and the three test tiers. All of it runs even when
 * something fails, so that one run shows everything; what failed is told once more at the end. The last line is a contract:
 * `N passed, N failed, N skipped`, where every static check counts as one.
 *
 * Much of it runs at the same time (`lanes.ts`). One lane prints as it goes, what the others print is shown afterwards.
 *
 * Ctrl-C leaves nothing behind: what runs is ended with all that it started, and whatever the tests put into the
 * system's directory for temporary files is in one that is removed.
 */
import { spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { aborted, interruptedExitCode, interruption } from "../cli/interruption.ts";
import { standBack, standLevel } from "./background.ts";
import { testLanes } from "./lanes.ts";
import { readTestReport } from "./report.ts";
import { buildBundles } from "./support/bundle.ts";

interface Tally {
  passed: number;
  failed: number;
  skipped: number;
}

type Command = readonly [string, ...string[]];

const checks: readonly Command[] = [
  ["oxfmt", "--check", "."],
  ["tsc", "-b", "--singleThreaded"],
  ["oxlint", "--type-aware", "--deny-warnings"],
  ["knip"],
];

const interrupted = interruption();
const folder = mkdtempSync(join(tmpdir(), "weir-test-"));
/** Ends with the tests that start servers. */
const serversDone = new AbortController();

Object.assign(process.env, {
  TMPDIR: folder,
  // Dozens of times the tests start what bundles the Worker: compiled once, that takes two thirds of the time.
  NODE_COMPILE_CACHE: join(folder, "compiled"),
  WRANGLER_SEND_METRICS: "false",
  DO_NOT_TRACK: "1",
});

/** How long what was asked to end may take. */
const graceMs = 2000;

interface Lane {
  /** Where its commands print: at once, or into a file that is shown afterwards. */
  readonly output: "inherit" | number;
  /** Whether it waits for others to leave it time. */
  readonly standsBack: boolean;
}

/** Runs a command in a process group of its own, so that it can be ended with its children. */
async function run([command, ...args]: Command, { output, standsBack }: Lane): Promise<boolean> {
  const title = `\n▶ ${[command, ...args].join(" ")}\n`;
  if (output === "inherit") process.stdout.write(title);
  else writeSync(output, title);
  const child = spawn(command, args, { stdio: ["ignore", output, output], detached: true });
  const ended = new Promise<boolean>((done) => {
    child.once("error", () => done(false));
    child.once("exit", (code) => done(code === 0));
  });
  if (standsBack) yieldToServers(child.pid);
  await Promise.race([ended, aborted(interrupted)]);
  if (!interrupted.aborted) return ended;
  signalGroup(child.pid, "SIGTERM");
  const timer = setTimeout(() => signalGroup(child.pid, "SIGKILL"), graceMs);
  await ended;
  clearTimeout(timer);
  // The process that started it need not have waited for its own children.
  signalGroup(child.pid, "SIGKILL");
  return false;
}

/** For as long as the tests with servers run. */
function yieldToServers(pid: number | undefined): void {
  if (pid === undefined || serversDone.signal.aborted) return;
  standBack(pid);
  serversDone.signal.addEventListener("abort", () => standLevel(pid));
}

function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch {
    // No process of the group is left.
  }
}

/** Runs vitest and reads its own count from its JSON report; a report that is missing is a failure. */
async function runTests(name: keyof typeof testLanes, lane: Lane): Promise<void> {
  const file = join(folder, `${name}.json`);
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile=${file}`];
  const passed = await run(["vitest", "run", ...reporters, ...testLanes[name]], lane);
  if (interrupted.aborted) return;
  try {
    const report = readTestReport(file);
    tally.passed += report.passed;
    tally.failed += report.failed;
    tally.skipped += report.skipped;
    failures.push(...report.failures);
    // A file that cannot be loaded has no tests that could fail.
    if (!passed && report.failed === 0) fail(`✗ vitest, ${name}: ended with an error`);
  } catch (error) {
    fail(`✗ vitest, ${name}: ${String(error)}`);
  }
}

function fail(failure: string): void {
  tally.failed++;
  failures.push(failure);
}

/** Builds what both lanes with servers need. If it does not build, they try it again, and say why. */
async function bundle(): Promise<void> {
  Object.assign(process.env, await buildBundles(folder, interrupted).catch(() => ({})));
}

/** What only computes. */
async function runPure(lane: Lane): Promise<void> {
  for (const check of checks) {
    if (await run(check, lane)) tally.passed++;
    else fail(`✗ ${check.join(" ")}`);
    if (interrupted.aborted) return;
  }
  await runTests("unit", lane);
}

/** Runs a lane, and shows what it printed when `until` has come. */
async function shownAfter(
  until: Promise<void>,
  name: string,
  lane: (output: number) => Promise<void>,
): Promise<void> {
  const file = join(folder, `${name}.log`);
  const output = openSync(file, "a");
  await lane(output);
  closeSync(output);
  await until;
  if (!interrupted.aborted) process.stdout.write(readFileSync(file, "utf8"));
}

async function runAll(): Promise<void> {
  const bundled = bundle();
  const withServers = async (name: "crowds" | "others", output: Lane["output"]): Promise<void> => {
    await bundled;
    if (!interrupted.aborted) await runTests(name, { output, standsBack: false });
  };
  const crowds = withServers("crowds", "inherit");
  const others = shownAfter(crowds, "others", (output) => withServers("others", output));
  const pure = shownAfter(crowds, "pure", (output) => runPure({ output, standsBack: true }));
  void Promise.allSettled([crowds, others]).then(() => serversDone.abort());
  await Promise.all([crowds, others, pure]);
}

const tally: Tally = { passed: 0, failed: 0, skipped: 0 };
const failures: string[] = [];
try {
  await runAll();
} finally {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
if (interrupted.aborted) {
  process.exitCode = interruptedExitCode;
  console.log("\nInterrupted: what had run until then says nothing of the rest.");
} else {
  process.exitCode = tally.failed > 0 ? 1 : 0;
  if (failures.length > 0) console.log(`\nWhat failed:\n\n${failures.join("\n")}\n`);
  console.log(`${tally.passed} passed, ${tally.failed} failed, ${tally.skipped} skipped`);
}
