/** A great many configs at random, only judged: see `judgement.ts`. */
import * as fc from "fast-check";

import { validConfig } from "./accepted-config.ts";
import { anyConfig } from "./any-config.ts";
import { checkJudgement, checkMutation } from "./judgement.ts";
import { anyMutation } from "./mutation.ts";

export interface Judging {
  readonly configs: number;
  readonly seed: number;
  /** Hears how many configs have been judged. */
  readonly onProgress: (configs: number) => void;
}

/** Configs between two words on how far it is. */
const chunk = 500;

/** Half of them may contradict themselves, the others are valid but for one thing. What was judged wrongly, shrunk, with its seed; or nothing. */
export function judgeConfigs({ configs, seed, onProgress }: Judging): string | undefined {
  const loose = fc.property(anyConfig, checkJudgement);
  const mutated = fc.property(validConfig.chain(anyMutation), checkMutation);
  for (let done = 0; done < configs; done += chunk) {
    // Each chunk has a seed of its own: with it, what has failed is among the first.
    const settings = { numRuns: chunk / 2, seed: seed + done };
    for (const run of [fc.check(loose, settings), fc.check(mutated, settings)]) {
      if (!run.failed) continue;
      const shown = fc.stringify(run.counterexample?.[0]);
      const replay = `npm run test:long -- --only config --seed ${run.seed}`;
      return `${String(run.errorInstance)}\n${shown}\nReplay it: ${replay}`;
    }
    onProgress(Math.min(configs, done + chunk));
  }
  return undefined;
}
