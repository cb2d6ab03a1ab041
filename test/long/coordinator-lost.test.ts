/**
 * The coordinator is gone for a minute, under load: too long for `npm test`, where the same is tried
 * for seconds (`test/e2e/fleet-outages.test.ts`).
 */
import { setTimeout as sleep } from "node:timers/promises";

import { afterAll, beforeAll, expect, test } from "vitest";

import { isolates, maxConns, startFleet, tally, type Fleet } from "../support/fleet.ts";
import { eventually } from "../support/stack.ts";

let fleet: Fleet;

beforeAll(async () => {
  fleet = await startFleet({
    spills: { cloud: true },
    refuses: { onCoordinatorLoss: "refuse" },
    exceeds: { onCoordinatorLoss: "exceed" },
  });
});

afterAll(() => fleet.stop());

const outageMs = 60_000;

test(
  "the object is unreachable for a minute: no limit is exceeded, no request fails, but where the config prefers that",
  { timeout: 3 * outageMs },
  async () => {
    const names = ["spills", "refuses", "exceeds"] as const;
    const loads = {
      spills: fleet.load("spills", { clients: 120 }),
      refuses: fleet.load("refuses", { clients: 80 }),
      exceeds: fleet.load("exceeds", { clients: 8 }),
    };
    const coordinated = (): Promise<unknown> =>
      Promise.all(
        names.map((name) => {
          const { seen } = loads[name];
          const from = seen.length;
          return eventually(`${name} is coordinated`, () =>
            seen.slice(from).some(({ mode }) => mode === "leased" || mode === "strict"),
          );
        }),
      );
    await coordinated();
    const before = names.map((name) => loads[name].seen.length);
    await Promise.all(names.map((name) => fleet.sabotage(name, "deaf", outageMs)));
    await sleep(outageMs);
    const lost = fleet.stack.events.filter(({ event }) => event === "exchange-lost").length;
    const during = names.map((name, index) => loads[name].seen.slice(before[index]));
    await coordinated();
    await Promise.all(names.map((name) => loads[name].end()));
    for (const [index, name] of names.entries()) {
      const all = tally(loads[name].seen);
      console.log(name, { during: tally(during[index] ?? []), all, peaks: fleet.peaks(name) });
    }
    console.log({ lost });

    // An object in trouble gets less: of each isolate a message every few seconds, and not one every 250 ms.
    expect(lost).toBeLessThan((names.length * isolates * outageMs) / 250 / 3);
    for (const name of ["spills", "refuses"]) {
      for (const peak of fleet.peaks(name)) expect(peak).toBeLessThanOrEqual(maxConns);
    }
    for (const name of ["spills", "exceeds"] as const) {
      expect(loads[name].seen.filter(({ status }) => status !== 200)).toEqual([]);
    }
    await Promise.all(names.map((name) => fleet.allFree(name)));
  },
);
