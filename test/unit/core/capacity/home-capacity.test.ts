/** The capacity that is found out is that of the origin, whatever it was before, and no request is refused for it. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { HomeCapacity } from "../../../../core/capacity/home-capacity.ts";
import { runs } from "../../../support/runs.ts";
import { SharingOrigin, type SharingOptions } from "../../../support/sharing-origin.ts";

const second = 1_000;
const seeds = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

/** The limit over the next seconds, at each of their hundredths: the mean, the least and the most of it, measurements left out. */
function limitFor(origin: SharingOrigin, forMs: number) {
  let [sum, moments, least, most] = [0, 0, Infinity, 0];
  origin.run(forMs, () => {
    if (origin.now % 10 !== 0) return;
    const { slots } = origin.view;
    sum += slots;
    moments += 1;
    least = Math.min(least, slots);
    most = Math.max(most, slots);
  });
  return { mean: sum / moments, least, most };
}

function settled(options: SharingOptions, afterMs = 20 * second): SharingOrigin {
  const origin = new SharingOrigin(options);
  origin.run(afterMs);
  return origin;
}

describe("under a steady overload", () => {
  test.each([
    { capacity: 8, serviceMs: 100, scatter: false },
    { capacity: 20, serviceMs: 100, scatter: false },
    { capacity: 20, serviceMs: 100, scatter: true },
    { capacity: 20, serviceMs: 20, scatter: true },
    { capacity: 20, serviceMs: 400, scatter: false },
    { capacity: 100, serviceMs: 100, scatter: true },
  ])("it is found within a quarter, in 20 s and for good: %o", (options) => {
    const { mean, least, most } = limitFor(settled(options), 60 * second);
    expect(mean).toBeGreaterThan(0.95 * options.capacity);
    expect(mean).toBeLessThan(1.25 * options.capacity);
    expect(least).toBeGreaterThan(0.75 * options.capacity);
    expect(most).toBeLessThanOrEqual(1.35 * options.capacity);
  });

  test.each(seeds(runs(2, 10)))(
    "an origin that gets half as good, or twice, is followed in 30 s, seed %i",
    (seed) => {
      const origin = settled({ capacity: 20, scatter: true, seed }, 60 * second);
      for (const capacity of [10, 20, 40, 20]) {
        origin.script.capacity = capacity;
        origin.run(30 * second);
        const { mean } = limitFor(origin, 10 * second);
        expect(mean / capacity).toBeGreaterThan(0.75);
        expect(mean / capacity).toBeLessThan(1.25);
      }
    },
  );

  test("answers that take three times as long, though nothing waits, are taken for what they are within 90 s", () => {
    const origin = settled({ capacity: 20 });
    origin.script.serviceMs = 300;
    origin.run(90 * second);
    const { mean } = limitFor(origin, 30 * second);
    expect(mean).toBeGreaterThan(18);
    expect(mean).toBeLessThan(25);
    expect(origin.view.unhurriedMs).toBeCloseTo(300, -1);
  });

  test("the limit never exceeds maxConns, and comes to it where the origin can do more", () => {
    const origin = settled({ capacity: 100, maxConns: 32 });
    const { least, most } = limitFor(origin, 30 * second);
    expect([least, most]).toEqual([32, 32]);
  });

  test("one that can do one request at a time is left with a few: a beginning at twenty does not stay", () => {
    expect(limitFor(settled({ capacity: 1 }, 60 * second), 30 * second).most).toBeLessThanOrEqual(3);
  });
});

test("an origin has its slots, whatever it is called", () => {
  const home = [{ name: "constructor", weight: 1, backup: false, maxConns: 3 }];
  expect(new HomeCapacity(home, { canSpill: true, now: 0 }).slotsOf("constructor", 0)).toBe(3);
});

describe("noise", () => {
  test.each(seeds(runs(1, 5)))("does not bring it down, ten minutes long, seed %i", (seed) => {
    const origin = settled({ capacity: 20, scatter: true, seed }, 30 * second);
    const { least, mean } = limitFor(origin, 600 * second);
    expect(least).toBeGreaterThanOrEqual(14);
    expect(mean).toBeGreaterThan(19);
  });

  test("nor does a night with little to do: what was found is still there in the morning", () => {
    const origin = settled({ capacity: 20, scatter: true });
    origin.script.arrivalsPerSecond = 10;
    const { least } = limitFor(origin, 600 * second);
    expect(least).toBeGreaterThanOrEqual(18);
  });
});

