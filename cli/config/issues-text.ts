/** A config's issues for people at a terminal. Pure. */
import type { ConfigIssue } from "../../worker/config/parse/issue.ts";
import { wrapped } from "../terminal/wrap.ts";

/**
 * Each issue's place, what was found and what was expected, in lines of at most `width` columns where words allow.
 * What several have to hear is said once, below all of them.
 */
export function issuesText(issues: readonly ConfigIssue[], width: number): string {
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

const placeLines = ({ path, found }: ConfigIssue, width: number): string[] => [
  `  ${path}`,
  labelled("found", found, width),
];

const labelled = (label: string, text: string, width: number): string =>
  wrapped(`    ${label.padEnd(9)} `, text, width);
