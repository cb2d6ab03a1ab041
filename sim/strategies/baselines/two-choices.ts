/** The power of two choices (Mitzenmacher 2001): two different servers at random. */
import type { Random } from "../../../core/model/random.ts";

const pair: [number, number] = [0, 0];

/** Two of `servers`, different if there are two. The pair is written anew by the next call. */
export function twoOf(servers: readonly number[], random: Random): readonly [number, number] {
  const count = servers.length;
  const first = Math.floor(random.next() * count);
  const second = count < 2 ? first : (first + 1 + Math.floor(random.next() * (count - 1))) % count;
  pair[0] = servers[first]!;
  pair[1] = servers[second]!;
  return pair;
}
