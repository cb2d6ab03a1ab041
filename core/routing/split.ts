/**
 * Which of several upstreams a client belongs to. Clients lie evenly on the line from 0 to 1, each at its own place, and upstreams have
 * one stretch of it after the other; what is left belongs to the route's own upstream. So when the last stretch grows, clients enter it and
 * none leaves it (nginx's `split_clients` lays the line out likewise).
 */

export interface Share<Upstream> {
  readonly to: Upstream;
  /** The length of its stretch, 0–1. */
  readonly share: number;
}

/** The upstream in whose stretch the place lies; `undefined`: the place is in none. @param place in [0, 1). */
export function upstreamAt<Upstream>(
  shares: readonly Share<Upstream>[],
  place: number,
): Upstream | undefined {
  let end = 0;
  for (const { to, share } of shares) {
    end += share;
    if (place < end) return to;
  }
  return undefined;
}
