/** Trace files: a number a line; empty lines, and lines that begin with #, are left out. */
import type { Path, Plain, Problem } from "../../worker/config/parse/plain.ts";
import { quote } from "../../worker/config/parse/notation.ts";
import { itemsOf, valueAt } from "../../worker/config/parse/plain.ts";
import { hourMs } from "./fields.ts";

/** Reads a file named in a scenario; `undefined` if it cannot be read. */
export type ReadFile = (path: string) => string | undefined;

const mostLines = 5_000_000;

/** The largest numbers: an hour of work, and a moment that may be counted from 1970. */
const largest = { work: hourMs, arrivals: 1e13 } as const;

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
    const trace = parseTrace(text, use);
    if ("numbers" in trace) traces.set(file, trace.numbers);
    else problems.push({ path, found: `${quote(file)}, ${trace.found}`, expected: trace.expected });
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

type Use = Named["use"];

/** The numbers of a trace, or the first thing that is wrong with it. */
function parseTrace(
  text: string,
  use: Use,
): { readonly numbers: readonly number[] } | { readonly found: string; readonly expected: string } {
  const numbers: number[] = [];
  for (const [index, written] of text.split("\n").entries()) {
    const line = written.trim();
    if (line === "" || line.startsWith("#")) continue;
    const number = Number(line);
    if (!(number >= 0 && number <= largest[use])) {
      const found = `line ${index + 1}: ${quote(line.slice(0, 40))}`;
      return { found, expected: `a number from 0 to ${largest[use]} on each line` };
    }
    numbers.push(number);
  }
  const expected = missing(numbers, use);
  return expected === undefined ? { numbers } : { found: `${numbers.length} numbers`, expected };
}

/** What would make the numbers a trace; `undefined`: they are one. */
function missing(numbers: readonly number[], use: Use): string | undefined {
  if (numbers.length > mostLines) return `at most ${mostLines}`;
  if (use === "work") return numbers.some((number) => number > 0) ? undefined : "at least one time above 0";
  const ascends = numbers.every((number, index) => index === 0 || number >= (numbers[index - 1] ?? 0));
  const lasts = (numbers.at(-1) ?? 0) > (numbers[0] ?? 0);
  return ascends && lasts
    ? undefined
    : "at least two moments, none before the one above it, not all the same";
}
