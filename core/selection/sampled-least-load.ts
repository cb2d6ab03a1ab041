/**
 * The least load per weight, where a load costs more than a look: of `adaptive` it is made of limits that are found
 * (`core/load/gradient-limit.ts`), of `least_time` of times and of the ages of what is open. All candidates are looked at; in
 * a large pool four random ones, which is nearly as good there and takes no longer however large it is (Mitzenmacher, "The
 * power of two choices in randomized load balancing", 2001).
 */
import type { LoadSignal } from "../load/signal.ts";
import type { PolicyName } from "../model/upstream.ts";
import { LeastToCome } from "./least-to-come.ts";
import type { Candidate, PolicyInput, SelectionPolicy } from "./policy.ts";
import { RandomChoices } from "./random-choices.ts";

/** The largest number of candidates that are all looked at. */
const fullScan = 256;

export class SampledLeastLoad implements SelectionPolicy {
  readonly name: PolicyName;
  readonly #all: LeastToCome;
  readonly #some: RandomChoices;

  constructor(name: PolicyName, signal: LoadSignal) {
    this.name = name;
    this.#all = new LeastToCome(name, signal);
    this.#some = new RandomChoices(name, signal, 4);
  }

  select(candidates: readonly Candidate[], input: PolicyInput): Candidate | undefined {
    return (candidates.length <= fullScan ? this.#all : this.#some).select(candidates, input);
  }
}
