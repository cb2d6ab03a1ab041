/**
 * The least load per weight wins; ties take turns by smooth weighted round robin, so that an idle pool is not
 * always entered through its first origin. With open requests for load this is weighted least connections,
 * with the fleet's count. Source: nginx, `ngx_http_upstream_least_conn_module.c`.
 */
import type { LoadSignal } from "../load/signal.ts";
import type { PolicyName } from "../upstream.ts";
import type { Candidate, Choice, SelectionPolicy } from "./policy.ts";
import { SmoothWeighted } from "./smooth-weighted.ts";

export class LeastLoad implements SelectionPolicy {
  readonly name: PolicyName;
  readonly #signal: LoadSignal;
  readonly #turns = new SmoothWeighted();
  /** Kept from pick to pick, so that a pick allocates nothing. */
  readonly #ties: Candidate[] = [];

  constructor(name: PolicyName, signal: LoadSignal) {
    this.name = name;
    this.#signal = signal;
  }

  select(candidates: readonly Candidate[], { now }: Pick<Choice, "now">): Candidate | undefined {
    const ties = this.#ties;
    ties.length = 0;
    let best: Candidate | undefined;
    let least = Infinity;
    for (const candidate of candidates) {
      const load = this.#signal.load(candidate.name, candidate.inFlight, now);
      // Crosswise, as nginx compares: exact for whole numbers.
      const difference = best === undefined ? -1 : load * best.weight - least * candidate.weight;
      if (best === undefined || difference < 0) {
        best = candidate;
        least = load;
        if (ties.length > 0) ties.length = 0;
      } else if (difference === 0) {
        if (ties.length === 0) ties.push(best);
        ties.push(candidate);
      }
    }
    return ties.length > 0 ? this.#turns.select(ties) : best;
  }
}
