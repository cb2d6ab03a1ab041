/** Small scenarios and runs of them. */
import { BrokenInvariant } from "../../sim/engine/invariants.ts";
import type { Row } from "../../sim/engine/results.ts";
import { Simulation, type MakeStrategy } from "../../sim/engine/simulation.ts";
import { parseScenario } from "../../sim/scenario/parse.ts";
import type { Scenario } from "../../sim/scenario/scenario.ts";
import { strategies, strategyNames } from "../../sim/strategies/registry.ts";

export interface Written {
  [key: string]: unknown;
}

/** A few seconds of four servers that are not alike, as written. */
export function written(changes: Written = {}): Written {
  return {
    name: "small",
    warmupMs: 500,
    measureMs: 2000,
    loads: [0.8],
    seeds: 1,
    dispatchers: { count: 6, regions: 2 },
    requests: { timeoutMs: 1000 },
    work: { kind: "lognormal", meanMs: 20, cv: 1 },
    pools: [
      {
        name: "home",
        servers: [
          {
            kind: "cores",
            count: 2,
            cores: 2,
            spare: 2,
            antagonist: { kind: "switching", busyMeanMs: 200, idleMeanMs: 300 },
          },
          { kind: "cores", cores: 2, speed: 0.5 },
          { kind: "slots", workers: 3, backlog: 20 },
        ],
      },
    ],
    ...changes,
  };
}

export function scenario(changes: Written = {}): Scenario {
  const parsed = parseScenario(written(changes), () => undefined, strategyNames);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues));
  return parsed.scenario;
}

/** Runs to the end. */
export function runToEnd(
  of: Scenario,
  {
    policy = "least_conn",
    load = 0.8,
    seed = 1,
    strategy = strategies.get(policy),
  }: {
    readonly policy?: string;
    readonly load?: number;
    readonly seed?: number;
    readonly strategy?: MakeStrategy | undefined;
  } = {},
): Simulation {
  if (strategy === undefined) throw new Error(`no policy ${policy}`);
  const simulation = new Simulation(of, { policy, load, seed }, strategy);
  while (!simulation.run(100_000));
  return simulation;
}

export function rowOf(of: Scenario, run: Parameters<typeof runToEnd>[1] = {}): Row {
  return runToEnd(of, run).row();
}

/** What a run says that must break an invariant. */
export function brokenBy(of: Scenario, run: Parameters<typeof runToEnd>[1]): string {
  try {
    runToEnd(of, run);
  } catch (error) {
    if (error instanceof BrokenInvariant) return error.message;
    throw error;
  }
  throw new Error("no invariant was broken");
}
