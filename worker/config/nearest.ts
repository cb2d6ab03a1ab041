/** Suggestions for what was probably meant, by edit distance (Levenshtein 1966). */
import { closest } from "fastest-levenshtein";

/** A legal config has no longer names and no longer lists of them; in any other a suggestion must not cost seconds. */
const maxLength = 64;
const maxKnown = 100;

/** The known word that is nearest to what was written; `undefined` if there is none at all. */
export function nearest(written: string, known: readonly string[]): string | undefined {
  const words = known.slice(0, maxKnown).map((word) => word.slice(0, maxLength));
  return words.length === 0 ? undefined : closest(written.slice(0, maxLength), words);
}
