/**
 * Regular expressions, as rules know them: an interface, since the engine (RE2's, which never backtracks, so that no input costs more than
 * its length) is a library and is not part of the core.
 *
 * Patterns see a path decoded, as nginx's and Apache's do: `/caf%C3%A9` is `/café`, and `\w` means what its author thinks. What would
 * change the path's meaning stays encoded: a slash, a backslash, a percent sign, controls.
 */
import type { Groups } from "../templates/template.ts";

/** What the groups have captured, by number and by name; a group that took no part is absent. */
export type Captures = ReadonlyMap<number | string, string>;

export const noCaptures: Captures = new Map();

export interface Pattern {
  /** As it is written. */
  readonly source: string;
  readonly groups: Groups;
  /** Longer texts are not given to it: what a match costs grows with the pattern's size and the text's length. In characters. */
  readonly longest: number;
  /** Finds the pattern anywhere in the text; `undefined`: it is not there. */
  readonly find: (text: string) => Captures | undefined;
  /** As `find`, without captures, which costs less. */
  readonly test: (text: string) => boolean;
}

/** The longest text that any pattern is given. */
export const longestMatched = 4_096;

/** @param path in the form of `routingPath`, with capitals in its encodings. */
export function decodedPath(path: string): string {
  return path.includes("%") ? path.replaceAll(/(?:%(?!2F|5C|25|7F|[01])[\dA-F]{2})+/g, decodeRun) : path;
}

function decodeRun(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    // No UTF-8: the bytes stay encoded.
    return encoded;
  }
}
