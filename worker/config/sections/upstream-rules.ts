/**
 * What must hold between places of one upstream. The rules read the config as written and not the schema's output,
 * and skip what has no readable value, so that they are judged together with the shape: all issues at once.
 */
import { burstProblems } from "./burst-rules.ts";
import { budgetProblems } from "./budget-rules.ts";
import { capacityProblems } from "./capacity-rules.ts";
import { defaults } from "./defaults.ts";
import { parseDuration } from "../kinds/duration.ts";
import { autoscaleProblems } from "./autoscale-rules.ts";
import { queueProblems } from "./queue-rules.ts";
import { registerProblems } from "./register-rules.ts";
import { bareDomain } from "../kinds/host.ts";
import { formatPath } from "../parse/notation.ts";
import { itemsOf, keysOf, valueAt } from "../parse/plain.ts";
import type { Path, Plain, Problem } from "../parse/plain.ts";
import { cookieNameProblems } from "./sticky-rules.ts";
import { viaProblems } from "./via-rules.ts";

const maxOrigins = 1000;

/** `[section, lesser, greater]`: a duration that must not exceed another. */
const orders = [
  ["health", "timeout", "interval"],
  ["passive", "eject", "maxEject"],
  ["sticky", "idle", "ttl"],
  ["timeouts", "headers", "total"],
] as const;

/** The problems of the upstream at `path`. `target` as written: only `"edge"` is special. */
export function upstreamProblems(tree: Plain, path: Path, target: Plain | undefined): Problem[] {
  const upstream = valueAt(tree, ...path);
  const pools = itemsOf(valueAt(upstream, "pools")).map((pool, index) => ({
    pool,
    path: [...path, "pools", index],
  }));
  const origins = pools.flatMap(originsOf);
  return [
    ...repeatedNames(pools.map(({ pool, path }) => ({ name: valueAt(pool, "name"), path }))),
    ...repeatedNames(origins.map(({ origin, path }) => ({ name: valueAt(origin, "name"), path }))),
    ...tooManyOrigins(origins.length + mostRegistered(pools), path),
    ...pools.flatMap(weightless),
    ...origins.flatMap(({ origin, path }) => viaProblems(origin, path, target)),
    ...orders.flatMap(([section, lesser, greater]) => disorder(upstream, path, section, lesser, greater)),
    ...repeatedKeys(upstream, path),
    ...tooLong(upstream, path),
    ...cookieNameProblems(upstream, path),
    ...repeatedRegions(upstream, path),
    ...autoscaleProblems(upstream, path),
    ...queueProblems(upstream, path),
    ...burstProblems(upstream, path),
    ...budgetProblems(upstream, path),
    ...capacityProblems(upstream, path),
    ...registerProblems(upstream, path, target),
  ];
}

interface PoolAt {
  readonly pool: Plain;
  readonly path: Path;
}

interface OriginAt {
  readonly origin: Plain;
  readonly path: Path;
}

function originsOf({ pool, path }: PoolAt): OriginAt[] {
  return itemsOf(valueAt(pool, "origins")).map((origin, index) => ({
    origin,
    path: [...path, "origins", index],
  }));
}

function repeatedNames(named: readonly { name: Plain | undefined; path: Path }[]): Problem[] {
  const firstByName = new Map<string, Path>();
  return named.flatMap(({ name, path }) => {
    if (typeof name !== "string") return [];
    const first = firstByName.get(name);
    if (first === undefined) firstByName.set(name, path);
    return first
      ? { path: [...path, "name"], expected: `a name of its own; ${formatPath(first)} has this one` }
      : [];
  });
}

function repeatedRegions(upstream: Plain | undefined, path: Path): Problem[] {
  const regions = itemsOf(valueAt(upstream, "regions"));
  return regions.flatMap((region, index) =>
    regions.indexOf(region) === index
      ? []
      : {
          path: [...path, "regions", index],
          expected: `a region of its own; regions[${regions.indexOf(region)}] is this one`,
        },
  );
}

function mostRegistered(pools: readonly PoolAt[]): number {
  return pools.reduce((sum, { pool }) => {
    const max = valueAt(pool, "register", "max") ?? defaults.register.max;
    return valueAt(pool, "register") === undefined || typeof max !== "number" ? sum : sum + max;
  }, 0);
}

function tooManyOrigins(count: number, path: Path): Problem[] {
  if (count <= maxOrigins) return [];
  const expected = `at most ${maxOrigins} origins in all pools together`;
  return [{ path: [...path, "pools"], found: `${count} origins`, expected }];
}

function weightless({ pool, path }: PoolAt): Problem[] {
  const origins = itemsOf(valueAt(pool, "origins"));
  if (origins.length === 0 || origins.some((origin) => valueAt(origin, "weight") !== 0)) return [];
  const expected = "at least one origin of a weight above 0";
  return [{ path: [...path, "origins"], found: "weight 0 for each origin", expected }];
}

function disorder(
  upstream: Plain | undefined,
  path: Path,
  section: string,
  lesser: string,
  greater: string,
): Problem[] {
  const lesserMs = durationAt(upstream, section, lesser);
  const greaterMs = durationAt(upstream, section, greater);
  if (lesserMs === undefined || greaterMs === undefined || lesserMs <= greaterMs) return [];
  return [{ path: [...path, section, lesser], expected: `at most ${section}.${greater}` }];
}

function durationAt(upstream: Plain | undefined, ...path: Path): number | undefined {
  const written = valueAt(upstream, ...path);
  return typeof written === "string" ? parseDuration(written) : undefined;
}

/** Sections of which the keys mean the same in several spellings: what they mean, and what they are called. */
const keyed = [
  {
    at: ["health", "headers"],
    // RFC 9110 §5.1
    meaning: (key: string) => key.toLowerCase(),
    found: "the same header again",
    expected: "each header once",
  },
  {
    at: ["rewrite", "cookieDomains"],
    meaning: bareDomain,
    found: "the same domain again",
    expected: "each domain once",
  },
  {
    at: ["errors", "pages"],
    meaning: (key: string) => key.replace(/^(\d+)-\1$/, "$1"),
    found: "the same statuses again",
    expected: "one page for them",
  },
] as const;

function repeatedKeys(upstream: Plain | undefined, path: Path): Problem[] {
  return keyed.flatMap(({ at, meaning, found, expected }) => {
    const seen = new Set<string>();
    return keysOf(valueAt(upstream, ...at)).flatMap((key) => {
      const isNew = !seen.has(meaning(key));
      seen.add(meaning(key));
      return isNew ? [] : { path: [...path, ...at, key], found, expected };
    });
  });
}

/** It is kept as one value by the upstream's objects, where 2 MB is the most, and each character may take two bytes. */
const maxCharacters = 1_000_000;

function tooLong(upstream: Plain | undefined, path: Path): Problem[] {
  const { length } = JSON.stringify(upstream ?? null);
  if (length <= maxCharacters) return [];
  const expected = `at most ${maxCharacters} characters as JSON: its objects keep it as one value`;
  return [{ path, found: `${length} characters`, expected }];
}
