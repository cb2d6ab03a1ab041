/** `npm run bench -- --against REF`: what a request costs in this checkout, and what one cost there. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startOrigin } from "../origin.ts";
import type { Rung } from "../rung.ts";
import { checkOut, type Checkout } from "./checkout.ts";
import { measurePairs, type PairPlan } from "./measure-pairs.ts";
import { toComparisons, type Comparison } from "./verdict.ts";

export interface Compared extends Pick<Checkout, "commit" | "hasOtherPackages"> {
  readonly comparisons: readonly Comparison[];
}

/**
 * Checks the reference out, measures, and leaves nothing behind, however it ends.
 * @param rungs this checkout's; those that the reference has, too, are compared.
 * @throws ExpectedError if the reference cannot be compared with.
 */
export async function compare(ref: string, rungs: readonly Rung[], plan: PairPlan): Promise<Compared> {
  await using made = new AsyncDisposableStack();
  const workDir = await mkdtemp(join(tmpdir(), "weir-bench-"));
  made.defer(() => rm(workDir, { recursive: true, force: true }));
  const { commit, hasOtherPackages, rungs: theirs, remove } = await checkOut(ref, join(workDir, "old"));
  made.defer(remove);
  const shared = theirs.filter(({ name }) => rungs.some((rung) => rung.name === name));
  const ours = rungs.filter(({ name }) => shared.some((rung) => rung.name === name));
  const origin = await startOrigin();
  made.defer(origin.stop);
  const pairs = await measurePairs({ old: shared, new: ours }, origin, workDir, plan);
  return { commit, hasOtherPackages, comparisons: toComparisons(pairs) };
}
