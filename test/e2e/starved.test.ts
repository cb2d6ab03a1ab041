/**
 * Limits while the event loop of the isolates stands still: an isolate takes its own stall for no failure of the object.
 * `test/long/starved.test.ts` does it for minutes.
 */
import { afterAll, beforeAll, test } from "vitest";

import type { Fleet } from "../support/fleet.ts";
import { expectKept, starve, startStarvedFleet } from "../support/starvation.ts";

let fleet: Fleet;

beforeAll(async () => {
  fleet = await startStarvedFleet();
});

afterAll(() => fleet.stop());

test("starved isolates exceed no limit and go on without the object for no request, with `refuse` and `exceed`, with and without a later pool", async () => {
  expectKept(fleet, await starve(fleet, { volleys: 5, seed: 1 }));
});
