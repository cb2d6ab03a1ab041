/**
 * Smooth weighted round robin, as nginx has it: every candidate gains its weight each turn, the richest is
 * chosen and pays the total. Over a full cycle each gets exactly its weight, and a heavy origin's turns are
 * spread out instead of coming in a row. Source: nginx, `ngx_http_upstream_round_robin.c` (commit 52327e0,
 * "smooth weighted round-robin balancing").
 */
import type { OriginName } from "../upstream.ts";
import type { Candidate, SelectionPolicy } from "./policy.ts";

/** The turns of one upstream. Keeps one number an origin, also for those that are missing for a while. */
export class SmoothWeighted implements SelectionPolicy {
  readonly name = "round_robin";
  readonly #credit = new Map<OriginName, number>();

  select(candidates: readonly Candidate[]): Candidate | undefined {
    let total = 0;
    let richest: Candidate | undefined;
    let most = -Infinity;
    for (const candidate of candidates) {
      const credit = (this.#credit.get(candidate.name) ?? 0) + candidate.weight;
      this.#credit.set(candidate.name, credit);
      total += candidate.weight;
      if (credit > most) {
        most = credit;
        richest = candidate;
      }
    }
    if (richest !== undefined) this.#credit.set(richest.name, most - total);
    return richest;
  }
}
