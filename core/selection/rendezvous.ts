/**
 * Equal keys go to the same origin: weighted rendezvous hashing (Thaler & Ravishankar 1998; the weighted score
 * −w/ln h by Schindelhauer & Schomaker 2005). Each origin scores the key on its own, the best wins: shares follow the
 * weights exactly, no table is kept, and an origin that leaves moves only its own keys.
 *
 * With bounded load (Mirrokni, Thorup and Zadimoghaddam 2016, arXiv 1608.01350; HAProxy's `hash-balance-factor 125`) no
 * origin has more than its share of the open requests and a quarter: what exceeds that goes where the key scores next
 * best. Where few requests are open the bound would only tear clients apart, so it allows everyone a few.
 */
import { PerOrigin } from "../model/per-origin.ts";
import type { PolicyName } from "../model/upstream.ts";
import { fraction, hashText, roughFraction } from "./hash.ts";
import type { Candidate, PolicyInput, SelectionPolicy } from "./policy.ts";

/** ε: by how much an origin may exceed its share. */
const excess = 0.25;

/** So many open requests an origin may always have. */
const alwaysAllowed = 16;

export class Rendezvous implements SelectionPolicy {
  readonly name: PolicyName;
  readonly #bounded: boolean;
  readonly #names = new PerOrigin(hashText);

  constructor(name: PolicyName, options: { readonly bounded: boolean }) {
    this.name = name;
    this.#bounded = options.bounded;
  }

  select(candidates: readonly Candidate[], { key, random }: PolicyInput): Candidate | undefined {
    // Without a key nothing ties the request to an origin: spread such requests by weight.
    const hashedKey = hashText(key ?? `unkeyed ${random.next()}`);
    let bound: Bound | undefined;
    let winner: Candidate | undefined;
    let best = 0;
    for (const candidate of candidates) {
      const { name, weight, inFlight } = candidate;
      const hashedName = this.#names.of(name);
      // Since ln h ≤ h − 1, a fraction this small cannot win: most candidates need no logarithm.
      if ((1 - roughFraction(hashedKey, hashedName) - rounding) * best > weight) continue;
      const score = -weight / Math.log(fraction(hashedKey, hashedName));
      if (score <= best) continue;
      if (this.#bounded && inFlight >= alwaysAllowed) {
        bound ??= boundOf(candidates);
        if (inFlight * bound.weights >= bound.allowed * weight) continue;
      }
      best = score;
      winner = candidate;
    }
    return winner;
  }
}

/** More than what a rough fraction lacks. */
const rounding = 2 ** -25;

/** What all candidates together may have open, this request included, and their weights. */
interface Bound {
  readonly allowed: number;
  readonly weights: number;
}

function boundOf(candidates: readonly Candidate[]): Bound {
  let weights = 0;
  let open = 1;
  for (const { weight, inFlight } of candidates) {
    weights += weight;
    open += inFlight;
  }
  return { allowed: (1 + excess) * open, weights };
}
