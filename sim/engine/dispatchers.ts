/** At which dispatcher a request arrives: all alike, or some busier than others (Zipf's law). */
import type { Random } from "../../core/random.ts";
import type { Scenario } from "../scenario/scenario.ts";

export function dispatcherDraw({ count, zipf }: Scenario["dispatchers"], random: Random): () => number {
  if (zipf === 0) return () => Math.floor(random.next() * count);
  let sum = 0;
  const cumulative = Float64Array.from({ length: count }, (_, rank) => (sum += (rank + 1) ** -zipf));
  return () => {
    const target = random.next() * sum;
    let low = 0;
    let high = count - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (cumulative[middle]! > target) high = middle;
      else low = middle + 1;
    }
    return low;
  };
}
