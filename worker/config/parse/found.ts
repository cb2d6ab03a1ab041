/**
 * What an issue shows as found. It always comes from the config as written, in which `${ENV:NAME}` is still
 * unresolved, never from the values in use: issues go to terminals, logs and API replies, and secrets must not.
 * Secrets that were written out in the config are masked where they are usual: what is called a secret, header values,
 * credentials and queries of URLs and paths.
 */
import { namesIn } from "./interpolate.ts";
import { quote } from "./notation.ts";
import { itemsOf, keysOf, valueAt } from "./plain.ts";
import type { Path, Plain } from "./plain.ts";

/** The value at a path as JSON, on one line, 80 characters at most, secrets masked. */
export function describeFound(asWritten: Plain, path: Path): string {
  const value = valueAt(asWritten, ...path);
  if (value === undefined) return "nothing";
  const isSecret =
    path.some((key, index) => key === "secret" || (key === "headers" && path[index - 1] === "health")) ||
    (typeof value !== "object" && holders.has(path.at(-1)));
  return quote(mask(value, isSecret));
}

/** Objects with a secret in them. A text or a number there is most likely the secret itself. */
const holders: ReadonlySet<Path[number] | undefined> = new Set([
  "access",
  "register",
  "loadReports",
  "webhook",
]);

function mask(value: Plain, isSecret: boolean): Plain {
  if (typeof value === "string") return isSecret ? maskWhole(value) : maskUrl(value);
  if (typeof value === "number") return isSecret ? "***" : value;
  if (Array.isArray(value)) return itemsOf(value).map((item) => mask(item, isSecret));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    keysOf(value).map((key) => [
      key,
      mask(valueAt(value, key) ?? null, isSecret || key === "headers" || key === "secret"),
    ]),
  );
}

function maskWhole(text: string): string {
  return namesIn(text).length > 0 ? text : "***";
}

function maskUrl(text: string): string {
  const bare = text.replace(/^([a-z][a-z0-9+.-]*:\/\/)?.*@/is, "$1***@");
  return bare.includes("://") || isPathWithValues.test(bare) ? bare.replace(/\?.*$/s, "?***") : bare;
}

const isPathWithValues = /^\/.*\?.*=/s;
