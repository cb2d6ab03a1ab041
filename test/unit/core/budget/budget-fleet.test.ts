/**
 * A budget holds for the whole fleet: in every mode, against a hostile network, with isolates that die and an object that loses
 * its memory, no period sees more requests granted than it pays for, and none is started unasked.
 */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { periods } from "../../../../core/budget/spending.ts";
import type { Coordination, Upstream } from "../../../../core/model/upstream.ts";
import { Fleet } from "../../../support/fleet/fleet.ts";
import { isolates, schedules, type Step } from "../../../support/fleet/step.ts";
import { runs } from "../../../support/runs.ts";
import { origin, pool, upstream } from "../../../support/upstream.ts";

const { hour } = periods;
const requestsPerHour = 7;

function shop(coordination: Coordination): Upstream {
  const home = pool("home", [origin("a", { maxConns: 3 })]);
  const budget = { requestsPerHour, whenUsedUp: "fail" } as const;
  return upstream({
    coordination,
    onCoordinatorLoss: "exceed",
    pools: [home, pool("cloud", [origin("c")], { budget })],
  });
}

/** Requests granted in the cloud, by hour. */
function grantsByHour(fleet: Fleet): ReadonlyMap<number, number> {
  const byHour = new Map<number, number>();
  for (const { pool: name, atMs } of fleet.grants.values()) {
    const at = Math.floor(atMs / hour);
    if (name === "cloud") byHour.set(at, (byHour.get(at) ?? 0) + 1);
  }
  return byHour;
}

/** A schedule that begins a little before an hour's end. */
const startMs = 1_000_000;
const untilHourMs = hour - startMs;

describe.each(["strict", "leased", "auto"] as const)("%s", (coordination) => {
  test("no hour sees more than its budget, and no request goes there unasked", () => {
    let used = 0;
    fc.assert(
      fc.property(schedules, fc.nat(20_000), (steps, beforeMs) => {
        const fleet = new Fleet(shop(coordination), isolates);
        const early: Step = { kind: "wait", ms: untilHourMs - beforeMs };
        for (const step of [early, ...steps]) {
          fleet.applyStep(step);
          for (const [at, count] of grantsByHour(fleet)) {
            expect(count).toBeLessThanOrEqual(requestsPerHour);
            if (at !== Math.floor(fleet.now / hour)) continue;
            const budget = fleet.coordinator.budgets.viewOf("cloud", fleet.now);
            expect(budget?.requestsPerHour?.spent ?? 0).toBeGreaterThanOrEqual(count);
          }
        }
        expect(fleet.unasked.filter(({ pool: name }) => name === "cloud")).toEqual([]);
        if ([...grantsByHour(fleet).values()].includes(requestsPerHour)) used++;
      }),
      { numRuns: runs(50, 5_000) },
    );
    // Or it would prove nothing.
    expect(used).toBeGreaterThan(3);
  });

  test("with a network that works, exactly the budget is used, and the next decision is another one", () => {
    const fleet = new Fleet(shop(coordination), isolates);
    const ask = (nth: number): Step => ({ kind: "roundTrip", of: "request", isolate: nth % isolates });
    for (let nth = 0; nth < 60; nth++) fleet.applyStep(ask(nth));
    expect([...grantsByHour(fleet).values()]).toEqual([requestsPerHour]);
    expect(fleet.counts.unavailable).toBe(60 - 3 - requestsPerHour);
    fleet.applyStep({ kind: "wait", ms: untilHourMs });
    for (let nth = 0; nth < 60; nth++) fleet.applyStep(ask(nth));
    expect([...grantsByHour(fleet).values()]).toEqual([requestsPerHour, requestsPerHour]);
  });
});
