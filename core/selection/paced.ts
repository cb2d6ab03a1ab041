/**
 * Holds any rule to slow start. Weights alone do not: the least loaded of few requests is the origin that was picked least,
 * whatever its weight, and `first` looks at no weights at all. So an origin that starts slowly earns its share with each
 * pick of its pool, and is a candidate when it has earned a whole one: it is never picked more often than its share.
 */
import { PerOrigin } from "../model/per-origin.ts";
import type { PolicyName } from "../model/upstream.ts";
import type { Candidate, PolicyInput, SelectionPolicy } from "./policy.ts";

export class Paced implements SelectionPolicy {
  readonly name: PolicyName;
  readonly #rule: SelectionPolicy;
  readonly #purses = new PerOrigin(() => ({ earned: 0 }));

  constructor(rule: SelectionPolicy) {
    this.name = rule.name;
    this.#rule = rule;
  }

  select(candidates: readonly Candidate[], input: PolicyInput): Candidate | undefined {
    if (!candidates.some(isStarting)) return this.#rule.select(candidates, input);
    let weights = 0;
    for (const { weight } of candidates) weights += weight;
    const due = candidates.filter((candidate) => this.#isDue(candidate, weights));
    // Where all of them start slowly, they have to serve all the same.
    const chosen = this.#rule.select(due.length > 0 ? due : candidates, input);
    if (chosen !== undefined && isStarting(chosen)) {
      const purse = this.#purses.of(chosen.name);
      purse.earned = Math.max(0, purse.earned - 1);
    }
    return chosen;
  }

  #isDue(candidate: Candidate, weights: number): boolean {
    if (!isStarting(candidate)) return true;
    const purse = this.#purses.of(candidate.name);
    // One that was not chosen though it could be does not save up for a rush.
    purse.earned = Math.min(1, purse.earned + candidate.weight / weights);
    return purse.earned >= 1;
  }
}

function isStarting({ starting }: Candidate): boolean {
  return starting === true;
}
