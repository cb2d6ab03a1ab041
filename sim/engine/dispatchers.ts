/**
 * At which dispatcher a request arrives: all alike, or some busier than others (Zipf's law), and not always the same; and
 * in which region that is.
 */
import type { Random } from "../../core/model/random.ts";
import type { Millis } from "../../core/model/upstream.ts";
import type { RegionSpec, Scenario } from "../scenario/scenario.ts";

/** Says where the request of this moment arrives; to be asked in order. */
export type NextDispatcher = (now: Millis) => number;

export function dispatcherDraw(
  { count, zipf, reshuffleMs }: Scenario["dispatchers"],
  random: Random,
): NextDispatcher {
  if (zipf === 0) return () => Math.floor(random.next() * count);
  let sum = 0;
  const cumulative = Float64Array.from({ length: count }, (_, rank) => (sum += (rank + 1) ** -zipf));
  const byRank = Int32Array.from({ length: count }, (_, rank) => rank);
  let shuffleAt = reshuffleMs === Infinity ? Infinity : 0;
  return (now) => {
    for (; shuffleAt <= now; shuffleAt += reshuffleMs) shuffle(byRank, random);
    const target = random.next() * sum;
    let low = 0;
    let high = count - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (cumulative[middle]! > target) high = middle;
      else low = middle + 1;
    }
    return byRank[low]!;
  };
}

/**
 * The region of each dispatcher: they are dealt out to the regions in turn, until each has its number. (So that where
 * some are busier than others, those are not all in the first.)
 */
export function regionOfDispatchers(regions: readonly RegionSpec[]): readonly number[] {
  const rounds = Math.max(...regions.map(({ dispatchers }) => dispatchers));
  return Array.from({ length: rounds }, (_, round) =>
    regions.flatMap(({ dispatchers }, region) => (round < dispatchers ? [region] : [])),
  ).flat();
}

/** Fisher and Yates: every order is as likely. */
function shuffle(numbers: Int32Array, random: Random): void {
  for (let last = numbers.length - 1; last > 0; last--) {
    const other = Math.floor(random.next() * (last + 1));
    [numbers[last], numbers[other]] = [numbers[other]!, numbers[last]!];
  }
}
