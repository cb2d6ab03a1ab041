/**
 * What an origin is compared with: the better half of its peers. Envoy compares with the mean and the deviation of all hosts, which takes
 * at least five of them. Pools of servers are often smaller, and several servers may be broken at once; the better half is well as long as
 * half of the pool is.
 */
import type { Case, Peer } from "./judge.ts";
import { weightOf } from "./judge.ts";

export interface BetterHalf {
  /** How many origins it has. */
  readonly origins: number;
  /** Their good answers and the failures that count, together. */
  readonly good: number;
  readonly failed: number;
  /** Failures that count, as many as the judged origin would have with its weight. */
  readonly failedByWeight: number;
}

interface Weighed {
  readonly peer: Peer;
  readonly failed: number;
  readonly share: number;
}

/** Of the peers of which something was seen. */
export function betterHalf(of: Case): BetterHalf {
  const seen = of.peers.flatMap((peer): Weighed[] => {
    const failed = weightOf(peer.failures, of);
    return peer.good + failed === 0 ? [] : [{ peer, failed, share: failed / (peer.good + failed) }];
  });
  const better = seen.toSorted((a, b) => a.share - b.share).slice(0, Math.ceil(seen.length / 2));
  let [good, failed, weight] = [0, 0, 0];
  for (const one of better) {
    good += one.peer.good;
    failed += one.failed;
    weight += one.peer.weight;
  }
  return {
    origins: better.length,
    good,
    failed,
    failedByWeight: weight > 0 ? (failed * of.weight) / weight : failed,
  };
}

/** Failures among what was seen, 0–1; of nothing: 0. */
export function shareOf({ good, failed }: Pick<BetterHalf, "good" | "failed">): number {
  return failed === 0 ? 0 : failed / (good + failed);
}
