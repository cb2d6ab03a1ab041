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
  /** Those with the least load so far; kept from pick to pick and never shortened, so that a pick allocates nothing. */
  readonly #ties: Candidate[] = [];

  constructor(name: PolicyName, signal: LoadSignal) {
    this.name = name;
    this.#signal = signal;
  }

  select(candidates: readonly Candidate[], { now }: Pick<Choice, "now">): Candidate | undefined {
    const ties = this.#ties;
    let tied = 0;
    let least = Infinity;
    let leastWeight = 1;
    for (const candidate of candidates) {
      const { name, weight, inFlight } = candidate;
      const load = this.#signal.load(name, inFlight, now);
      // Crosswise, as nginx compares: exact for whole numbers.
      const difference = load * leastWeight - least * weight;
      if (difference > 0) continue;
      if (difference < 0) {
        tied = 0;
        least = load;
        leastWeight = weight;
      }
      ties[tied++] = candidate;
    }
    return tied > 1 ? this.#turns.among(ties, tied) : ties[tied - 1];
  }
}
