/** What a JSON file that a person wrote holds, or why it cannot be read, in words. */
import { readFileSync } from "node:fs";
import { ExpectedError } from "../expected-error.ts";
import { displayPath } from "../terminal/display-path.ts";
import { jsonMistake } from "./json-mistake.ts";
import { repeatedKeys } from "./repeated-keys.ts";

/**
 * The value in a JSON file. A byte order mark, which some editors write, is skipped (RFC 8259 §8.1 allows it).
 * @throws ExpectedError if the file cannot be read, is not JSON, or has a key twice in one object.
 */
export function readJson(file: string): unknown {
  const text = readText(file);
  const value = parseJson(file, text);
  const repeated = repeatedKeys(text);
  if (repeated.length === 0) return value;
  const list = repeated.map(({ key, line }) => `  line ${line}: ${JSON.stringify(key)}`);
  throw new ExpectedError(
    `${displayPath(file)} has keys twice in one object, of which only the last would count:\n\n${list.join("\n")}`,
  );
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8").replace(/^\uFEFF/, "");
  } catch (error) {
    throw new ExpectedError(`${displayPath(file)} cannot be read: ${messageOf(error)}`);
  }
}

function parseJson(file: string, text: string): unknown {
  if (text.trim() === "") throw new ExpectedError(`${displayPath(file)} is empty.`);
  try {
    return JSON.parse(text);
  } catch (error) {
    const mistake = jsonMistake(text);
    // It reads the same grammar, and so finds one.
    if (mistake === undefined) throw error;
    const { line, column, found, expected } = mistake;
    throw new ExpectedError(
      `${displayPath(file)} cannot be read as JSON.\n\n  line ${line}, column ${column}\n    found     ${found}\n    expected  ${expected}`,
    );
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
