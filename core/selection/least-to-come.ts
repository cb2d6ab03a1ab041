/**
 * The least load per weight wins, of loads that count the request itself (one more than is open). By that alone a heavy origin of an
 * idle pool would get everything: one request is a smaller part of it, always. So every origin that has room for the request within its part takes
 * turns, by smooth weighted round robin: those that a request weighs as much on as on the least loaded, and that have less now
 * than that one would have with it. For equal weights these are the origins that are equally loaded. So a turn never gives an origin
 * more than one request beyond what any other has, per weight, with one more. That is the bound of a divisor method of apportionment
 * (Balinski and Young, "Fair Representation", 1982), which may be above an origin's part of all, rounded up.
 */
import type { LoadSignal } from "../load/signal.ts";
import type { PolicyName } from "../model/upstream.ts";
import type { Candidate, PolicyInput, SelectionPolicy } from "./policy.ts";
import { SmoothWeighted } from "./smooth-weighted.ts";

/** Quotients that differ by less, in relation to each other, are equal. */
const rounding = 1e-9;

export class LeastToCome implements SelectionPolicy {
  readonly name: PolicyName;
  readonly #signal: LoadSignal;
  readonly #turns = new SmoothWeighted();
  /** Kept from pick to pick and never shortened, so that a pick allocates nothing. */
  readonly #loads: number[] = [];
  readonly #ties: Candidate[] = [];

  /** `signal`: its load is in proportion to the open requests and one more. */
  constructor(name: PolicyName, signal: LoadSignal) {
    this.name = name;
    this.#signal = signal;
  }

  select(candidates: readonly Candidate[], { now }: Pick<PolicyInput, "now">): Candidate | undefined {
    const loads = this.#loads;
    let best: Candidate | undefined;
    let least = Infinity;
    let index = 0;
    for (const candidate of candidates) {
      const { name, inFlight, coming, ageMs } = candidate;
      const load = this.#signal.load(name, inFlight, now, coming, ageMs);
      loads[index++] = load;
      if (best !== undefined && load * best.weight >= least * candidate.weight) continue;
      best = candidate;
      least = load;
    }
    if (best === undefined) return undefined;
    const ties = this.#ties;
    let tied = 0;
    index = 0;
    for (const candidate of candidates) {
      const load = loads[index++] ?? Infinity;
      if (candidate === best || isTied(candidate, load, best, least)) ties[tied++] = candidate;
    }
    return tied > 1 ? this.#turns.among(ties, tied) : best;
  }
}

/**
 * Whether the candidate has as good a claim to the request as the least loaded. Loads count the request itself.
 * @param near at least 1: of unequal weights, so many times the weight of a request elsewhere is no difference.
 */
export function isTied(
  candidate: Candidate,
  load: number,
  best: Candidate,
  least: number,
  near = 1,
): boolean {
  const [with1, bestWith1] = [load * best.weight, least * candidate.weight];
  if (with1 <= bestWith1) return true;
  const each = load / (openOn(candidate) + 1);
  const bestEach = least / (openOn(best) + 1);
  const most = (candidate.weight === best.weight ? 1 : near) * (1 + rounding);
  if (each > most * bestEach || bestEach > most * each) return false;
  return with1 - each * best.weight < bestWith1 * (1 - rounding);
}

const openOn = ({ inFlight, coming = 0 }: Candidate): number => inFlight + coming;
