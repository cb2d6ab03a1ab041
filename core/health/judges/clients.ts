/**
 * Different clients that meet failures at one origin, while the peers' clients meet hardly any: finds an outage that one client hides, by
 * asking for what the origin still answers well so often that no row and no share shows it. Good answers do not count here at all, so that
 * no number of them hides anything.
 *
 * It goes by numbers of failures, so it needs peers that get their part of the requests: not where one origin gets them all, or
 * where what is asked for decides which one.
 */
import { kindOf, weightOf, type Accusation, type Case, type OriginJudge } from "./judge.ts";
import { betterHalf } from "./peers.ts";
import { windowMs } from "./window.ts";

const leastClients = 4;

/** Failures that count, beyond what the peers would have by chance. */
const leastFailed = 8;
const notably = 3;

/** Good answers of each of the peers that it is compared with, on average. */
const leastGood = 20;

export const clients: OriginJudge = {
  name: "clients",
  judge(of: Case): Accusation | undefined {
    const { failures } = of.seen;
    if (of.isUneven || failures.clients < leastClients) return undefined;
    const failed = weightOf(failures, of);
    if (failed < Math.max(leastFailed, of.rules.failures)) return undefined;
    const better = betterHalf(of);
    if (better.good < leastGood * Math.max(1, better.origins)) return undefined;
    if (failed < leastFailed + notably * better.failedByWeight) return undefined;
    const reason = `${failures.clients} clients or more met ${failed} failures in ${windowMs / 1000} s, at its peers ${Math.round(better.failedByWeight)}`;
    return { by: "clients", of: kindOf(failures), reason };
  },
};
