/** Objects whose keys mean the same in several spellings: headers, domains, ranges of statuses. */
import type { Rule } from "../rule.ts";

/** Finds keys of the object at `key` that mean the same as an earlier one. */
export function repeatedKeys<Key extends string>(
  key: Key,
  meaning: (written: string) => string,
  found: string,
  expected: string,
): Rule<Readonly<Record<Key, Readonly<Record<string, unknown>>>>> {
  return (values) => {
    const seen = new Set<string>();
    return Object.keys(values[key]).flatMap((written) => {
      const isNew = !seen.has(meaning(written));
      seen.add(meaning(written));
      return isNew ? [] : [{ path: [key, written], found, expected }];
    });
  };
}
