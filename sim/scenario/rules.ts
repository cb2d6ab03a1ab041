/**
 * What must hold between the places of a scenario that has the right shape: names that exist and are unique, traces
 * that can be used, and no load that piles up for ever.
 */
import { nearest } from "../../worker/config/nearest.ts";
import { quote } from "../../worker/config/notation.ts";
import type { Path, Problem } from "../../worker/config/plain.ts";
import { capacityPerSecond } from "./capacity.ts";
import { completeScenario, type Traces } from "./complete.ts";
import type { Scenario } from "./scenario.ts";
import type { WrittenScenario } from "./schema.ts";

export const maxServers = 10_000;

export function scenarioProblems(
  written: WrittenScenario,
  traces: Traces,
  policies: readonly string[],
): Problem[] {
  const problems = [
    ...repeatedPools(written),
    ...tooManyServers(written),
    ...missingLoads(written),
    ...unknownPolicies(written.policies ?? [], policies),
    ...(written.faults ?? []).flatMap((fault, index) => reversed(fault, ["faults", index])),
  ];
  if (problems.length > 0) return problems;
  const scenario = completeScenario(written, traces);
  return [...unknownServers(written, scenario), ...endlessLoads(written, scenario)];
}

function repeatedPools({ pools }: WrittenScenario): Problem[] {
  return pools.flatMap(({ name }, index) =>
    pools.findIndex((pool) => pool.name === name) === index
      ? []
      : [{ path: ["pools", index, "name"], expected: "a name that no other pool has" }],
  );
}

function tooManyServers({ pools }: WrittenScenario): Problem[] {
  const count = pools.flatMap(({ servers }) => servers).reduce((sum, group) => sum + (group.count ?? 1), 0);
  if (count <= maxServers) return [];
  return [{ path: ["pools"], found: `${count} servers`, expected: `at most ${maxServers} servers` }];
}

function missingLoads({ loads, arrivals }: WrittenScenario): Problem[] {
  const hasRate = arrivals?.ratePerSecond !== undefined || arrivals?.kind === "trace";
  if (loads !== undefined || hasRate) return [];
  return [{ path: ["loads"], expected: "a list of loads, or a rate in arrivals.ratePerSecond" }];
}

/** Names of policies that there are not. */
export function unknownPolicies(
  names: readonly string[],
  known: readonly string[],
  at: Path = [],
): Problem[] {
  return names.flatMap((name, index) => {
    if (known.includes(name)) return [];
    const expected = `${quote(nearest(name, known) ?? "")}? Known: ${known.join(", ")}`;
    return [{ path: [...at, "policies", index], expected }];
  });
}

function reversed(
  { atMs, untilMs }: { readonly atMs: number; readonly untilMs?: number },
  path: Path,
): Problem[] {
  if (untilMs === undefined || untilMs > atMs) return [];
  return [{ path: [...path, "untilMs"], expected: `a time after atMs, ${atMs}` }];
}

function unknownServers({ faults = [] }: WrittenScenario, { servers }: Scenario): Problem[] {
  const known = servers.map(({ name }) => name);
  return faults.flatMap((fault, index) =>
    ("servers" in fault ? fault.servers : []).flatMap((name, place) => {
      if (known.includes(name)) return [];
      const expected = `the name of a server, such as ${quote(nearest(name, known) ?? "")}`;
      return [{ path: ["faults", index, "servers", place], expected }];
    }),
  );
}

/** Without a timeout and a bound to the queues, a load above what all servers can do piles up for ever. */
function endlessLoads(written: WrittenScenario, scenario: Scenario): Problem[] {
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
