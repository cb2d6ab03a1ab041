/**
 * A shop tried with random schedules: every promise after every step, and in the end nothing left. A failure says how
 * to see it again, shrunk to its shortest.
 */
import fc from "fast-check";

import type { Upstream } from "../../../core/model/upstream.ts";
import { Fleet } from "./fleet.ts";
import { checkNothingCounted, checkPromises } from "./promises.ts";
import { shops, type ShopName } from "./shops.ts";
import { drains, isolates, schedules, type Step } from "./step.ts";

export interface Trial {
  readonly shop: ShopName;
  readonly numRuns: number;
  /** The same schedules again; absent: others each time. */
  readonly seed?: number;
  /** Of these, the one that failed. */
  readonly path?: string;
}

/** More than a stream's hold and all that its ceiling is kept for beyond it. */
const longestMs = 400_000;

/** Runs one schedule, and then lets all requests and all times end. */
function trySchedule(upstream: Upstream, steps: readonly Step[]): void {
  const fleet = new Fleet(upstream, isolates);
  for (const step of steps) {
    fleet.applyStep(step);
    checkPromises(fleet);
  }
  fleet.settle();
  checkPromises(fleet);
  const { kills, evictions, vanished } = fleet.counts;
  if (kills + evictions + vanished === 0) checkNothingCounted(fleet, "as soon as everyone has said so");
  fleet.applyStep({ kind: "wait", ms: longestMs });
  checkNothingCounted(fleet, "after all time");
}

/** What failed, and how to replay it; `undefined` if nothing did. */
export function failureOf({ shop, ...options }: Trial): string | undefined {
  const run = fc.check(
    fc.property(fc.oneof({ weight: 2, arbitrary: schedules }, { weight: 1, arbitrary: drains }), (steps) =>
      trySchedule(shops[shop], steps),
    ),
    options,
  );
  if (!run.failed) return undefined;
  const steps = run.counterexample?.[0].map((step) => `  ${JSON.stringify(step)}`) ?? [];
  const replay = `npm run test:long -- --shop ${shop} --seed ${run.seed} --path ${run.counterexamplePath ?? 0}`;
  const { errorInstance } = run;
  return [`${shop}: ${String(errorInstance)}`, ...steps, `Replay it: ${replay}`].join("\n");
}
