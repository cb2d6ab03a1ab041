/** A random attacker among honest clients, for minutes. The rules alone: `test/unit/core/health/attacker.test.ts`. */
import { expect, test } from "vitest";

import { percentile } from "../../cli/load/summary.ts";
import { startAttackedSite } from "../support/attack/site.ts";
import { tryAttacks } from "../support/attack/trial.ts";

const schedules = 200;

/** `SEED` in the environment tries others. */
const seed = Number(process.env["SEED"] ?? 1);

test(
  "200 random schedules of one attacker on the built bundle: no origin is taken out, and the others get no error",
  { timeout: 900_000 },
  async () => {
    const site = await startAttackedSite();
    try {
      const startedMs = performance.now();
      const onProgress = (done: number): void => {
        if (done % 20 === 0)
          console.log(`${done} of ${schedules} in ${Math.round(performance.now() - startedMs)} ms`);
      };
      const tried = await tryAttacks(site, { schedules, seed, compares: true, onProgress });
      console.log(`${tried.elsewhere} requests of sessions were served elsewhere, for this once`);
      console.log("the attacker got", Object.fromEntries(tried.attacker));
      const alone = tried.times.alone.toSorted((a, b) => a - b);
      for (const [when, times] of Object.entries(tried.times)) {
        const sorted = times.toSorted((a, b) => a - b);
        const shown = [0.5, 0.99].map((part) => {
          const [ms, aloneMs] = [percentile(sorted, part), percentile(alone, part)];
          return `${ms.toFixed(1)} ms (${(ms / aloneMs).toFixed(2)} ×)`;
        });
        console.log(`honest clients ${when}: ${times.length} requests, median ${shown[0]}, p99 ${shown[1]}`);
      }
      if (tried.failure !== undefined) expect.fail(tried.failure);
      expect(tried.schedules).toBe(schedules);
    } finally {
      await site.stop();
    }
  },
);
