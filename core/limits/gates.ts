/** The gates of an isolate, by key: those of the keys that were used last. A gate that is forgotten costs a message, and admits nothing that the object does not. */
import { ExactGate } from "./exact-gate.ts";
import type { Gate, RateTerms } from "./gate.ts";
import type { KeyHash } from "./key-table.ts";
import { LeasedGate } from "./leased-gate.ts";
import { Recent } from "./recent.ts";

/** Some 4 MB at most. */
const mostGates = 16_384;

export class Gates {
  readonly #gates: Recent<Gate>;

  constructor(most = mostGates) {
    this.#gates = new Recent(most);
  }

  of({ high, low }: KeyHash, terms: RateTerms): Gate {
    const name = `${high} ${low}`;
    let gate = this.#gates.get(name);
    if (gate === undefined) {
      gate = terms.isExact ? new ExactGate(terms) : new LeasedGate(terms);
      this.#gates.set(name, gate);
    }
    return gate;
  }
}
