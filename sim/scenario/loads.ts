/** Loads that no run could end with, or no machine hold: each is refused before the first request. */
import type { Problem } from "../../worker/config/parse/plain.ts";
import { capacityPerSecond } from "./capacity.ts";
import type { Scenario } from "./scenario.ts";
import type { WrittenScenario } from "./schema.ts";

/** Requests a second. Ten times what the simulator does in a second of wall time. */
const mostPerSecond = 1e6;

/** Requests that may have to be kept at once: some gigabytes. */
const mostOpen = 1e7;

export function loadProblems(written: WrittenScenario, scenario: Scenario): Problem[] {
  return scenario.loads.flatMap((load, index) => {
    const perSecond = load * scenario.ratePerSecond;
    const problem = tooMany(perSecond) ?? piledUp(perSecond, written, scenario);
    if (problem === undefined) return [];
    const path = written.loads === undefined ? ["arrivals", "ratePerSecond"] : ["loads", index];
    const found = `load ${load}: ${whole(perSecond)} requests a second${problem.found}`;
    return [{ path, found, expected: problem.expected }];
  });
}

interface Excess {
  readonly found: string;
  readonly expected: string;
}

function tooMany(perSecond: number): Excess | undefined {
  if (perSecond <= mostPerSecond) return undefined;
  return { found: "", expected: `at most ${mostPerSecond} a second` };
}

/** Above what servers can do requests pile up, for ever if neither they nor the queues have an end. */
function piledUp(perSecond: number, written: WrittenScenario, scenario: Scenario): Excess | undefined {
  const bounded = written.pools.every(({ servers }) =>
    servers.every((group) => group.kind === "slots" && group.backlog !== undefined),
  );
  const { capacity, whose } = reachable(scenario);
  if (bounded || perSecond < capacity) return undefined;
  const { timeoutMs, cancels } = scenario.requests;
  const less = `less than the ${whole(capacity)} a second that ${whose} can do`;
  if (timeoutMs === Infinity) {
    return { found: ", which can never drain without a timeout", expected: `${less}, or requests.timeoutMs` };
  }
  // Servers work on for clients that have gone, unless requests.cancels.
  const forMs = cancels ? timeoutMs : Math.max(timeoutMs, scenario.warmupMs + scenario.measureMs);
  const open = ((perSecond - capacity) * forMs) / 1000;
  if (open <= mostOpen) return undefined;
  return {
    found: `, which pile up to ${whole(open)}`,
    expected: `${less}, or a bound to its queues, or a shorter run`,
  };
}

/** What can be done by home and by the pools that home spills to: a server without maxConns is never full. */
function reachable({ pools, servers, work }: Scenario): {
  readonly capacity: number;
  readonly whose: string;
} {
  const last = pools.findIndex((_, pool) =>
    servers.some((server) => server.pool === pool && server.maxConns === undefined),
  );
  const reached = last === -1 ? servers : servers.filter(({ pool }) => pool <= last);
  const capacity = capacityPerSecond(reached, work, true);
  const whose =
    reached.length === servers.length
      ? "all servers"
      : `the servers up to pool ${pools[last]?.name}, which never spills without maxConns,`;
  return { capacity, whose };
}

const whole = (count: number): string => String(Math.round(count));
