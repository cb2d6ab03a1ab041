/**
 * The power of a few random choices: draw some candidates by weight, take the one with the least load per weight. Nearly
 * as good as looking at all of them (Mitzenmacher 1996 for two), in a time that hardly depends on how many there are.
 * Drawing without replacement and by weight is nginx's `random two`.
 */
import type { LoadSignal } from "../load/signal.ts";
import type { PolicyName } from "../upstream.ts";
import type { Candidate, Choice, SelectionPolicy } from "./policy.ts";

export class RandomChoices implements SelectionPolicy {
  readonly name: PolicyName;
  readonly #signal: LoadSignal;
  readonly #draws: number;
  /** The candidates drawn, kept from pick to pick, so that a pick allocates nothing. */
  readonly #drawn: Candidate[] = [];

  /** `draws`: how many candidates are compared, at least 1. */
  constructor(name: PolicyName, signal: LoadSignal, draws: number) {
    this.name = name;
    this.#signal = signal;
    this.#draws = draws;
  }

  select(candidates: readonly Candidate[], { random, now }: Choice): Candidate | undefined {
    let weights = 0;
    for (const { weight } of candidates) weights += weight;
    this.#drawn.length = 0;
    let best: Candidate | undefined;
    let least = Infinity;
    const draws = Math.min(this.#draws, candidates.length);
    for (let draw = 0; draw < draws; draw++) {
      const candidate = this.#draw(candidates, random.next() * weights);
      if (candidate === undefined) break;
      this.#drawn.push(candidate);
      weights -= candidate.weight;
      const load = this.#signal.load(candidate.name, candidate.inFlight, now);
      // Who was drawn first wins a tie, so equally loaded candidates are chosen by weight.
      if (best === undefined || load * best.weight < least * candidate.weight) {
        best = candidate;
        least = load;
      }
    }
    return best;
  }

  /** The candidate at this place on the line of the weights of those not drawn yet. */
  #draw(candidates: readonly Candidate[], place: number): Candidate | undefined {
    let last: Candidate | undefined;
    for (const candidate of candidates) {
      if (this.#drawn.includes(candidate)) continue;
      last = candidate;
      place -= candidate.weight;
      if (place < 0) break;
    }
    return last;
  }
}
