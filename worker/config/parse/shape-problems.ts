/**
 * From the schema library's issues to ours. An unknown key is reported at its own path, with the nearest
 * known one; of a union only the alternative that was evidently meant is reported.
 */
import type * as z from "zod";
import { expectedWord } from "./nearest.ts";
import { quote } from "./notation.ts";
import type { Path, Problem } from "./plain.ts";

type Issue = z.core.$ZodIssue;

/** The problems that a failed parse shows, below `base`. */
export function shapeProblems(issues: readonly Issue[], base: Path = []): Problem[] {
  return issues.flatMap((issue) => {
    const path = [...base, ...issue.path.map((key) => (typeof key === "number" ? key : String(key)))];
    if (issue.code === "unrecognized_keys") {
      return issue.keys.map((key) => unknownKey([...path, key], key, issue.message));
    }
    if (issue.code === "invalid_key") {
      return { path, found: `key ${quote(String(path.at(-1)))}`, expected: issue.message, isKey: true };
    }
    const meant = issue.code === "invalid_union" ? issue.errors.find(isAboutContent) : undefined;
    return meant ? shapeProblems(meant, path) : { path, expected: issue.message };
  });
}

/** Whether an alternative failed by what is in the value, and not by what kind of value it is. */
function isAboutContent(alternative: readonly Issue[]): boolean {
  return alternative.every(
    ({ code, path }) => path.length > 0 || code === "unrecognized_keys" || code === "custom",
  );
}

function unknownKey(path: Path, key: string, known: string): Problem {
  const expected = expectedWord(key, known.split(", "));
  return { path, found: `unknown key ${quote(key)}`, expected, isKey: true };
}
