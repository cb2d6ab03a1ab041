/** How many instances are asked for, and when. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { Autoscaler, neededInstances } from "../../../../core/autoscale/autoscaler.ts";
import { Forecast } from "../../../../core/autoscale/forecast.ts";
import { seededRandom, type Random } from "../../../../core/model/random.ts";
import type { Autoscale } from "../../../../core/model/upstream.ts";

const rules: Autoscale = { pool: "cloud", slots: 8, startsInMs: 45_000, min: 0, max: 20 };

/** A second of this rate, in tenths, and what is ordered in it. */
function second(scaler: Autoscaler, perSecond: number, fromMs: number, homeSlots = 100): number[] {
  const orders: number[] = [];
  for (let tenth = 0; tenth < 10; tenth++) {
    const now = fromMs + tenth * 100;
    scaler.arrived(perSecond / 10, now);
    const decided = scaler.decide(() => ({ homeSlots, serviceMs: 100 }), now);
    if (decided !== undefined) orders.push(decided.order.instances);
  }
  return orders;
}

function seconds(scaler: Autoscaler, count: number, rateOf: (nth: number) => number, fromMs = 0): number[] {
  return Array.from({ length: count }, (_, nth) => second(scaler, rateOf(nth), fromMs + nth * 1_000)).flat();
}

/** So many of a Poisson stream in a second, by the normal approximation. */
function poisson(mean: number, random: Random): number {
  const normal = Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
  return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal));
}

describe("a forecast", () => {
  const told = (rateOf: (nth: number) => number, count: number): Forecast => {
    const forecast = new Forecast();
    for (let nth = 0; nth <= count; nth++) forecast.arrived(rateOf(nth), nth * 1_000);
    return forecast;
  };

  test("of a steady stream is the stream, and two swings", () => {
    expect(told(() => 400, 60).in(50_000, 60_000)).toEqual({ expected: 400, swing: 40 });
  });

  test("of a rising stream is what it will be then", () => {
    const { expected } = told((nth) => 100 + 10 * nth, 60).in(30_000, 60_000);
    const then = 100 + 10 * 90;
    expect(expected).toBeGreaterThan(then * 0.95);
    expect(expected).toBeLessThan(then * 1.05);
  });

  test("of a falling stream is not below what comes now", () => {
    expect(told((nth) => 1_000 - 10 * nth, 60).in(30_000, 60_000).expected).toBeGreaterThan(400);
  });

  test("begins anew after a minute without a word, and falls to nothing in a pause that is shorter", () => {
    expect(told(() => 400, 60).in(0, 90_000).expected).toBeLessThan(1);
    expect(told(() => 400, 60).in(30_000, 60_000 + 61_000).expected).toBe(0);
  });
});

test("what home does not carry is spread over instances of which a quarter stays free", () => {
  const at = (demand: number) => neededInstances({ demand, homeSlots: 100, serviceMs: 100 }, 8);
  expect([at(0), at(920), at(921), at(980), at(981), at(1_520)]).toEqual([0, 0, 1, 1, 2, 10]);
  expect(neededInstances({ demand: 600, homeSlots: 0, serviceMs: 100 }, 8)).toBe(10);
  expect(neededInstances({ demand: 600, homeSlots: 0, serviceMs: 0 }, 8)).toBe(0);
});

