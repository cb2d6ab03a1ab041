/** Places in the text of a config, counted and written as editors do, so that a terminal can open them. */
import { displayPath } from "../terminal/display-path.ts";
import type { Path } from "../../worker/config/parse/plain.ts";

/** Both from 1; columns count UTF-16 code units. */
export interface FilePlace {
  readonly line: number;
  readonly column: number;
}

/**
 * Finds the value at a path of a config in the text that it was read from, or its key. Where the text does not show it: the
 * nearest value around it. `undefined`: the text shows nothing of it.
 */
export type FindPlace = (path: Path, isKey: boolean) => FilePlace | undefined;

/** `shop.json:12:9` */
export const shownPlace = (file: string, { line, column }: FilePlace): string =>
  `${displayPath(file)}:${line}:${column}`;

/** From an offset in a text to its place. The text is read once, however many places are asked for. */
export function placesIn(text: string): (offset: number) => FilePlace {
  const starts = [0, ...Array.from(text.matchAll(/\n/g), ({ index }) => index + 1)];
  return (offset) => {
    const line = lastAtMost(starts, offset);
    return { line: line + 1, column: offset - (starts[line] ?? 0) + 1 };
  };
}

/** The index of the last of these ascending numbers, of which the first is 0, that is not above `most`. */
function lastAtMost(ascending: readonly number[], most: number): number {
  let [low, high] = [0, ascending.length];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((ascending[middle] ?? Infinity) <= most) low = middle;
    else high = middle;
  }
  return low;
}
