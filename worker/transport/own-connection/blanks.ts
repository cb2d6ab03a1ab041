/** The blanks around values (RFC 9110 §5.6.3): spaces and tabs. An expression that ends in `$` would try each run from each of its places. */

/** The part of the text without spaces and tabs at its ends, and no others: `trim` would take off much that belongs to a value. */
export function withoutBlanks(text: string, from = 0, to = text.length): string {
  let [start, end] = [from, to];
  while (start < end && isBlank(text.charCodeAt(start))) start++;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

const isBlank = (code: number): boolean => code === 0x20 || code === 0x09;
