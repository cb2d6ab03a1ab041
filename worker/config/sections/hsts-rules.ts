/**
 * What the list that browsers ship (hstspreload.org) demands of a host. A header that says `preload` and lacks
 * the rest is refused there, and its author learns of it weeks later.
 */
import { parseDuration } from "../kinds/duration.ts";
import { valueAt } from "../parse/plain.ts";
import type { Path, Plain, Problem } from "../parse/plain.ts";

const leastMaxAge = "8760h";

/** The problems of a route's `https.hsts`. */
export function hstsProblems(route: Plain, path: Path): Problem[] {
  const hsts = valueAt(route, "https", "hsts");
  if (valueAt(hsts, "preload") !== true) return [];
  const maxAge = valueAt(hsts, "maxAge") ?? leastMaxAge;
  const maxAgeMs = typeof maxAge === "string" ? parseDuration(maxAge) : undefined;
  const isShort = maxAgeMs !== undefined && maxAgeMs < (parseDuration(leastMaxAge) ?? 0);
  const at = [...path, "https", "hsts"];
  return [
    ...(isShort ? [{ path: [...at, "maxAge"], expected: `at least "${leastMaxAge}", for preload` }] : []),
    ...(valueAt(hsts, "includeSubDomains") === true
      ? []
      : [{ path: [...at, "preload"], expected: "includeSubDomains: true beside it" }]),
  ];
}
