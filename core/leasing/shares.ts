/**
 * Leased shares: how a coordinator lets many isolates pick on their own for a while. Isolates that act on the same
 * information must not all choose what looks best in it, or they run there together; so each origin gets the share of
 * the coming requests that fills all of them to one level, and every isolate draws from these shares. The idea:
 * Goren, Vargaftik and Moses, "Stochastic coordination in heterogeneous load balancing systems" (Distributed
 * Computing, 2022).
 */
import type { Random } from "../model/random.ts";

/** What the coordinator knows of an origin when it publishes. */
export interface Basin {
  /** How much it can take: its limit times its weight; greater than 0. */
  readonly limit: number;
  /** Open requests on it, at least 0. */
  readonly inFlight: number;
  /** Requests that will have ended before the next shares are published: those of the last period. At least 0. */
  readonly completions: number;
  /**
   * What it must have room for to get any, as a part of a request: its weight in relation to the heaviest's. So origins that are
   * equally quick share by weight also where next to nothing is open. In (0, 1]; absent: a whole request.
   */
  readonly least?: number;
}

/**
 * Pours `arrivals` requests into the basins, the lowest first, until all that got some stand at one level:
 * share = (limit · level − least − inFlight + completions)⁺, and the shares sum up to `arrivals`. Exact, in O(n log n).
 * Of equal weights the level is that of (in-flight + 1) / limit, what `adaptive` compares: an origin that can hardly take one
 * request gets none while another has room for it, and not a small part of all.
 */
export function fillToLevel(basins: readonly Basin[], arrivals: number): Float64Array {
  const floors = basins.map(({ limit, inFlight, completions, least = 1 }, index) => ({
    index,
    limit,
    filled: inFlight + least - completions,
  }));
  floors.sort((a, b) => a.filled / a.limit - b.filled / b.limit);
  let limits = 0;
  let volume = arrivals;
  let level = 0;
  for (const { limit, filled } of floors) {
    // Level with everything poured into the basins so far: does it reach the next one's floor?
    if (limits > 0 && volume / limits <= filled / limit) break;
    limits += limit;
    volume += filled;
    level = volume / limits;
  }
  const shares = new Float64Array(basins.length);
  for (const { index, limit, filled } of floors) shares[index] = Math.max(0, limit * level - filled);
  return shares;
}

export const goldenRatio = (Math.sqrt(5) - 1) / 2;

/**
 * An isolate's draws from published shares. It steps through [0, 1) by the golden ratio: any run of its draws matches
 * the shares more closely than chance would (a low-discrepancy sequence). It starts at random, so that isolates do not
 * draw alike, or where it is told to. Starts that are evenly spread keep all isolates together closer to the shares than
 * random ones do, and most of all where each of them draws only a few times.
 */
export class ShareDraws {
  #at: number;
  #cumulative: readonly number[] = [];

  constructor(random: Random) {
    this.#at = random.next();
  }

  /** Takes over new shares: non-negative, in any unit. The sequence goes on where it was, or at `start`, in [0, 1). */
  publish(shares: Iterable<number>, start = this.#at): void {
    let sum = 0;
    this.#at = start;
    this.#cumulative = Array.from(shares, (share) => (sum += share));
  }

  /** The index of a share, each as often as its size says; `undefined` while all of them are 0. */
  draw(): number | undefined {
    const cumulative = this.#cumulative;
    const total = cumulative.at(-1) ?? 0;
    if (!(total > 0)) return undefined;
    this.#at = (this.#at + goldenRatio) % 1;
    const target = this.#at * total;
    let low = 0;
    let high = cumulative.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((cumulative[middle] ?? total) > target) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
