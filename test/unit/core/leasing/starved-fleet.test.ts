/** Isolates that stand still: nothing of that is the object's failure. `test/long/starved.test.ts` tries many more of them. */
import { expect, test } from "vitest";

import { shopNames } from "../../../support/fleet/shops.ts";
import { tryStarved } from "../../../support/fleet/starved-trial.ts";

test.each(shopNames)(
  "%s: however isolates stand still, no limit is exceeded, and no request goes on without the object or is lost",
  (shop) => {
    const { served, stalled, late } = tryStarved(shop, { numRuns: 25 });
    expect([served > 300, stalled > 100, late > 300]).toEqual([true, true, true]);
  },
);
