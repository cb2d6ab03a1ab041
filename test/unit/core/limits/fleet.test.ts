/** RequestRate limits of a whole fleet: what they promise, whatever comes, wherever, and whatever becomes of messages; and what a hot key costs. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import type { RequestRate } from "../../../../core/limits/gcra.ts";
import { seededRandom } from "../../../../core/model/random.ts";
import { leasedSlackMs } from "../../../../core/protocol/rate-limits.ts";
import { mostIn, rates } from "./admissions.ts";
import { LimitedFleet } from "./limited-fleet.ts";

const schedules = fc.record({
  rate: rates,
  isolates: fc.integer({ min: 1, max: 5 }),
  wayMs: fc.constantFrom(1, 20, 200),
  lossShare: fc.constantFrom(0, 0.1, 0.5),
  seed: fc.integer(),
  crowds: fc.array(
    fc.record({ requests: fc.integer({ min: 1, max: 60 }), withinMs: fc.integer({ min: 0, max: 400 }) }),
    {
      minLength: 1,
      maxLength: 12,
    },
  ),
});

type Schedule = typeof schedules extends fc.Arbitrary<infer Value> ? Value : never;

function run(
  { rate, isolates, wayMs, lossShare, seed, crowds }: Schedule,
  how: { isExact: boolean; delayMs?: number },
) {
  const random = seededRandom(seed);
  const terms = { ...rate, delayMs: 0, ...how };
  const fleet = new LimitedFleet({ terms, isolates, wayMs, lossShare, random });
  let now = 1_000;
  for (const { requests, withinMs } of crowds) {
    const comeMs = Array.from({ length: requests }, () => now + withinMs * random.next()).toSorted(
      (a, b) => a - b,
    );
    for (const atMs of comeMs) fleet.request(atMs, Math.floor(random.next() * isolates));
    now += withinMs;
  }
  fleet.settle();
  return fleet;
}

describe("an exact limit", () => {
  test("is never exceeded as its object counts: in any time T at most burst + rate × T, and what a message takes", () => {
    fc.assert(
      fc.property(schedules, (schedule) => {
        const { passedMs } = run(schedule, { isExact: true });
        const late = schedule.wayMs / schedule.rate.intervalMs;
        expect(mostIn(passedMs, schedule.rate)).toBeLessThanOrEqual(schedule.rate.burst + late + 1e-3);
      }),
    );
  });

  test("with a delay, too", () => {
    fc.assert(
      fc.property(schedules, (schedule) => {
        const { passedMs } = run(schedule, { isExact: true, delayMs: 300 });
        const late = schedule.wayMs / schedule.rate.intervalMs;
        expect(mostIn(passedMs, schedule.rate)).toBeLessThanOrEqual(schedule.rate.burst + late + 1e-3);
      }),
    );
  });
});

describe("a leased limit", () => {
  test("in any time T lets pass at most burst + rate × (T + 1 s), whatever messages are lost", () => {
    expect(leasedSlackMs).toBe(1_000);
    fc.assert(
      fc.property(schedules, (schedule) => {
        const { passedMs } = run(schedule, { isExact: false });
        const slack = leasedSlackMs / schedule.rate.intervalMs;
        expect(mostIn(passedMs, schedule.rate)).toBeLessThanOrEqual(schedule.rate.burst + slack + 1e-3);
      }),
      { numRuns: 300 },
    );
  });

  test("lets ten requests at once pass, where ten may come at once: also through one isolate", () => {
    const fleet = new LimitedFleet({
      terms: { intervalMs: 100, burst: 10, delayMs: 0, isExact: false },
      isolates: 1,
      wayMs: 20,
      lossShare: 0,
      random: seededRandom(1),
    });
    for (let nth = 0; nth < 10; nth++) fleet.request(1_000 + nth, 0);
    fleet.settle();
    expect(fleet.passedMs).toHaveLength(10);
  });
});

/** One hot key: 2,000 requests a second over four isolates, for ten seconds. */
function hot(rate: RequestRate, isExact: boolean, wayMs: number, seconds = 10) {
  const random = seededRandom(5);
  const terms = { ...rate, delayMs: 0, isExact };
  const fleet = new LimitedFleet({ terms, isolates: 4, wayMs, lossShare: 0, random });
  for (let nth = 0; nth < 2_000 * seconds; nth++)
    fleet.request(1_000 + nth / 2, Math.floor(random.next() * 4));
  fleet.settle();
  return fleet;
}

/** `used`: the least part of what may pass that does. With a burst of 1 nothing can pass while a message is under way. */
const limits: readonly (readonly [what: string, rate: RequestRate, used: number])[] = [
  ["10/s, burst 10", { intervalMs: 100, burst: 10 }, 0.9],
  ["100/s, burst 1", { intervalMs: 10, burst: 1 }, 0.25],
  ["100/s, burst 100", { intervalMs: 10, burst: 100 }, 0.9],
  ["1000/s, burst 1000", { intervalMs: 1, burst: 1_000 }, 0.9],
  ["5/min, burst 5", { intervalMs: 12_000, burst: 5 }, 0.8],
];

describe.each([1, 15])("one hot key, messages that take up to %i ms each way", (wayMs) => {
  test.each(limits)(
    "exact, %s: the limit is kept and used, for five messages a second more than requests that pass",
    (_, rate, used) => {
      const { passedMs, passedAt, messagesAt } = hot(rate, true, wayMs);
      expect(mostIn(passedMs, rate)).toBeLessThanOrEqual(rate.burst + wayMs / rate.intervalMs + 1e-3);
      const most = rate.burst + 10_000 / rate.intervalMs;
      expect(passedMs.length).toBeGreaterThan(used * Math.floor(most));
      for (const [isolate, messages] of messagesAt.entries())
        expect(messages / 10).toBeLessThanOrEqual((passedAt[isolate] ?? 0) / 10 + 5);
    },
  );

  test.each(limits)(
    "leased, %s: the bound is kept, the limit is used, for five messages a second",
    (_, rate) => {
      const { passedMs, messagesAt } = hot(rate, false, wayMs);
      expect(mostIn(passedMs, rate)).toBeLessThanOrEqual(rate.burst + leasedSlackMs / rate.intervalMs + 1e-3);
      const most = rate.burst + 10_000 / rate.intervalMs;
      expect(passedMs.length).toBeGreaterThan(0.9 * Math.floor(most));
      for (const messages of messagesAt) expect(messages / 10).toBeLessThanOrEqual(5);
    },
  );
});
