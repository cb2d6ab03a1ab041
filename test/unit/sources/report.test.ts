/** The end of `npm test` names what failed: a whole run prints megabytes, and often only its end is kept. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readTestReport } from "../../report.ts";

function written(report: unknown): string {
  const folder = mkdtempSync(join(tmpdir(), "weir-report-"));
  const path = join(folder, "report.json");
  writeFileSync(path, JSON.stringify(report));
  return path;
}

const counts = { numPassedTests: 3, numFailedTests: 1, numPendingTests: 1, numTodoTests: 1 };

test("each test that failed is named with its file, and with what was expected", () => {
  const path = written({
    ...counts,
    testResults: [
      {
        name: join(process.cwd(), "test/unit/a.test.ts"),
        status: "failed",
        assertionResults: [
          { fullName: "holds", status: "passed", failureMessages: [] },
          { fullName: "breaks", status: "failed", failureMessages: ["expected 1 to be 2\n  at a.test.ts:3"] },
        ],
      },
    ],
  });
  expect(readTestReport(path)).toEqual({
    passed: 3,
    failed: 1,
    skipped: 2,
    failures: ["✗ test/unit/a.test.ts > breaks\n    expected 1 to be 2\n      at a.test.ts:3"],
  });
  rmSync(join(path, ".."), { recursive: true });
});

test("a file that cannot be loaded is named with the reason", () => {
  const path = written({
    ...counts,
    testResults: [
      {
        name: join(process.cwd(), "test/unit/b.test.ts"),
        status: "failed",
        message: "Cannot find module",
        assertionResults: [],
      },
    ],
  });
  expect(readTestReport(path).failures).toEqual(["✗ test/unit/b.test.ts\n    Cannot find module"]);
  rmSync(join(path, ".."), { recursive: true });
});

test("a report of another shape is an error, never a success", () => {
  const path = written({ numPassedTests: 3 });
  expect(() => readTestReport(path)).toThrow("numFailedTests");
  rmSync(join(path, ".."), { recursive: true });
});
