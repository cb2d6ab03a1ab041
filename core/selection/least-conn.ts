/**
 * Weighted least connections: the candidate with the fewest open requests per weight; ties take turns by
 * smooth weighted round robin, so that an idle pool is not always entered through its first origin.
 * Source: nginx, `ngx_http_upstream_least_conn_module.c`. Here the count is the whole fleet's.
 */
import type { Candidate, SelectionPolicy } from "./policy.ts";
import { SmoothWeighted } from "./smooth-weighted.ts";

export class LeastConn implements SelectionPolicy {
  readonly name = "least_conn";
  readonly #turns = new SmoothWeighted();

  select(candidates: readonly Candidate[]): Candidate | undefined {
    let ties: Candidate[] = [];
    for (const candidate of candidates) {
      const best = ties[0];
      // Crosswise, as nginx compares: exact for the whole numbers that these are.
      const difference =
        best === undefined ? -1 : candidate.inFlight * best.weight - best.inFlight * candidate.weight;
      if (difference < 0) ties = [candidate];
      else if (difference === 0) ties.push(candidate);
    }
    return ties.length > 1 ? this.#turns.select(ties) : ties[0];
  }
}
