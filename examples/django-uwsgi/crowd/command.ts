/** `npm run example -- crowd`: what was asked for, run as often as asked for, on the terminal and as JSON. */
import { writeFile } from "node:fs/promises";
import { displayPath } from "../../../cli/terminal/display-path.ts";
import type { Front } from "../setup/setup.ts";
import type { PhaseName } from "./phases.ts";
import { runCrowd, type RunResult } from "./run.ts";
import { resultText } from "./table.ts";

export interface CrowdFlags {
  readonly front: Front;
  readonly phases: readonly PhaseName[];
  readonly phaseSeconds: number;
  readonly browsers: number;
  readonly runs: number;
  readonly seed: number;
  /** A file for the results. */
  readonly json?: string;
}

/** @returns the exit code: 1 if a promise was broken. */
export async function crowd(flags: CrowdFlags, signal: AbortSignal): Promise<number> {
  const { front, phases, phaseSeconds, browsers, runs, json } = flags;
  const results: RunResult[] = [];
  for (let run = 0; run < runs; run++) {
    const seed = flags.seed + run;
    console.log(`run ${run + 1} of ${runs}, seed ${seed}`);
    const result = await runCrowd({
      front,
      phases,
      phaseMs: phaseSeconds * 1_000,
      browsers,
      seed,
      signal,
      onPhase: ({ name, faults }) => console.log(`  ${name}: ${faults.length === 0 ? "PASS" : "FAIL"}`),
    });
    results.push(result);
    console.log(`\n${resultText(result)}\n`);
  }
  if (json !== undefined) {
    await writeFile(json, `${JSON.stringify(results, undefined, 2)}\n`);
    console.log(`The results are in ${displayPath(json)}.`);
  }
  const passed = results.every(
    ({ faults, phases }) => faults.length === 0 && phases.every((phase) => phase.faults.length === 0),
  );
  return passed ? 0 : 1;
}
