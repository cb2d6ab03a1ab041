/**
 * An issue: where in the config, what was found there, what was expected. Three texts, so that it
 * can go to a terminal, a log or an API reply; `found.ts` keeps secrets out of it. Where it is in the file is for the terminal only.
 */
import type { Part } from "../section.ts";
import { describeFound } from "./found.ts";
import { formatPath } from "./notation.ts";
import { keysOf, valueAt } from "./plain.ts";
import type { Path, Plain, Problem } from "./plain.ts";

export interface ConfigIssue {
  /** `upstreams.shop.pools[0].origins[1].url`; `(config)` is the whole. */
  readonly path: string;
  /** The value as written (`${ENV:NAME}` unresolved) in JSON, cut at 80 characters; or a few words. */
  readonly found: string;
  /** What would have been right there. */
  readonly expected: string;
  /** The path as keys, for a reader of the file that has the text at hand; absent where no one place is meant. */
  readonly place?: Path;
  /** The last key of `place` is wrong, whatever its value is. */
  readonly isKey?: true;
}

const maxIssues = 100;

/**
 * Issues in the order of the config as written: the first problem of each path; 100, and one for how many more. `root` describes
 * the whole, and says what in it is secret.
 */
export function toIssues(problems: readonly Problem[], asWritten: Plain, root?: Part): ConfigIssue[] {
  const byPath = new Map<string, Problem>();
  for (const problem of problems) {
    const key = JSON.stringify(problem.path);
    if (!byPath.has(key)) byPath.set(key, problem);
  }
  const shown = inOrder([...byPath.values()].slice(0, maxIssues), asWritten);
  const issues = shown.map((problem) => toIssue(problem, asWritten, root));
  const more = byPath.size - issues.length;
  if (more <= 0) return issues;
  return [
    ...issues,
    { path: "(config)", found: `${more} more issues`, expected: "the others corrected first" },
  ];
}

function toIssue(
  { path, found, expected, isKey }: Problem,
  asWritten: Plain,
  root: Part | undefined,
): ConfigIssue {
  const texts = { path: formatPath(path), found: found ?? describeFound(asWritten, path, root), expected };
  return { ...texts, place: path, ...(isKey && { isKey }) };
}

function inOrder(problems: readonly Problem[], asWritten: Plain): Problem[] {
  const placed = problems.map((problem) => ({ problem, place: placeOf(problem.path, asWritten) }));
  return placed.sort((a, b) => comparePlaces(a.place, b.place)).map(({ problem }) => problem);
}

/** The position of each key of a path among its siblings; what is missing there comes last. */
function placeOf(path: Path, asWritten: Plain): number[] {
  return path.map((key, depth) => {
    if (typeof key === "number") return key;
    const place = keysOf(valueAt(asWritten, ...path.slice(0, depth))).indexOf(key);
    return place === -1 ? Infinity : place;
  });
}

function comparePlaces(a: readonly number[], b: readonly number[]): number {
  for (const [level, place] of a.entries()) {
    const other = b[level] ?? -1;
    if (place !== other) return place < other ? -1 : 1;
  }
  return a.length - b.length;
}

/** Issues for people: two aligned lines each, without a newline at the end. */
export function formatIssues(issues: readonly ConfigIssue[]): string {
  const width = Math.min(56, Math.max(0, ...issues.map(({ path }) => path.length)));
  return issues
    .map(({ path, found, expected }) =>
      [`${path.padEnd(width)}  found     ${found}`, `${" ".repeat(width)}  expected  ${expected}`].join("\n"),
    )
    .join("\n");
}
