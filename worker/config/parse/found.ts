/**
 * What an issue shows as found. It always comes from the config as written, in which `${ENV:NAME}` is still
 * unresolved, never from the values in use: issues go to terminals, logs and API replies, and secrets must not.
 * Secrets that were written out in the config are masked: where a section says that a value is secret, in what no section
 * describes, and in credentials and queries of URLs and paths.
 */
import type { Part } from "../section.ts";
import { namesIn } from "./interpolate.ts";
import { quote } from "./notation.ts";
import { isList, isObject, valueAt } from "./plain.ts";
import type { Path, Plain } from "./plain.ts";

/** The value at a path as JSON, on one line, 80 characters at most. `root` describes the whole; absent: it has no secrets. */
export function describeFound(asWritten: Plain, path: Path, root: Part | undefined): string {
  const value = valueAt(asWritten, ...path);
  if (value === undefined) return "nothing";
  return quote(masked(value, path.reduce<Place>(below, root ?? "open")));
}

/** Whether the section at a path says that the value there is a secret. */
export function isSecretAt(path: Path, root: Part): boolean {
  const place = path.reduce<Place>(below, root);
  return typeof place === "object" && isSecret(place);
}

/** What describes a place: a part, none that is known, or none that is needed, as nothing there is secret. */
type Place = Part | "unknown" | "open";

function below(place: Place, key: string | number): Place {
  if (typeof place === "string") return place;
  const { about } = place;
  switch (about.is) {
    case "value":
      return place;
    case "section":
      return (Object.hasOwn(about.options, key) ? about.options[key]?.part : undefined) ?? "unknown";
    case "switch":
      return below(about.section, key);
    case "list":
      return typeof key === "number" ? about.item : "unknown";
    case "named":
      return typeof key === "string" ? about.item : "unknown";
  }
}

function masked(value: Plain, place: Place): Plain {
  if (isList(value)) return value.map((item, index) => masked(item, below(place, index)));
  if (isObject(value)) {
    const entries = Object.entries(value);
    return Object.fromEntries(entries.map(([key, each]) => [key, masked(each, below(place, key))]));
  }
  if (value === null || typeof value === "boolean") return value;
  const isShown = place === "open" || (place !== "unknown" && !isSecret(place));
  if (!isShown) return typeof value === "string" && namesIn(value).length > 0 ? value : "***";
  return typeof value === "string" ? maskUrl(value) : value;
}

/** Whether a text or a number there is a secret, or most likely one: in place of a section that holds one. */
function isSecret({ about }: Part): boolean {
  if (about.is === "value") return about.schema.meta()?.["secret"] === true;
  if (about.is !== "section") return false;
  return Object.values(about.options).some(({ part }) => part.about.is === "value" && isSecret(part));
}

function maskUrl(text: string): string {
  const bare = text.replace(/^([a-z][a-z0-9+.-]*:\/\/)?.*@/is, "$1***@");
  return bare.includes("://") || isPathWithValues.test(bare) ? bare.replace(/\?.*$/s, "?***") : bare;
}

const isPathWithValues = /^\/.*\?.*=/s;
