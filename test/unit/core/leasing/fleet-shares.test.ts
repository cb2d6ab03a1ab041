/** The shares that the object makes of what it knows of load, look by look. */
import { expect, test } from "vitest";

import { FleetShares } from "../../../../core/leasing/fleet-shares.ts";
import type { Millis, Policy } from "../../../../core/model/upstream.ts";
import { Balancers } from "../../../../core/selection/balancers.ts";
import { origin, pool, status, upstream } from "../../../support/upstream.ts";

test("with inflight, an origin whose open requests grow old gets less and less at each look", () => {
  const policy: Policy = { name: "least_time", by: "header", inflight: true };
  const home = pool("home", [origin("hangs"), origin("serves")]);
  const balancers = new Balancers(upstream({ policy, pools: [home] }));
  for (const { name } of home.origins) {
    balancers.signalOf(name)?.recordStart(name, 0);
    balancers.signalOf(name)?.recordCompletion(name, { ok: true, headerMs: 30 }, 0);
  }
  const demand = { on: () => ({ mean: 20, spread: 0, open: 20 }), arrivals: 20, completionsOf: () => 0 };
  const shares = new FleetShares(
    policy,
    { totals: { inUse: () => 10, ageOf: () => 0, taken: () => 10 } },
    balancers,
    demand,
  );
  let before = 0.5;
  for (let now: Millis = 20; now < 4_000; now += 20) {
    const statusOf = (name: string) => status({ inFlight: 10, ageMs: name === "hangs" ? now : 10 });
    const [hangs = 0, serves = 0] = shares.of("home", home.origins, { now, statusOf });
    const part = hangs / (hangs + serves);
    expect(part).toBeLessThanOrEqual(before + 1e-9);
    before = part;
  }
  expect(before).toBe(0);
});
