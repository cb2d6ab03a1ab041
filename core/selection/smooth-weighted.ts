/**
 * Smooth weighted round robin, as nginx has it: every candidate gains its weight each turn, the richest is
 * chosen and pays the total. Over a full cycle each gets exactly its weight, and a heavy origin's turns are
 * spread out instead of coming in a row. Source: nginx, `ngx_http_upstream_round_robin.c` (commit 52327e0,
 * "smooth weighted round-robin balancing").
 */
import { PerOrigin } from "../model/per-origin.ts";
import type { Candidate, SelectionPolicy } from "./policy.ts";

/** The turns of one pool. Keeps one number an origin, also for those that are missing for a while. */
export class SmoothWeighted implements SelectionPolicy {
  readonly name = "round_robin";
  readonly #purses = new PerOrigin(() => ({ credit: 0 }));

  select(candidates: readonly Candidate[]): Candidate | undefined {
    return this.among(candidates, candidates.length);
  }

  /** Whose turn it is among the first `count` candidates. */
  among(candidates: readonly Candidate[], count: number): Candidate | undefined {
    let total = 0;
    let richest: Candidate | undefined;
    let most = -Infinity;
    for (let index = 0; index < count; index++) {
      const candidate = candidates[index];
      if (candidate === undefined) break;
      const purse = this.#purses.of(candidate.name);
      purse.credit += candidate.weight;
      total += candidate.weight;
      if (purse.credit > most) {
        most = purse.credit;
        richest = candidate;
      }
    }
    if (richest !== undefined) this.#purses.of(richest.name).credit = most - total;
    return richest;
  }
}
