/** More requests than an upstream's object can be asked for one by one, unless the machine is slow: they wait at the isolates. */
import { afterAll, beforeAll, expect, test } from "vitest";

import { startFleet, type Fleet } from "../support/fleet.ts";

let fleet: Fleet;

const maxConns = 12;

beforeAll(async () => {
  // As long as there may be: on a slow machine ten seconds were too short for the crowd.
  const queue = { length: 200, timeout: "60s" };
  const timeouts = { total: "120s" };
  fleet = await startFleet({ crowd: { maxConns, queue, timeouts, onCoordinatorLoss: "refuse" } });
});

afterAll(() => fleet.stop());

test("no request is refused, no limit is exceeded, and the slots are used", async () => {
  const load = fleet.load("crowd", { clients: 96, path: "/slow/10" });
  await load.further(3_000);
  await load.end();
  expect(load.seen.filter(({ status }) => status !== 200)).toEqual([]);
  expect(fleet.peaks("crowd")).toEqual([maxConns, maxConns]);
  await fleet.allFree("crowd");
});
