/**
 * Chance, a stream per concern: what draws from one does not shift the others, so that every strategy meets the
 * same arrivals, the same sizes and the same antagonists (common random numbers), and differences between two
 * strategies are theirs.
 */
import { seededRandom, type Random } from "../../core/model/random.ts";

const concerns = ["arrivals", "sizes", "dispatchers", "strategy", "network"] as const;
export type Concern = (typeof concerns)[number];

/** The generator of one concern in the run with this seed. */
export function stream(seed: number, concern: Concern): Random {
  return numbered(seed, concerns.indexOf(concern));
}

/** The generator of one server: its antagonist and, where it has service times of its own, these. */
export function serverStream(seed: number, server: number, concern: "antagonist" | "service"): Random {
  return numbered(seed, concerns.length + 2 * server + (concern === "antagonist" ? 0 : 1));
}

/** Seeds are whole numbers below 2^32; the number of the stream takes the bits above. */
function numbered(seed: number, index: number): Random {
  return seededRandom(seed + (index + 1) * 0x1_0000_0000);
}
