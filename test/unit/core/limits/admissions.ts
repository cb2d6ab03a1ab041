/** What came through a limit, for tests of its bound. */
import * as fc from "fast-check";

import type { RequestRate } from "../../../../core/limits/gcra.ts";

export const rates: fc.Arbitrary<RequestRate> = fc.record({
  intervalMs: fc.constantFrom(0.5, 3, 10, 100, 1_000 / 3, 2_000),
  burst: fc.integer({ min: 1, max: 40 }),
});

/**
 * By how much the times exceed the rate in the worst stretch: the largest of (requests in it) − (its length) / interval, over all stretches that
 * begin and end with a request. At most the burst, if the limit was kept.
 */
export function mostIn(timesMs: readonly number[], { intervalMs }: Pick<RequestRate, "intervalMs">): number {
  const times = timesMs.toSorted((a, b) => a - b);
  let least = Infinity;
  let most = 0;
  for (const [nth, ms] of times.entries()) {
    const level = nth - ms / intervalMs;
    least = Math.min(least, level);
    most = Math.max(most, level - least + 1);
  }
  return most;
}
