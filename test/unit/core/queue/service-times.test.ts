/** What completions say of how long requests take, and how many end. */
import { expect, test } from "vitest";

import { ServiceTimes } from "../../../../core/queue/service-times.ts";
import { origin, pool } from "../../../support/upstream.ts";

function timesOfShop(): ServiceTimes {
  const times = new ServiceTimes();
  times.reconfigure([pool("home", [origin("a")]), pool("cloud", [origin("c")])]);
  return times;
}

test("nothing is known of a pool that has served no request well", () => {
  const times = timesOfShop();
  expect(times.meanMs("home")).toBeUndefined();
  times.recordOutcomes({ origin: "a", ok: false }, 0);
  expect(times.meanMs("home")).toBeUndefined();
});

test("the mean is that of all requests, to the last byte where there is a body that outlives its headers", () => {
  const times = timesOfShop();
  times.recordOutcomes({ origin: "a", ok: true, headerMs: [100] }, 0);
  expect(times.meanMs("home")).toBe(100);
  times.recordOutcomes({ origin: "a", ok: true, headerMs: [50], lastByteMs: [300] }, 0);
  expect(times.meanMs("home")).toBe(200);
  // Four, of which one has a body: three of 100 ms, and one of 500 ms.
  const run = { origin: "c", ok: true, count: 4, headerMs: [100, 100, 100, 100], lastByteMs: [500] };
  times.recordOutcomes(run, 0);
  expect(times.meanMs("cloud")).toBe(200);
});

test("what was long ago counts for little", () => {
  const times = timesOfShop();
  times.recordOutcomes({ origin: "a", ok: true, count: 1_000, headerMs: [1_000] }, 0);
  times.recordOutcomes({ origin: "a", ok: true, count: 1_000, headerMs: [100] }, 60_000);
  expect(times.meanMs("home")).toBeLessThan(110);
});

test("the rate of completions is right from the second second on, and counts failures too", () => {
  const times = timesOfShop();
  for (let now = 0; now <= 30_000; now += 50) {
    times.recordOutcomes({ origin: "a", ok: now % 100 === 0, headerMs: now % 100 === 0 ? [80] : [] }, now);
    const rate = times.endedASecond("home", now);
    if (now < 1_000) expect(rate).toBeUndefined();
    else expect(Math.abs((rate ?? 0) - 20)).toBeLessThan(2);
  }
});
