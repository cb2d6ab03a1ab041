/** What a JSON file that a person wrote holds, or why it cannot be read, in words. A `.jsonc` file may have comments. */
import { readFileSync } from "node:fs";
import { basename, extname } from "node:path";
import { ExpectedError } from "../expected-error.ts";
import { displayPath } from "../terminal/display-path.ts";
import { shownPlace, type FindPlace } from "./file-place.ts";
import { jsonMistake, type JsonMistake } from "./json-mistake.ts";
import { jsonPlaces } from "./json-places.ts";
import { toJson } from "./jsonc.ts";

export interface JsonFile {
  readonly value: unknown;
  /** The text as JSON: of a `.jsonc` file without its comments. Everything stands where it stands in the file. */
  readonly json: string;
  readonly find: FindPlace;
}

/**
 * The value in a JSON file, and where its parts are. A byte order mark, which some editors write, is skipped (RFC 8259 §8.1
 * allows it).
 * @throws ExpectedError if the file cannot be read, is not what its name says, or has a key twice in one object.
 */
export function readJson(file: string): JsonFile {
  const written = readText(file);
  const json = isJsonc(file) ? toJson(written) : written;
  const value = parseJson(file, json);
  const { find, repeated } = jsonPlaces(json);
  if (repeated.length === 0) return { value, json, find };
  const list = repeated.map(
    ({ key, first, again }) =>
      `  ${shownPlace(file, again)}  ${JSON.stringify(key)}\n    first     ${shownPlace(file, first)}`,
  );
  throw new ExpectedError(
    `${displayPath(file)} has keys twice in one object, of which only the last would count:\n\n${list.join("\n")}`,
  );
}

export const isJsonc = (file: string): boolean => extname(file).toLowerCase() === ".jsonc";

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8").replace(/^\uFEFF/, "");
  } catch (error) {
    throw new ExpectedError(`${displayPath(file)} cannot be read: ${messageOf(error)}`);
  }
}

function parseJson(file: string, json: string): unknown {
  if (json.trim() === "") throw new ExpectedError(`${displayPath(file)} is empty.`);
  try {
    return JSON.parse(json);
  } catch (error) {
    const mistake = jsonMistake(json);
    // It reads the same grammar, and so finds one.
    if (mistake === undefined) throw error;
    const { found, expected } = mistake;
    const kind = isJsonc(file) ? "JSON with comments" : "JSON";
    throw new ExpectedError(
      `${displayPath(file)} cannot be read as ${kind}.\n\n  ${shownPlace(file, mistake)}\n    found     ${found}\n    expected  ${expected}`,
      isJsonc(file) ? undefined : jsoncHint(file, json, mistake),
    );
  }
}

/** What is a mistake in JSON, and none in JSON with comments, needs only another name of the file. */
function jsoncHint(file: string, text: string, { line, column }: JsonMistake): string | undefined {
  const other = jsonMistake(toJson(text));
  if (other?.line === line && other.column === column) return undefined;
  const name = `${basename(file, extname(file))}.jsonc`;
  return `Comments, and a comma after the last item, may be in a .jsonc file: leave them out, or call the file ${name}.`;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
