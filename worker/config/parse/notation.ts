/** How places and values of a config are written where people read them: in issues and lists. */
import type { Path, Plain } from "./plain.ts";

const maxLength = 80;

/** `upstreams.shop.pools[0].origins[1].url`; keys that are more than a word in quotes, `upstreams["eu.shop"]`. */
export function formatPath(path: Path): string {
  if (path.length === 0) return "(config)";
  return path.map(formatKey).join("").replace(/^\./, "");
}

/** A value as JSON, on one line, 80 characters at most; characters that could upset a terminal are escaped. */
export function quote(value: Plain): string {
  const json = JSON.stringify(value)
    .slice(0, maxLength + 1)
    .replace(/[[\p{C}\p{Z}]--[ ]]/gv, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
  return json.length <= maxLength ? json : `${json.slice(0, maxLength - 1)}…`;
}

function formatKey(key: string | number): string {
  if (typeof key === "number") return `[${key}]`;
  return /^[\w-]{1,64}$/.test(key) ? `.${key}` : `[${quote(key)}]`;
}
