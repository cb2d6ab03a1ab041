/**
 * From what a person wrote to a scenario that can be relied on, or to every issue at once, each with its path. The
 * words of refusals are those of Weir's own config (`worker/config/parse/issue.ts`).
 */
import { toIssues, type ConfigIssue } from "../../worker/config/parse/issue.ts";
import { toPlain } from "../../worker/config/parse/plain.ts";
import { shapeProblems } from "../../worker/config/parse/shape-problems.ts";
import { completeScenario } from "./complete.ts";
import { loadProblems } from "./loads.ts";
import { scenarioProblems } from "./rules.ts";
import type { Scenario } from "./scenario.ts";
import { scenarioSchema } from "./schema.ts";
import { readTraces, type ReadFile } from "./trace.ts";

export type ParsedScenario =
  | { readonly ok: true; readonly scenario: Scenario }
  | { readonly ok: false; readonly issues: readonly ConfigIssue[] };

/**
 * Parses a scenario: parsed JSON. Never throws, whatever `raw` is.
 * @param readFile reads the trace files that it names.
 * @param policies the names of the strategies there are.
 */
export function parseScenario(raw: unknown, readFile: ReadFile, policies: readonly string[]): ParsedScenario {
  const { value: tree, problems: unplain } = toPlain(raw);
  const shape = scenarioSchema.safeParse(tree);
  const { traces, problems: untraceable } = readTraces(tree, readFile);
  const problems = [
    ...unplain,
    ...(shape.success ? [] : shapeProblems(shape.error.issues)),
    ...untraceable,
    ...scenarioProblems(tree, policies),
  ];
  if (shape.success && problems.length === 0) {
    const scenario = completeScenario(shape.data, traces);
    problems.push(...loadProblems(shape.data, scenario));
    if (problems.length === 0) return { ok: true, scenario };
  }
  return { ok: false, issues: toIssues(problems, tree).map(named) };
}

/** The whole is a scenario here. */
function named(issue: ConfigIssue): ConfigIssue {
  return issue.path === "(config)" ? { ...issue, path: "(scenario)" } : issue;
}