describe("a measurement", () => {
  test("takes about a hundredth of the time, and leaves half of the slots meanwhile", () => {
    const origin = settled({ capacity: 20 }, 60 * second);
    const before = origin.measuredForMs;
    let fewest = Infinity;
    origin.run(1_200 * second, () => (fewest = Math.min(fewest, origin.slots)));
    const share = (origin.measuredForMs - before) / (1_200 * second);
    expect(share).toBeGreaterThan(0.001);
    expect(share).toBeLessThan(0.01);
    expect(fewest).toBeGreaterThanOrEqual(10);
  });

  test("is not made where there is no later pool: the limit is maxConns until quiet hours have shown what is unhurried", () => {
    const origin = settled({ capacity: 20, maxConns: 64, hasLaterPool: false }, 60 * second);
    expect([origin.slots, origin.measuredForMs, origin.view.unhurriedMs]).toEqual([64, 0, null]);
    origin.script.arrivalsPerSecond = 100;
    origin.run(10 * second);
    expect(origin.view.unhurriedMs).toBeCloseTo(100, -1);
    origin.script.arrivalsPerSecond = 1_000;
    origin.run(20 * second);
    const { mean } = limitFor(origin, 20 * second);
    expect(mean / 20).toBeGreaterThan(0.75);
    expect(mean / 20).toBeLessThan(1.25);
    expect(origin.measuredForMs).toBe(0);
  });

  test("is not made, or ends at once, while the later pool has no room", () => {
    const origin = new SharingOrigin({ capacity: 20, canSpill: false });
    origin.run(60 * second);
    expect(origin.measuredForMs).toBe(0);
    origin.script.canSpill = true;
    while (!origin.view.measuring) origin.run(1);
    origin.script.canSpill = false;
    origin.run(200);
    expect([origin.view.measuring, origin.slots]).toEqual([false, 20]);
  });

  test("that nothing is heard of for long ends by itself, and is made again half a minute later", () => {
    const origin = settled({ capacity: 20, serviceMs: 100 }, 0);
    while (!origin.view.measuring) origin.run(1);
    expect(origin.slots).toBe(10);
    origin.now += 16 * second;
    expect(origin.slots).toBe(20);
    origin.run(10 * second);
    expect(origin.view).toMatchObject({ measuring: false, measuredMs: null });
    origin.run(50 * second);
    expect(origin.view.unhurriedMs).toBeCloseTo(100, -1);
  });

  test("is of one origin at a time", () => {
    const names = ["a", "b", "c"];
    const origins = names.map((name) => ({ name, weight: 1, backup: false }));
    const home = new HomeCapacity(origins, { canSpill: true, now: 0 });
    let most = 0;
    const measured = new Set<string>();
    for (let now = 0; now < 60_000; now += 100) {
      home.recordInFlight((name) => home.slotsOf(name, now) ?? 0);
      for (const name of names) {
        const headerMs = Array.from({ length: 20 }, () => 100);
        home.recordOutcomes({ origin: name, ok: true, count: 20, headerMs }, now, () => true);
      }
      const measuring = names.filter((name) => home.view(name, now)?.measuring);
      for (const name of measuring) measured.add(name);
      most = Math.max(most, measuring.length);
    }
    expect(most).toBe(1);
    expect([...measured].sort()).toEqual(names);
  });
});

