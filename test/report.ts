/**
 * What vitest's JSON report says: how many tests passed, failed and were skipped, and which failed and why. The failures
 * are told at the end of a run. The whole output is megabytes, and often only its end is kept.
 */
import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { z } from "zod";

const reportShape = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  numTodoTests: z.number(),
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      message: z.string().default(""),
      assertionResults: z.array(
        z.object({
          fullName: z.string(),
          status: z.string(),
          failureMessages: z.array(z.string()).nullish(),
        }),
      ),
    }),
  ),
});

export interface TestReport {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** A text for each test that failed, and for each file that could not be loaded. */
  readonly failures: readonly string[];
}

/** How much of a failure's message is told: what was expected and found, and where in the tests. */
const messageLines = 12;
const isForeignFrame = /^\s+at .*node_modules/;

/** Reads vitest's report. Throws where it is missing or has another shape: such a run is a failure, too. */
export function readTestReport(path: string): TestReport {
  const report = reportShape.parse(JSON.parse(readFileSync(path, "utf8")));
  const failures: string[] = [];
  for (const file of report.testResults) {
    const failed = file.assertionResults.filter((test) => test.status === "failed");
    for (const test of failed) {
      failures.push(failure(file.name, test.fullName, (test.failureMessages ?? []).join("\n")));
    }
    if (failed.length === 0 && file.status === "failed") failures.push(failure(file.name, "", file.message));
  }
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests,
    skipped: report.numPendingTests + report.numTodoTests,
    failures,
  };
}

function failure(file: string, test: string, message: string): string {
  const lines = message.split("\n").filter((line) => !isForeignFrame.test(line));
  const told = lines.slice(0, messageLines).map((line) => `    ${line}`);
  if (lines.length > messageLines) told.push(`    … ${lines.length - messageLines} more lines above`);
  return [`✗ ${relative(process.cwd(), file)}${test && ` > ${test}`}`, ...told].join("\n");
}
