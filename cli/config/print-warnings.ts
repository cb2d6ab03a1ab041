/** Warnings of a config on stderr, as its issues look, so that what a command prints stays its result. */
import { displayPath } from "../terminal/display-path.ts";
import { errorWidth, printWarning } from "../terminal/error.ts";
import { issuesText } from "./issues-text.ts";
import type { LocatedIssue } from "./located-issues.ts";

/** Nothing is printed if there are none. */
export function printConfigWarnings(file: string, warnings: readonly LocatedIssue[]): void {
  if (warnings.length === 0) return;
  const places = warnings.length === 1 ? "a place" : `${warnings.length} places`;
  printWarning(
    `${displayPath(file)} is valid, but has ${places} to look at:\n\n${issuesText(warnings, errorWidth())}`,
  );
}
