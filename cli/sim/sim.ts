/** `weir sim`: runs every policy of a scenario at every load with every seed, and shows what came of it. */
import { setImmediate } from "node:timers/promises";
import { Simulation, type MakeStrategy } from "../../sim/engine/simulation.ts";
import type { Row } from "../../sim/engine/results.ts";
import type { Scenario } from "../../sim/scenario/scenario.ts";
import { strategies } from "../../sim/strategies/registry.ts";
import { prepareFolder, writeCharts } from "./chart-file.ts";
import { loadScenario } from "./load-scenario.ts";
import { showProgress, type Progress } from "./progress.ts";
import { jsonReport, paceText, textReport } from "./report.ts";

export interface SimOptions {
  readonly scenario?: string;
  readonly policy?: readonly string[];
  readonly load?: readonly number[];
  readonly seeds?: number;
  readonly seed?: number;
  /** Print the rows as JSON on stdout, and the progress on stderr. */
  readonly json: boolean;
  /** Where to draw the curves; absent: nowhere. */
  readonly svg?: string;
}

/** One run of many. */
interface Run {
  readonly policy: string;
  readonly strategy: MakeStrategy;
  readonly load: number;
  readonly seed: number;
}

/** Events between two looks at the terminal and at Ctrl-C: some hundredths of a second. */
const eventsPerSlice = 20_000;

/**
 * Runs the scenario. Runs follow each other on one core, so that the pace that is printed means something.
 * @returns the exit code, 0.
 */
export async function sim(options: SimOptions, signal: AbortSignal): Promise<number> {
  const scenario = loadScenario(options);
  if (options.svg !== undefined) prepareFolder(options.svg);
  const runs = runsOf(scenario, options.seed);
  const screen = options.json ? process.stderr : process.stdout;
  const progress = showProgress(scenario, runs.length, screen);
  const rows: Row[] = [];
  let requests = 0;
  let wallMs = 0;
  try {
    for (const run of runs) {
      const beganMs = performance.now();
      const simulation = await simulate(scenario, run, progress, signal);
      wallMs += performance.now() - beganMs;
      requests += simulation.arrived;
      rows.push(simulation.row());
      progress.runEnded(simulation.row());
    }
  } finally {
    progress.end();
  }
  const pace = paceText(requests, wallMs);
  console.log(options.json ? jsonReport(rows) : `\n${textReport(scenario, rows)}\n\n${pace}`);
  if (options.json) screen.write(`${pace}\n`);
  if (options.svg !== undefined) {
    for (const file of writeCharts(options.svg, scenario.name, rows)) screen.write(`${file}\n`);
  }
  return 0;
}

async function simulate(
  scenario: Scenario,
  { strategy, ...id }: Run,
  progress: Progress,
  signal: AbortSignal,
): Promise<Simulation> {
  const simulation = new Simulation(scenario, id, strategy);
  progress.begins(id);
  while (!simulation.run(eventsPerSlice)) {
    progress.at(simulation.progress);
    await setImmediate();
    signal.throwIfAborted();
  }
  return simulation;
}

function runsOf({ policies, loads, seeds }: Scenario, only: number | undefined): Run[] {
  const numbers = only === undefined ? Array.from({ length: seeds }, (_, index) => index + 1) : [only];
  return policies.flatMap((policy) => {
    const strategy = strategies.get(policy);
    if (strategy === undefined) throw new TypeError(`the scenario's check let ${policy} through`);
    return loads.flatMap((load) => numbers.map((seed) => ({ policy, strategy, load, seed })));
  });
}
