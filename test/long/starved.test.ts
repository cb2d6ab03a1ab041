/** Isolates that stand still, for longer than `npm test` can wait (`test/e2e/starved.test.ts`, `test/unit/core/leasing/starved-fleet.test.ts`). */
import { expect, test } from "vitest";

import { shopNames } from "../support/fleet/shops.ts";
import { tryStarved } from "../support/fleet/starved-trial.ts";
import { expectKept, starve, startStarvedFleet } from "../support/starvation.ts";

const runs = 20;

test(
  "the built bundle, starved on purpose, 20 times: no limit is exceeded",
  { timeout: 1_200_000 },
  async () => {
    const fleet = await startStarvedFleet();
    try {
      for (let seed = 1; seed <= runs; seed++) {
        const starved = await starve(fleet, { volleys: 12, seed });
        expectKept(fleet, starved);
        const answers = Object.values(starved.seen).flat().length;
        console.log(
          `run ${seed} of ${runs}: ${answers} answers; the most at once ${JSON.stringify(starved.peaks)}`,
        );
      }
    } finally {
      await fleet.stop();
    }
  },
);

test.each(shopNames)("%s: 2,000 random schedules of stalls", { timeout: 600_000 }, (shop) => {
  expect(tryStarved(shop, { numRuns: 2_000 }).late).toBeGreaterThan(50_000);
});
