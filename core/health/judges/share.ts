/**
 * The share of failures in the last half minute, beside the peers: finds an origin that fails every third request, whose good answers
 * in between end every row. The source is Envoy's outlier detection by failure percentage and success rate, which accuses hosts that do
 * notably worse than the rest.
 *
 * Also the number of failures has to be above the peers', and not only their share: a client that asks the peers for what they answer
 * well, however often, changes shares, but no number of failures.
 */
import { kindOf, weightOf, type Accusation, type Case, type OriginJudge } from "./judge.ts";
import { betterHalf, shareOf } from "./peers.ts";
import { windowMs } from "./window.ts";

/** Answers that must have been seen, here and of the peers. */
const leastSeen = 10;

/** The part that must have failed; where the place follows from what is asked for, one page that fails may be a large part. */
const leastShare = 0.2;
const leastShareUneven = 0.8;

/** So many times as much as of the peers. */
const notably = 3;

export const share: OriginJudge = {
  name: "share",
  judge(of: Case): Accusation | undefined {
    const { seen, rules } = of;
    const failed = weightOf(seen.failures, of);
    const own = shareOf({ good: seen.good, failed });
    const least = of.isUneven ? leastShareUneven : leastShare;
    if (failed < rules.failures || seen.good + failed < leastSeen || own < least) return undefined;
    const better = betterHalf(of);
    if (better.good + better.failed < leastSeen) return undefined;
    if (own < notably * shareOf(better) || failed < notably * better.failedByWeight) return undefined;
    const reason = `${percent(own)} of its answers in ${windowMs / 1000} s were failures, of its peers' ${percent(shareOf(better))}`;
    return { by: "share", of: kindOf(seen.failures), reason };
  },
};

const percent = (part: number): string => `${Math.round(100 * part)} %`;