describe("orders", () => {
  test("are none while home carries the load", () => {
    expect(seconds(new Autoscaler(rules), 300, () => 700)).toEqual([]);
  });

  test("come before the load does, if it rises", () => {
    const scaler = new Autoscaler(rules);
    seconds(scaler, 60, (nth) => 300 + 10 * nth);
    // 890 a second now, which home carries; 1,390 in 50 s, which it would not.
    expect(scaler.order.instances).toBeGreaterThan(5);
  });

  test("are for fewer only when the last minute needed no more", () => {
    const scaler = new Autoscaler(rules);
    seconds(scaler, 60, () => 1_400);
    const high = scaler.order.instances;
    expect(high).toBeGreaterThan(5);
    expect(seconds(scaler, 55, () => 500, 60_000)).toEqual([]);
    // As the load fell a minute ago, so do the orders now.
    const falling = seconds(scaler, 30, () => 500, 115_000);
    expect(falling.at(-1)).toBe(0);
    expect(falling).toEqual(falling.toSorted((a, b) => b - a));
  });

  test("are for fewer as soon, though instances come and go meanwhile", () => {
    let scaler = new Autoscaler(rules);
    seconds(scaler, 60, () => 1_400);
    const orders: number[] = [];
    for (let nth = 60; nth < 145; nth++) {
      scaler = new Autoscaler(rules, scaler);
      orders.push(...second(scaler, 500, nth * 1_000));
    }
    expect(orders.at(-1)).toBe(0);
  });

  test("are for fewer no sooner than an instance takes to start", () => {
    const scaler = new Autoscaler({ ...rules, startsInMs: 120_000 });
    seconds(scaler, 60, () => 1_400);
    expect(seconds(scaler, 115, () => 500, 60_000)).toEqual([]);
    expect(seconds(scaler, 60, () => 500, 175_000).at(-1)).toBe(0);
  });

  test("hold what stood before a restart for as long as what was wanted just now", () => {
    const scaler = new Autoscaler(rules, { scale: { pool: "cloud", instances: 4, nth: 1 } });
    expect(seconds(scaler, 55, () => 100)).toEqual([]);
    expect(seconds(scaler, 10, () => 100, 55_000)).toEqual([0]);
  });

  test("are none for the swings of a stream that home carries easily", () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const random = seededRandom(seed);
        const scaler = new Autoscaler(rules);
        expect(seconds(scaler, 300, () => poisson(500, random))).toEqual([]);
      }),
      { numRuns: 20 },
    );
  });

  test("have the reserve stand by while home is not enough, not on top of what is needed more, and not before", () => {
    const ordered = (perSecond: number, reserve: number): number => {
      const scaler = new Autoscaler({ ...rules, max: 100, reserve });
      seconds(scaler, 60, () => perSecond);
      return scaler.order.instances;
    };
    // Home does 1,000 a second, and 920 of them are enough for it.
    expect(ordered(850, 1)).toBe(0);
    expect(ordered(950, 0)).toBe(2);
    expect(ordered(950, 1)).toBe(17);
    expect(ordered(950, 0.5)).toBe(9);
    expect(ordered(3_000, 1)).toBe(ordered(3_000, 0));
  });

  test("stay within min and max", () => {
    const scaler = new Autoscaler({ ...rules, min: 2, max: 3 });
    expect(scaler.order).toEqual({ pool: "cloud", instances: 2, nth: 0 });
    seconds(scaler, 30, () => 5_000);
    expect(scaler.order).toEqual({ pool: "cloud", instances: 3, nth: 1 });
  });

  test("are numbered on after a restart, and nothing is ordered that stands already", () => {
    const scaler = new Autoscaler(rules, { scale: { pool: "cloud", instances: 4, nth: 17 } });
    expect(seconds(scaler, 50, () => 100)).toEqual([]);
    expect(scaler.order.instances).toBe(4);
  });

  test("are all different from the one before, whole, and within bounds, whatever comes", () => {
    const rates = fc.array(fc.integer({ min: 0, max: 5_000 }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(rates, (each) => {
        const scaler = new Autoscaler(rules);
        const orders = [0, ...seconds(scaler, each.length, (nth) => each[nth] ?? 0)];
        for (const [index, instances] of orders.entries()) {
          expect(Number.isInteger(instances)).toBe(true);
          expect(instances).toBeGreaterThanOrEqual(rules.min);
          expect(instances).toBeLessThanOrEqual(rules.max);
          if (index > 0) expect(instances).not.toBe(orders[index - 1]);
        }
      }),
      { numRuns: 30 },
    );
  });
});