describe("what is persisted", () => {
  test("a row a minute at most, and only when it has moved", () => {
    const origin = settled({ capacity: 20, scatter: true }, 60 * second);
    origin.run(600 * second);
    const steady = origin.rows.length;
    expect(steady).toBeLessThanOrEqual(8);
    for (let turn = 0; turn < 10; turn++) {
      origin.script.capacity = turn % 2 === 0 ? 10 : 40;
      origin.run(30 * second);
    }
    expect(origin.rows.length).toBeGreaterThan(steady);
    const apart = origin.rows.slice(1).map(({ atMs }, index) => atMs - (origin.rows[index]?.atMs ?? 0));
    expect(Math.min(...apart)).toBeGreaterThanOrEqual(60 * second);
  });

  test("is where the next incarnation goes on: nothing is measured again before its time", () => {
    const origin = settled({ capacity: 50 }, 90 * second);
    const saved = origin.rows.at(-1)?.record ?? expect.fail("nothing was persisted");
    const next = new SharingOrigin({ capacity: 50, saved });
    expect(next.slots).toBeGreaterThan(45);
    expect(limitFor(next, 30 * second).least).toBeGreaterThan(45);
    expect(next.measuredForMs).toBe(0);
  });
});

test("however slow its answers are, an origin is let do one request at a time", () => {
  const saved = { a: { limit: 20, unhurriedMs: 1, measuredMs: 0 } };
  const home = new HomeCapacity([{ name: "a", weight: 1, backup: false }], { canSpill: true, now: 0, saved });
  const limits: (number | undefined)[] = [];
  for (let now = 0; now < 200 * second; now += 2 * second) {
    home.recordInFlight(() => 20);
    const headerMs = Array.from({ length: 30 }, () => 1_000);
    home.recordOutcomes({ origin: "a", ok: true, count: 30, headerMs }, now, () => false);
    limits.push(home.slotsOf("a", now));
  }
  expect(limits[0]).toBe(20);
  expect(limits.slice(-50)).toEqual(Array.from({ length: 50 }, () => 1));
});

const anything = fc.record({
  afterMs: fc.oneof(fc.nat(500), fc.nat(100_000), fc.integer({ min: -50_000, max: -1 })),
  inFlight: fc.oneof(fc.nat(50), fc.nat(2_000_000)),
  times: fc.array(fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1e7, noNaN: true })), { maxLength: 60 }),
  hasRoom: fc.boolean(),
  maxConns: fc.option(fc.integer({ min: 1, max: 1_000_000 }), { nil: undefined, freq: 20 }),
});

/** Samples in a row that say the same, so that the limit goes as far as it can. */
const persistent = fc
  .record({
    ms: fc.constantFrom(1, 100, 100_000),
    inFlight: fc.constantFrom(1, 5, 50),
    hasRoom: fc.boolean(),
  })
  .chain(({ ms, ...rest }) =>
    fc.array(
      fc.constant({
        ...rest,
        afterMs: 2_000,
        times: Array.from({ length: 30 }, () => ms),
        maxConns: undefined,
      }),
      { minLength: 2, maxLength: 40 },
    ),
  );

const heard = fc
  .array(fc.oneof(persistent, fc.array(anything, { maxLength: 20 })), { maxLength: 8 })
  .map((runs) => runs.flat());

test("whatever is heard, the limit is a whole number from 1 to maxConns, and so is what is persisted", () => {
  const beginning = fc.tuple(fc.integer({ min: 1, max: 1_000 }), fc.boolean(), heard);
  fc.assert(
    fc.property(beginning, ([first, canSpill, events]) => {
      const originOf = (maxConns: number) => ({ name: "a", weight: 1, backup: false, maxConns });
      let [now, maxConns] = [1e12, first];
      let home = new HomeCapacity([originOf(maxConns)], { canSpill, now });
      for (const event of events) {
        now += event.afterMs;
        if (event.maxConns !== undefined) {
          maxConns = event.maxConns;
          home = new HomeCapacity([originOf(maxConns)], { canSpill, now, before: home });
        }
        home.recordInFlight(() => event.inFlight);
        const run = { origin: "a", ok: true, count: event.times.length, headerMs: event.times };
        home.recordOutcomes(run, now, () => event.hasRoom);
        const slots = [home.slotsOf("a", now), home.view("a", now)?.slots];
        for (const limit of slots) {
          expect(limit).toSatisfy(Number.isInteger);
          expect(limit).toBeGreaterThanOrEqual(1);
          expect(limit).toBeLessThanOrEqual(maxConns);
        }
        const saved = JSON.stringify(home.takeRecord(now) ?? {});
        expect(saved).not.toContain("null");
      }
    }),
    { numRuns: runs(100, 10_000) },
  );
});
