/**
 * The default: the origin with the most room in relation to what it can carry, as the gradient limit has found it
 * (`core/load/gradient-limit.ts`). All candidates are looked at; in a large pool four random ones, which is nearly as
 * good there and takes no longer however large it is.
 */
import type { LoadSignal } from "../load/signal.ts";
import { LeastLoad } from "./least-load.ts";
import type { Candidate, Choice, SelectionPolicy } from "./policy.ts";
import { RandomChoices } from "./random-choices.ts";

/** The largest number of candidates that are all looked at. */
const fullScan = 256;

export class Adaptive implements SelectionPolicy {
  readonly name = "adaptive";
  readonly #all: LeastLoad;
  readonly #some: RandomChoices;

  constructor(signal: LoadSignal) {
    this.#all = new LeastLoad(this.name, signal);
    this.#some = new RandomChoices(this.name, signal, 4);
  }

  select(candidates: readonly Candidate[], choice: Choice): Candidate | undefined {
    return (candidates.length <= fullScan ? this.#all : this.#some).select(candidates, choice);
  }
}
