/** Trace files: a number a line; empty lines, and lines that begin with #, are left out. */
import type { Path, Plain, Problem } from "../../worker/config/plain.ts";
import { itemsOf, valueAt } from "../../worker/config/plain.ts";

/** Reads a file named in a scenario; `undefined` if it cannot be read. */
export type ReadFile = (path: string) => string | undefined;

const most = 5_000_000;

interface Named {
  readonly file: string;
  readonly path: Path;
  readonly use: "work" | "arrivals";
}

/** Reads the traces that a scenario names. */
export function readTraces(
  tree: Plain,
  readFile: ReadFile,
): { readonly traces: ReadonlyMap<string, readonly number[]>; readonly problems: readonly Problem[] } {
  const traces = new Map<string, readonly number[]>();
  const problems: Problem[] = [];
  for (const { file, path, use } of namedTraces(tree)) {
    const text = readFile(file);
    if (text === undefined) {
      problems.push({ path, expected: "a file that can be read, from the scenario's folder" });
      continue;
    }
    const numbers = parseTrace(text);
    const problem = numbers === undefined ? "a number from 0 on each line" : unusable(numbers, use);
    if (problem === undefined && numbers !== undefined) traces.set(file, numbers);
    else problems.push({ path, expected: problem ?? "" });
  }
  return { traces, problems };
}

function namedTraces(tree: Plain): Named[] {
  const places: { readonly path: Path; readonly use: Named["use"] }[] = [
    { path: ["work"], use: "work" },
    { path: ["arrivals"], use: "arrivals" },
  ];
  for (const [pool, value] of itemsOf(valueAt(tree, "pools")).entries()) {
    for (const group of itemsOf(valueAt(value, "servers")).keys()) {
      places.push({ path: ["pools", pool, "servers", group, "work"], use: "work" });
    }
  }
  return places.flatMap(({ path, use }) => {
    const file = valueAt(tree, ...path, "file");
    const isTrace = valueAt(tree, ...path, "kind") === "trace";
    return isTrace && typeof file === "string" ? [{ file, path: [...path, "file"], use }] : [];
  });
}

function parseTrace(text: string): number[] | undefined {
  const lines = text.split("\n").map((line) => line.trim());
  const numbers = lines.filter((line) => line !== "" && !line.startsWith("#")).map(Number);
  return numbers.every((number) => Number.isFinite(number) && number >= 0) ? numbers : undefined;
}

function unusable(numbers: readonly number[], use: Named["use"]): string | undefined {
  if (numbers.length > most) return `at most ${most} lines`;
  if (use === "work") {
    return numbers.some((number) => number > 0) ? undefined : "at least one time above 0";
  }
  const ascends = numbers.every((number, index) => index === 0 || number >= (numbers[index - 1] ?? 0));
  const lasts = (numbers.at(-1) ?? 0) > (numbers[0] ?? 0);
  return ascends && lasts
    ? undefined
    : "at least two moments, none before the one above it, not all the same";
}
