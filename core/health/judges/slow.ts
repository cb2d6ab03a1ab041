/**
 * Time to headers beside the peers: finds an origin that answers everything, but several times more slowly. It goes by the lower quartile
 * of each origin's times, since a client that asks one origin for slow pages moves a mean, and even a median, but the fastest quarter
 * only if it sends most of that origin's requests. That is still possible, so this judge is off by default (`passive.slow`); policies
 * that go by load send a slow origin less by themselves.
 */
import type { Millis } from "../../model/upstream.ts";
import type { Accusation, Case, OriginJudge } from "./judge.ts";

/** Times that must be known, of the origin and of each peer that counts. */
const leastTimes = 20;

/** So many times as long as the peers, and longer by so much. */
const notably = 4;
const leastMs: Millis = 50;

export const slow: OriginJudge = {
  name: "slow",
  judge({ rules, seen, peers }: Case): Accusation | undefined {
    if (rules.slow !== true || seen.whose !== "several" || seen.headerMs.length < leastTimes)
      return undefined;
    const known = peers.filter(({ headerMs }) => headerMs.length >= leastTimes);
    if (known.length === 0) return undefined;
    const own = quantile(seen.headerMs, 0.25);
    const usual = quantile(
      known.map(({ headerMs }) => quantile(headerMs, 0.25)),
      0.5,
    );
    if (own < notably * usual || own < usual + leastMs) return undefined;
    const reason = `the fastest quarter of its answers takes ${Math.round(own)} ms, of its peers' ${Math.round(usual)} ms`;
    return { by: "slow", of: "slow", reason };
  },
};

/** The value below which so much of the list lies; the lower one of two. */
function quantile(list: readonly number[], part: number): number {
  const sorted = list.toSorted((a, b) => a - b);
  return sorted[Math.floor(part * (sorted.length - 1))] ?? 0;
}
