/**
 * What must hold between the places of a scenario: names that exist and are unique, times in their order. The rules
 * read it as written and skip what has no readable value, so that they are judged together with the shape: all issues
 * at once. Only whether a load can drain takes a whole scenario to say.
 */
import { nearest } from "../../worker/config/nearest.ts";
import { quote } from "../../worker/config/notation.ts";
import { itemsOf, valueAt, type Path, type Plain, type Problem } from "../../worker/config/plain.ts";
import { capacityPerSecond } from "./capacity.ts";
import type { Scenario } from "./scenario.ts";
import type { WrittenScenario } from "./schema.ts";

const maxServers = 10_000;

export function scenarioProblems(tree: Plain, policies: readonly string[]): Problem[] {
  return [
    ...repeatedPools(tree),
    ...tooManyServers(tree),
    ...missingLoads(tree),
    ...unknownPolicies(tree, policies),
    ...unknownServers(tree),
    ...uselessReshuffle(tree),
    ...itemsOf(valueAt(tree, "faults")).flatMap((fault, index) => reversed(fault, ["faults", index])),
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

function tooManyServers(tree: Plain): Problem[] {
  const { length } = serverNames(tree);
  if (length <= maxServers) return [];
  return [{ path: ["pools"], found: `${length} servers`, expected: `at most ${maxServers} servers` }];
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

/** The n-th server of a pool, from 1, is called after it: `home-3`. */
function serverNames(tree: Plain): string[] {
  return itemsOf(valueAt(tree, "pools")).flatMap((pool) => {
    const counts = itemsOf(valueAt(pool, "servers")).map((group) => valueAt(group, "count") ?? 1);
    const count = counts.reduce<number>((sum, count) => sum + (typeof count === "number" ? count : 0), 0);
    const name = valueAt(pool, "name");
    if (typeof name !== "string" || !(count >= 0)) return [];
    return Array.from({ length: Math.min(count, maxServers + 1) }, (_, index) => `${name}-${index + 1}`);
  });
}

/** Without a timeout and a bound to the queues, a load above what all servers can do piles up for ever. */
export function endlessLoads(written: WrittenScenario, scenario: Scenario): Problem[] {
  const bounded = written.pools.every(({ servers }) =>
    servers.every((group) => group.kind === "slots" && group.backlog !== undefined),
  );
  if (bounded || scenario.requests.timeoutMs < Infinity) return [];
  const most = capacityPerSecond(scenario.servers, scenario.work, true);
  return scenario.loads.flatMap((load, index) => {
    const rate = load * scenario.ratePerSecond;
    if (rate < most) return [];
    return [
      {
        path: written.loads === undefined ? ["arrivals", "ratePerSecond"] : ["loads", index],
        found: `load ${load}: ${Math.round(rate)} requests a second, which can never drain without a timeout`,
        expected: `less than the ${Math.round(most)} a second that all servers can do, or requests.timeoutMs`,
      },
    ];
  });
}
