/**
 * What must hold between the places of a scenario: names that exist and are unique, times in their order. The rules
 * read it as written and skip what has no readable value, so that they are judged together with the shape: all issues
 * at once. Only what servers make of a load takes a whole scenario to say (`loads.ts`).
 */
import { nearest } from "../../worker/config/parse/nearest.ts";
import { quote } from "../../worker/config/parse/notation.ts";
import { burstProblems } from "./burst-rules.ts";
import { regionProblems } from "./region-rules.ts";
import { itemsOf, valueAt, type Path, type Plain, type Problem } from "../../worker/config/parse/plain.ts";

const maxServers = 10_000;

export function scenarioProblems(tree: Plain, policies: readonly string[]): Problem[] {
  return [
    ...repeatedPools(tree),
    ...repeated(tree, "loads", "a load that is not in the list already"),
    ...repeated(tree, "policies", "a policy that is not in the list already"),
    ...foundOutLater(tree),
    ...tooManyServers(tree),
    ...neverSoMany(tree),
    ...missingLoads(tree),
    ...unknownPolicies(tree, policies),
    ...unknownServers(tree),
    ...uselessReshuffle(tree),
    ...regionProblems(tree),
    ...burstProblems(tree),
    ...itemsOf(valueAt(tree, "faults")).flatMap((fault, index) => reversed(fault, ["faults", index])),
    ...afterTheEnd(tree),
  ];
}

function repeatedPools(tree: Plain): Problem[] {
  const names = itemsOf(valueAt(tree, "pools")).map((pool) => valueAt(pool, "name"));
  return names.flatMap((name, index) =>
    typeof name !== "string" || names.indexOf(name) === index
      ? []
      : [{ path: ["pools", index, "name"], expected: "a name that no other pool has" }],
  );
}

function foundOutLater(tree: Plain): Problem[] {
  const [, ...later] = itemsOf(valueAt(tree, "pools"));
  return later.flatMap((pool, index) =>
    valueAt(pool, "capacity") === undefined
      ? []
      : [
          {
            path: ["pools", index + 1, "capacity"],
            expected: "none: only that of the first pool is found out",
          },
        ],
  );
}

/** What is run twice gives the same rows twice, and a mean that counts them so. */
function repeated(tree: Plain, key: "loads" | "policies", expected: string): Problem[] {
  const items = itemsOf(valueAt(tree, key));
  return items.flatMap((item, index) =>
    items.indexOf(item) === index ? [] : [{ path: [key, index], expected }],
  );
}

function tooManyServers(tree: Plain): Problem[] {
  const count = itemsOf(valueAt(tree, "pools")).reduce<number>((sum, pool) => sum + serverCount(pool), 0);
  if (count <= maxServers) return [];
  return [{ path: ["pools"], found: `${count} servers`, expected: `at most ${maxServers} servers` }];
}

/** A pool that grows has the servers that are written, and no more. */
function neverSoMany(tree: Plain): Problem[] {
  return itemsOf(valueAt(tree, "pools")).flatMap((pool, index) => {
    const min = valueAt(pool, "scaling", "min");
    const count = serverCount(pool);
    if (typeof min !== "number" || count === 0 || min <= count) return [];
    return [
      { path: ["pools", index, "scaling", "min"], expected: `at most the ${count} servers of the pool` },
    ];
  });
}

function missingLoads(tree: Plain): Problem[] {
  const isTrace = valueAt(tree, "arrivals", "kind") === "trace";
  const hasRate = valueAt(tree, "arrivals", "ratePerSecond") !== undefined;
  if (isTrace || hasRate || valueAt(tree, "loads") !== undefined) return [];
  return [{ path: ["loads"], expected: "a list of loads, or a rate in arrivals.ratePerSecond" }];
}

function unknownPolicies(tree: Plain, known: readonly string[]): Problem[] {
  return itemsOf(valueAt(tree, "policies")).flatMap((name, index) => {
    if (typeof name !== "string" || known.includes(name)) return [];
    const expected = `${quote(nearest(name, known) ?? "")}? Known: ${known.join(", ")}`;
    return [{ path: ["policies", index], expected }];
  });
}

function unknownServers(tree: Plain): Problem[] {
  const known = serverNames(tree);
  return itemsOf(valueAt(tree, "faults")).flatMap((fault, index) =>
    itemsOf(valueAt(fault, "servers")).flatMap((name, place) => {
      if (typeof name !== "string" || known.includes(name)) return [];
      const expected = `the name of a server, such as ${quote(nearest(name, known) ?? "")}`;
      return [{ path: ["faults", index, "servers", place], expected }];
    }),
  );
}

function uselessReshuffle(tree: Plain): Problem[] {
  const dispatchers = valueAt(tree, "dispatchers");
  const zipf = valueAt(dispatchers, "zipf") ?? 0;
  if (valueAt(dispatchers, "reshuffleMs") === undefined || zipf !== 0) return [];
  const expected = "a zipf above 0 beside it: where all are alike there is nothing to draw anew";
  return [{ path: ["dispatchers", "reshuffleMs"], expected }];
}

function reversed(fault: Plain, path: Path): Problem[] {
  const from = valueAt(fault, "atMs");
  const until = valueAt(fault, "untilMs");
  if (typeof from !== "number" || typeof until !== "number" || until > from) return [];
  return [{ path: [...path, "untilMs"], expected: `a time after atMs, ${from}` }];
}

/** What would happen only when the run is over never happens: a mistake, of which the results would say nothing. */
function afterTheEnd(tree: Plain): Problem[] {
  const [warmupMs = 0, measureMs] = [valueAt(tree, "warmupMs"), valueAt(tree, "measureMs")];
  if (typeof warmupMs !== "number" || typeof measureMs !== "number") return [];
  const endMs = warmupMs + measureMs;
  const paths: Path[] = itemsOf(valueAt(tree, "faults")).map((_, index) => ["faults", index, "atMs"]);
  return [...paths, ["arrivals", "atMs"]].flatMap((path) => {
    const atMs = valueAt(tree, ...path);
    if (typeof atMs !== "number" || atMs < endMs) return [];
    return [{ path, expected: `a time before the end of the run, ${endMs} (warmupMs + measureMs)` }];
  });
}

/** The n-th server of a pool, from 1, is called after it: `home-3`. */
function serverNames(tree: Plain): string[] {
  return itemsOf(valueAt(tree, "pools")).flatMap((pool) => {
    const name = valueAt(pool, "name");
    if (typeof name !== "string") return [];
    const length = Math.min(serverCount(pool), maxServers);
    return Array.from({ length }, (_, index) => `${name}-${index + 1}`);
  });
}

/** How many servers the groups of a pool are, as far as that can be read. */
function serverCount(pool: Plain): number {
  return itemsOf(valueAt(pool, "servers"))
    .map((group) => valueAt(group, "count") ?? 1)
    .reduce<number>((sum, count) => sum + (typeof count === "number" && count > 0 ? count : 0), 0);
}
