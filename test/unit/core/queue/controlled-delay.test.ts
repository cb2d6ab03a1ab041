/** A queue for bursts is left alone; one that stands is cut to half of what may be waited. */
import { expect, test } from "vitest";

import { ControlledDelay } from "../../../../core/queue/controlled-delay.ts";

/** A request is served every 100 ms from one time to another, and has waited so long. */
function serve(delay: ControlledDelay, fromMs: number, toMs: number, waitedMs: number): void {
  for (let now = fromMs; now <= toMs; now += 100) delay.served(waitedMs, now);
}

test("a burst, however late it makes all requests, may use all of the time, if it is worked off within it", () => {
  const delay = new ControlledDelay(2_000);
  serve(delay, 0, 1_900, 1_999);
  expect(delay.allowedMs).toBe(2_000);
  delay.served(900, 2_000);
  serve(delay, 2_100, 4_000, 1_999);
  expect(delay.allowedMs).toBe(2_000);
});

test("a queue that stands below half of the time is not cut, however long it stands", () => {
  const delay = new ControlledDelay(2_000);
  serve(delay, 0, 60_000, 999);
  expect(delay.allowedMs).toBe(2_000);
});

test("one that has stood above half of the time for all of it is cut to half, until no request waits", () => {
  const delay = new ControlledDelay(2_000);
  serve(delay, 0, 2_000, 1_500);
  expect(delay.allowedMs).toBe(1_000);
  serve(delay, 2_100, 3_000, 500);
  expect(delay.allowedMs).toBe(1_000);
  delay.emptied();
  expect(delay.allowedMs).toBe(2_000);
});
