/**
 * What Weir promises of the story, and whether it was kept. One that is broken says by how much: a demo that cannot fail shows
 * nothing.
 */
import * as outages from "./outage-promises.ts";
import * as peaks from "./peak-promises.ts";
import type { Run, Seen } from "./run.ts";

export interface Verdict extends Seen {
  readonly promise: string;
}

const promises: readonly { readonly promise: string; readonly judge: (run: Run) => Seen }[] = [
  { promise: "A steady load that fits stays home", judge: peaks.steadyStaysHome },
  { promise: "A flash crowd spills into the cloud, and no client gets an error", judge: peaks.crowdSpills },
  {
    promise: "An origin killed under load costs no client an error",
    judge: (run) => outages.noErrors(run, "killed", "revived"),
  },
  {
    promise: "An origin that hangs costs no client an error",
    judge: (run) => outages.noErrors(run, "hanging", "cleared"),
  },
  {
    promise: "… and delays the requests caught in it by its headers timeout at most",
    judge: outages.caughtAreFreed,
  },
  { promise: "… and delays no request once it is noticed", judge: outages.hangIsForgotten },
  { promise: "With all of on-prem dead the cloud serves, without an error", judge: outages.cloudServes },
  {
    promise: `Traffic is back at home within ${outages.homeWithinMs / 1000} s of its servers' return`,
    judge: outages.trafficIsHome,
  },
  { promise: "A burst moves no session", judge: peaks.sessionsStay },
  { promise: "… and after it the sessions that began in the cloud come home", judge: peaks.sessionsComeHome },
  { promise: "A budget is spent to the request, and then home serves all", judge: peaks.budgetIsKept },
  { promise: "The cloud grows when home is too small, and shrinks again", judge: peaks.cloudGrows },
  { promise: "No origin ever has more requests open than its maxConns", judge: peaks.slotsAreKept },
];

/** Judges every promise. */
export function judgePromises(run: Run): readonly Verdict[] {
  return promises.map(({ promise, judge }) => {
    const { kept, seen } = judge(run);
    return { promise, kept, seen };
  });
}
