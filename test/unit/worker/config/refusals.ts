/** Tables of what is refused: each row is one wrong thing, and the one issue that it must give. */
import { expect, test } from "vitest";
import type { ConfigIssue } from "../../../../worker/config/parse/issue.ts";
import { parseConfig } from "../../../../worker/config/parse/parse.ts";
import { emptyEnv } from "./example-config.ts";

/** Where the parts of the example configs are. */
export const shop = "upstreams.shop";
export const home = `${shop}.pools[0]`;
export const origin = `${home}.origins[0]`;

export const nameExpected = 'a name: 1 to 64 letters, digits, ".", "_" or "-", the first a letter or digit';

/** The texts of a config's issues in an empty environment; none if it is accepted. */
export function issuesOf(raw: unknown): readonly ConfigIssue[] {
  const parsed = parseConfig(raw, emptyEnv);
  return parsed.ok ? [] : textsOf(parsed.issues);
}

/** The issues without where they are in the raw config. */
export function textsOf(issues: readonly ConfigIssue[]): ConfigIssue[] {
  return issues.map(({ path, found, expected }) => ({ path, found, expected }));
}

/** `part` is what is wrong, `path` where below `base` the issue is. */
export type Refusal<Part> = readonly [part: Part, path: string, found: string, expected: string];

/** Each row, made a config by `make`, is refused with exactly its issue. */
export function refuses<Part>(
  what: string,
  make: (part: Part) => unknown,
  base: string,
  rows: readonly Refusal<NoInfer<Part>>[],
): void {
  const cases = rows.map(([part, path, found, expected]) => ({
    raw: make(part),
    path: base + path,
    found,
    expected,
  }));
  test.each(cases)(`refuses ${what}: $path, found $found`, ({ raw, ...issue }) => {
    expect(issuesOf(raw)).toEqual([issue]);
  });
}
