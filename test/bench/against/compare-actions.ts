/** `npm run bench -- --actions`: what a request costs whose route has five actions, and what one costs without them. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startOrigin } from "../origin.ts";
import { weirActions } from "../rungs/weir-actions.ts";
import { weirLeased } from "../rungs/weir-leased.ts";
import { measurePairs, type PairPlan } from "./measure-pairs.ts";
import { toComparisons, type Comparison } from "./verdict.ts";

/** Five actions together may cost so much of a plain request's CPU time. */
export const leastWithActions = 0.93;

/** Measures both in turn, and leaves nothing behind, however it ends. */
export async function compareActions(plan: PairPlan): Promise<Comparison[]> {
  await using made = new AsyncDisposableStack();
  const workDir = await mkdtemp(join(tmpdir(), "weir-bench-"));
  made.defer(() => rm(workDir, { recursive: true, force: true }));
  const origin = await startOrigin();
  made.defer(origin.stop);
  const name = "route";
  const rungs = { old: [{ ...weirLeased, name }], new: [{ ...weirActions, name }] };
  return toComparisons(await measurePairs(rungs, origin, workDir, plan), leastWithActions);
}
