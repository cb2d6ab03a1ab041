/** A random attacker among honest clients, for three seconds; for minutes, and with times: `test/long/one-client.test.ts`. */
import { expect, test } from "vitest";

import { startAttackedSite } from "../support/attack/site.ts";
import { tryAttacks } from "../support/attack/trial.ts";

test("whatever one client asks for, no server is taken out, and others get no error and are served where they are bound", async () => {
  const site = await startAttackedSite();
  try {
    const { failure, schedules } = await tryAttacks(site, { schedules: 5, seed: 4, longestMs: 3_000 });
    if (failure !== undefined) expect.fail(failure);
    expect(schedules).toBeGreaterThan(0);
  } finally {
    await site.stop();
  }
});
