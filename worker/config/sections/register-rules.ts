/** What must hold between `register` and the rest of its upstream. */
import { quote } from "../parse/notation.ts";
import { itemsOf, valueAt } from "../parse/plain.ts";
import type { Path, Plain, Problem } from "../parse/plain.ts";
import { parseUrlPattern } from "../kinds/url-pattern.ts";

/** The problems of the pools of the upstream at `path`. `target` as written: only `"edge"` is special. */
export function registerProblems(
  upstream: Plain | undefined,
  path: Path,
  target: Plain | undefined,
): Problem[] {
  const hasRegions = itemsOf(valueAt(upstream, "regions")).length > 0;
  return itemsOf(valueAt(upstream, "pools")).flatMap((pool, index): Problem[] => {
    const at = [...path, "pools", index];
    if (valueAt(pool, "register") === undefined) return emptyPool(pool, at);
    const unreachable = target === "edge" ? addressesAtEdge(pool, at) : [];
    return hasRegions ? unreachable.concat(besideRegions(at)) : unreachable;
  });
}

function emptyPool(pool: Plain, path: Path): Problem[] {
  const origins = valueAt(pool, "origins");
  if (!Array.isArray(origins) || origins.length > 0) return [];
  return [
    {
      path: [...path, "origins"],
      expected: "a list of 1 to 1000 origins; none only in a pool with register",
    },
  ];
}

/** Regions are leased what the root has; who joined meanwhile they would have to be told, and their isolates by them. */
function besideRegions(path: Path): Problem {
  const expected = "no register, or no regions: a region's object does not learn of origins that join";
  return { path: [...path, "register"], found: "register beside regions", expected };
}

/** As for the URLs of origins: the platform refuses a public fetch to an address. */
function addressesAtEdge(pool: Plain, path: Path): Problem[] {
  return itemsOf(valueAt(pool, "register", "urls")).flatMap((url, index) => {
    const parsed = typeof url === "string" ? parseUrlPattern(url) : undefined;
    if (parsed?.host.kind !== "range") return [];
    const expected = `public DNS names, such as ${quote("https://*.cloud.example.net")}: at the edge a public fetch to an IP address fails (error 1003)`;
    return [{ path: [...path, "register", "urls", index], expected }];
  });
}
