/**
 * Where a module failed: Node knows, but tells it in three ways. A syntax error in TypeScript, or an import that
 * finds nothing of that name, has its place above the message in the stack. An error that was thrown has it in the
 * frames. One in JavaScript's syntax has it nowhere, and `node --check` must be asked.
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

export interface FailurePlace {
  /** An absolute path, and a line counted from 1. */
  readonly place?: { readonly file: string; readonly line: number };
  /** The line, and below it what is meant, marked. */
  readonly excerpt?: string;
}

/** Finds the place in what was thrown while the module in `file` was loaded; an empty answer if there is none. */
export function failurePlace(file: string, error: unknown): FailurePlace {
  const stack = error instanceof Error ? (error.stack ?? "") : "";
  const found = placeAbove(stack) ?? placeInFrames(stack);
  if (found !== undefined || !(error instanceof SyntaxError)) return found ?? {};
  const { stderr } = spawnSync(process.execPath, ["--check", file], { encoding: "utf8" });
  return placeAbove(stderr) ?? {};
}

/** `FILE:LINE`, the line and its neighbours, a row of carets. */
const head = /^(?<file>(?:file:\/\/)?\/.+):(?<line>\d+)\n(?<lines>[^]*?)\n(?<marks> *\^+)/;

function placeAbove(stack: string): FailurePlace | undefined {
  const { file, line, lines, marks } = head.exec(stack)?.groups ?? {};
  if (file === undefined || lines === undefined || marks === undefined) return undefined;
  return {
    place: { file: pathOf(file), line: Number(line) },
    excerpt: indented([lines.split("\n").at(-1) ?? "", marks]),
  };
}

const frame = /\(?(?<file>file:\/\/\/[^\s)]+):(?<line>\d+):\d+\)?$/m;

function placeInFrames(stack: string): FailurePlace | undefined {
  const { file, line } = frame.exec(stack)?.groups ?? {};
  return file === undefined ? undefined : { place: { file: pathOf(file), line: Number(line) } };
}

const pathOf = (file: string): string => (file.startsWith("file:") ? fileURLToPath(file) : file);

/** The lines, moved together so that the first begins in column 5. */
function indented([text = "", marks = ""]: readonly string[]): string {
  const depth = text.length - text.trimStart().length;
  return [text, marks].map((line) => `    ${line.slice(depth)}`).join("\n");
}
