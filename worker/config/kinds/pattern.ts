/**
 * Regular expressions, by RE2's rules (https://github.com/google/re2/wiki/Syntax) and its algorithm: what a match costs grows with the text's length and
 * never explodes, whatever an operator has written and a client sends. V8's own engine takes seconds for `^(a+)+$` and 30 letters.
 *
 * The engine is 150 KB, so it is loaded only for a config that has a pattern (`loadPatterns`), before that is parsed: parsing waits for nothing.
 */
import type { RE2JS } from "re2js";
import { longestMatched, type Captures, type Pattern } from "../../../core/rules/pattern.ts";
import { text } from "./fields.ts";
import { hasControls } from "./http-syntax.ts";

type Engine = typeof RE2JS;
let engine: Engine | undefined;

/** Makes patterns readable. Has to be awaited before a config is parsed that has one. */
export async function loadPatterns(): Promise<void> {
  engine ??= (await import("re2js")).RE2JS;
}

/** Whether a config, as it is written, has a pattern. */
export function hasPatterns(raw: unknown): boolean {
  return JSON.stringify(raw ?? null).includes('"pattern"');
}

const longestPattern = 1_000;

/** The engine's steps; a character of a text costs up to as many. `a{1000}` has 1,002. */
const largestProgram = 1_500;

/** Steps for a whole text: 40 ms or so on a machine of today. */
const mostSteps = 400_000;

const expected = 'a regular expression (RE2\'s syntax, at most 1,000 characters), such as "^/shop/(\\\\d+)$"';

export const pattern = text(expected, (source) => compile(source)?.pattern, advise).meta({
  examples: ["^/shop/(\\d+)$"],
});

/** What stands between a pattern and its use. */
interface Compiled {
  readonly pattern?: Pattern;
  readonly problem?: string;
}

function compile(source: string): Compiled {
  if (engine === undefined) throw new Error("loadPatterns() is to be awaited before a config is parsed");
  if (source.length > longestPattern || hasControls(source)) return {};
  try {
    const compiled = engine.compile(source);
    const size = compiled.programSize();
    if (size <= largestProgram) return { pattern: toPattern(source, compiled, size) };
    return { problem: `a smaller regular expression (it has ${size} steps; at most ${largestProgram})` };
  } catch (error) {
    if (!isSyntaxError(error)) throw error;
    return { problem: explain(source, error) };
  }
}

function advise(source: string): string {
  return compile(source).problem ?? expected;
}

interface SyntaxError {
  readonly error: string;
  readonly input: string;
}

function isSyntaxError(error: unknown): error is SyntaxError {
  return error instanceof Error && "error" in error && typeof error.error === "string";
}

/** The library's word, the place, and what to write instead of what RE2 does not have. */
function explain(source: string, { error, input }: SyntaxError): string {
  const at = source.indexOf(input);
  const place = at === -1 ? "" : ` at character ${at + 1}`;
  const instead = /^\(\?<?[!=]/.test(input)
    ? "; RE2 has no look-around: use the condition not, or a rule before this one"
    : /^\\[1-9k]/.test(input)
      ? "; RE2 has no back-references"
      : "";
  return `a regular expression of RE2 (${error}: ${JSON.stringify(input)}${place}${instead})`;
}

function toPattern(source: string, compiled: RE2JS, size: number): Pattern {
  const named = Object.entries(compiled.namedGroups());
  const count = compiled.groupCount();
  return {
    source,
    longest: Math.min(longestMatched, Math.floor(mostSteps / size)),
    groups: { count, names: named.map(([name]) => name) },
    test: (text) => compiled.matcher(text).find(),
    find: (text) => {
      const matcher = compiled.matcher(text);
      if (!matcher.find()) return undefined;
      const captures = new Map<number | string, string>();
      for (let group = 1; group <= count; group++) {
        const captured: string | null = matcher.group(group);
        if (captured !== null) captures.set(group, captured);
      }
      for (const [name, group] of named) {
        const captured = captures.get(group);
        if (captured !== undefined) captures.set(name, captured);
      }
      return captures satisfies Captures;
    },
  };
}
