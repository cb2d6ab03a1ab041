/**
 * `JSON.parse` keeps the last of two equal keys and says nothing, so that an upstream that was written twice would be
 * lost in silence. RFC 8259 §4 leaves it open; a config must not.
 */

const token = /"(?:[^"\\]|\\.)*"|[{}[\],:]/g;

/** A repeated key, and the line (from 1) where it stands for the second time. */
export interface RepeatedKey {
  readonly key: string;
  readonly line: number;
}

/** The keys that an object of a JSON text, which must be valid, has more than once. */
export function repeatedKeys(json: string): RepeatedKey[] {
  const repeated: RepeatedKey[] = [];
  const open: (Set<string> | undefined)[] = [];
  let last: RegExpExecArray | undefined;
  for (const match of json.matchAll(token)) {
    const keys = open.at(-1);
    if (match[0] === "{") open.push(new Set());
    else if (match[0] === "[") open.push(undefined);
    else if (match[0] === "}" || match[0] === "]") open.pop();
    else if (match[0] === ":" && keys !== undefined && last !== undefined) {
      const key: unknown = JSON.parse(last[0]);
      if (typeof key !== "string") continue;
      if (keys.has(key)) repeated.push({ key, line: json.slice(0, last.index).split("\n").length });
      keys.add(key);
    }
    last = match;
  }
  return repeated;
}
