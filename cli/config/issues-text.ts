/** A config's issues for people at a terminal. Pure. */
import { wrapped } from "../terminal/wrap.ts";
import type { LocatedIssue } from "./located-issues.ts";

/**
 * Each issue's place, what was found and what was expected, in lines of at most `width` columns where words allow.
 * What several have to hear is said once, below all of them.
 */
export function issuesText(issues: readonly LocatedIssue[], width: number): string {
  const groups = Map.groupBy(issues, ({ expected }) => expected);
  return [...groups]
    .map(([expected, group]) =>
      [
        ...group.flatMap((issue) => placeLines(issue, width)),
        ...(group.length > 1 ? [`  each of these ${group.length}`] : []),
        labelled("expected", expected, width),
      ].join("\n"),
    )
    .join("\n\n");
}

/** The place in the file and the path on one line, or below each other. */
function placeLines({ at, path, found }: LocatedIssue, width: number): string[] {
  const line = at === undefined ? `  ${path}` : `  ${at}  ${path}`;
  const isLong = at !== undefined && line.length > width;
  return [...(isLong ? [`  ${at}`, `  ${path}`] : [line]), labelled("found", found, width)];
}

const labelled = (label: string, text: string, width: number): string =>
  wrapped(`    ${label.padEnd(9)} `, text, width);
