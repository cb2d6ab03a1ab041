/** A random attacker among honest clients, for minutes. The rules alone: `test/unit/core/health/attacker.test.ts`. */
import { expect, test } from "vitest";

import { percentile } from "../../cli/load/summary.ts";
import { startAttackedSite } from "../support/attack/site.ts";
import { tryAttacks } from "../support/attack/trial.ts";

const schedules = 200;

/** `SEED` in the environment tries others. */
const seed = Number(process.env["SEED"] ?? 1);

/** Uploads, large answers and connections that have to be made anew cost more than the good pages of the crowd: 1.1 to 1.4 times in the median and p99. */
const atMostTimes = 2;

const timeAt = (times: readonly number[], part: number): number =>
  percentile(
    times.toSorted((a, b) => a - b),
    part,
  );

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
      console.log("the attacker got", Object.fromEntries(tried.attacker));
      for (const [when, times] of Object.entries(tried.times)) {
        const [median, p99] = [0.5, 0.99].map((part) => timeAt(times, part).toFixed(1));
        console.log(`honest clients ${when}: ${times.length} requests, median ${median} ms, p99 ${p99} ms`);
      }
      if (tried.failure !== undefined) expect.fail(tried.failure);
      expect(tried.schedules).toBe(schedules);
      const { "beside a crowd": crowded, "beside the attacker": attacked } = tried.times;
      for (const part of [0.5, 0.99])
        expect(timeAt(attacked, part)).toBeLessThan(atMostTimes * timeAt(crowded, part));
    } finally {
      await site.stop();
    }
  },
);
