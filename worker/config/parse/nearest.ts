/** Suggestions for what was probably meant, by edit distance (Levenshtein 1966). */
import { closest, distance } from "fastest-levenshtein";
import { quote } from "./notation.ts";

/** A legal config has no longer names and no longer lists of them; in any other a suggestion must not cost seconds. */
const maxLength = 64;
const maxKnown = 100;

/** The known word that is nearest to what was written; `undefined` if there is none at all. */
export function nearest(written: string, known: readonly string[]): string | undefined {
  const words = known.slice(0, maxKnown).map((word) => word.slice(0, maxLength));
  return words.length === 0 ? undefined : closest(written.slice(0, maxLength), words);
}

/**
 * What is expected in place of a word that is not known: the one that was probably meant, if any is like it, and all that are known.
 * A suggestion that is nothing like what was written would only mislead.
 */
export function expectedWord(written: string, known: readonly string[]): string {
  const all = known.join(", ");
  const meant = known.find((word) => isShortFor(written, word)) ?? nearest(written, known);
  return meant !== undefined && isLike(written, meant)
    ? `${quote(meant)}? Known here: ${all}`
    : `one that is known here: ${all}`;
}

/** Whether what was written leaves letters of the word out, and has no others: `maxBody` for `maxRequestBody`. */
function isShortFor(written: string, word: string): boolean {
  if (written.length < 3 || written[0] !== word[0]) return false;
  let found = 0;
  for (const letter of word) if (letter === written[found]) found += 1;
  return found === written.length;
}

/** Whether it is short for the word, or at most half of its letters would have to change. */
function isLike(written: string, word: string): boolean {
  const longer = Math.max(written.length, word.length);
  return isShortFor(written, word) || (longer <= maxLength && distance(written, word) * 2 <= longer);
}
