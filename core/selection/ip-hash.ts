/**
 * The same client goes to the same origin: weighted rendezvous hashing (Thaler & Ravishankar 1998; the
 * weighted score −w/ln h by Schindelhauer & Schomaker 2005). Each origin scores the key on its own, the best
 * wins: shares follow the weights exactly, no table is kept, and an origin that leaves moves only its own
 * clients. The key is the client's network (/24 or /64, as nginx's `ip_hash` does for IPv4): see
 * `worker/proxy/client-address.ts`.
 */
import { hashToFraction } from "./hash.ts";
import type { Candidate, Choice, SelectionPolicy } from "./policy.ts";

export class IpHash implements SelectionPolicy {
  readonly name = "ip_hash";

  select(candidates: readonly Candidate[], choice: Choice): Candidate | undefined {
    // Without a key nothing ties the request to an origin: spread such requests by weight.
    const key = choice.key ?? `unkeyed ${choice.random.next()}`;
    let winner: Candidate | undefined;
    let best = -Infinity;
    for (const candidate of candidates) {
      const score = -candidate.weight / Math.log(hashToFraction(key, candidate.name));
      if (score > best) {
        best = score;
        winner = candidate;
      }
    }
    return winner;
  }
}
