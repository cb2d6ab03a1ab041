/**
 * The power of a few random choices: draw some candidates by weight, take the one with the least load per weight. Nearly
 * as good as looking at all of them (Mitzenmacher 1996 for two), in a time that hardly depends on how many there are.
 * Drawing by weight is nginx's `random two`; no candidate is drawn twice.
 */
import type { LoadSignal } from "../load/signal.ts";
import type { PolicyName } from "../model/upstream.ts";
import { isTied } from "./least-to-come.ts";
import type { Candidate, PolicyInput, SelectionPolicy } from "./policy.ts";

export class RandomChoices implements SelectionPolicy {
  readonly name: PolicyName;
  readonly #signal: LoadSignal;
  readonly #draws: number;
  readonly #near: number;
  /** The stretches of the line of weights that are taken, in order; kept from pick to pick, so that none allocates. */
  readonly #starts: number[] = [];
  readonly #lengths: number[] = [];

  /** `draws`: how many candidates are compared, at least 1. `near`: as in `isTied`. */
  constructor(name: PolicyName, signal: LoadSignal, draws: number, near = 1) {
    this.name = name;
    this.#signal = signal;
    this.#draws = draws;
    this.#near = near;
  }

  select(candidates: readonly Candidate[], { random, now }: PolicyInput): Candidate | undefined {
    let weights = 0;
    for (const { weight } of candidates) weights += weight;
    this.#starts.length = this.#lengths.length = 0;
    let best: Candidate | undefined;
    let least = Infinity;
    const draws = Math.min(this.#draws, candidates.length);
    for (let draw = 0; draw < draws; draw++) {
      const candidate = this.#draw(candidates, random.next() * weights);
      if (candidate === undefined) break;
      weights -= candidate.weight;
      const { name, inFlight, coming, ageMs } = candidate;
      const load = this.#signal.load(name, inFlight, now, coming, ageMs);
      // The one that was drawn first wins a tie, so equally loaded candidates are chosen by weight.
      if (best !== undefined && load * best.weight >= least * candidate.weight) continue;
      if (best !== undefined && isTied(best, least, candidate, load, this.#near)) continue;
      best = candidate;
      least = load;
    }
    return best;
  }

  /** The candidate at this place on the line of the weights of those not drawn yet, which it takes off the line. */
  #draw(candidates: readonly Candidate[], placeLeft: number): Candidate | undefined {
    const place = this.#beyondTaken(placeLeft);
    let left = place;
    let drawn: Candidate | undefined;
    for (const candidate of candidates) {
      drawn = candidate;
      if (left < candidate.weight) break;
      left -= candidate.weight;
    }
    if (drawn !== undefined) this.#takeRange(place - left, drawn.weight);
    return drawn;
  }

  /** The place on the whole line. */
  #beyondTaken(placeLeft: number): number {
    let place = placeLeft;
    for (let index = 0; index < this.#starts.length; index++) {
      if (place >= (this.#starts[index] ?? 0)) place += this.#lengths[index] ?? 0;
    }
    return place;
  }

  #takeRange(start: number, length: number): void {
    const after = this.#starts.findIndex((other) => other > start);
    const at = after === -1 ? this.#starts.length : after;
    this.#starts.splice(at, 0, start);
    this.#lengths.splice(at, 0, length);
  }
}
