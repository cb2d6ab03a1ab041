/** Who is leased and how often one talks: the object is never asked for more than it can take. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { exchangeEveryMs, fullForMs, HolderPace, Rate } from "../../../../core/leasing/pace.ts";

const now = 1_000_000;

/** A holder that has had so many requests a second for a while, told of in a message every `everyMs`. */
function paceAt(perSecond: number, { leased = false, everyMs = 250, forMs = 5_000 } = {}): HolderPace {
  const pace = new HolderPace(leased, now);
  for (let at = everyMs; at <= forMs; at += everyMs)
    pace.recordRequests((perSecond * everyMs) / 1_000, now + at);
  return pace;
}

describe("a holder's pace", () => {
  test("stays what it was until there is something to judge by", () => {
    expect(new HolderPace(false, now).isLeased).toBe(false);
    expect(new HolderPace(true, now).isLeased).toBe(true);
  });

  test("makes a busy one leased and a quiet one ask, whatever it was", () => {
    for (const leased of [true, false]) {
      expect(paceAt(1_000, { leased }).isLeased).toBe(true);
      expect(paceAt(0.5, { leased }).isLeased).toBe(false);
    }
  });

  test("makes one leased in the middle of its first burst", () => {
    const pace = new HolderPace(false, now);
    for (let request = 0; request < 50; request++) pace.recordRequests(1, now + request);
    expect(pace.isLeased).toBe(true);
  });

  test("is no reason to swing: a holder that is leased at some rate stays so at it, and one that asks at a lower rate goes on asking", () => {
    for (let perSecond = 1; perSecond < 40; perSecond++) {
      if (!paceAt(perSecond).isLeased) continue;
      expect(paceAt(perSecond, { leased: true }).isLeased).toBe(true);
    }
  });
});

describe("the time between two exchanges", () => {
  test("is never longer than a lease can stand, and all holders together never talk too much", () => {
    let before = 0;
    for (let holders = 0; holders <= 5_000; holders++) {
      const everyMs = exchangeEveryMs(holders, 0, 250);
      expect(everyMs).toBeGreaterThanOrEqual(before);
      expect(everyMs).toBeGreaterThan(0);
      // A lease lasts 10 s: several exchanges may be lost before it ends.
      expect(everyMs).toBeLessThanOrEqual(2_500);
      if (holders <= 500) expect((holders * 1_000) / everyMs).toBeLessThanOrEqual(500);
      before = everyMs;
    }
  });

  test("is longer the more is asked beside them, so that together they are not too many", () => {
    let before = 0;
    for (let asked = 0; asked <= 1_000; asked += 10) {
      const everyMs = exchangeEveryMs(100, asked, 250);
      expect(everyMs).toBeGreaterThanOrEqual(before);
      expect(everyMs).toBeLessThanOrEqual(2_000);
      if (asked <= 250) expect(100_000 / everyMs + asked).toBeLessThanOrEqual(450);
      before = everyMs;
    }
    expect(exchangeEveryMs(20, 200, 250)).toBe(250);
  });

  test("a full pool is left alone for longer the more the object is asked, and never for long", () => {
    let before = 0;
    for (let rate = 0; rate <= 2_000; rate += 10) {
      const forMs = fullForMs(rate);
      expect(forMs).toBeGreaterThanOrEqual(before);
      expect(forMs).toBeGreaterThan(0);
      expect(forMs).toBeLessThanOrEqual(1_000);
      before = forMs;
    }
  });
});

describe("the message rate", () => {
  test.each([10, 100, 500])("of %i messages a second is found within a tenth", (perSecond) => {
    const rate = new Rate(now);
    for (let nth = 1; nth <= 10 * perSecond; nth++) rate.recordCount(1, now + (nth * 1_000) / perSecond);
    const found = rate.at(now + 10_000) / perSecond;
    expect(found).toBeGreaterThan(0.9);
    expect(found).toBeLessThan(1.1);
  });

  test("is forgotten in silence, and never negative or disturbed by a clock that goes back", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -5_000, max: 5_000 }), { maxLength: 50 }), (steps) => {
        const rate = new Rate(now);
        let at = now;
        for (const step of steps) {
          at += step;
          rate.recordCount(1, at);
          expect(rate.at(at)).toBeGreaterThan(0);
          expect(rate.at(at)).toBeLessThanOrEqual(steps.length);
        }
        expect(rate.at(now + 1e6)).toBeLessThan(0.001);
      }),
    );
  });
});
