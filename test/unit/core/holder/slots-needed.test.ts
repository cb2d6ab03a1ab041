/** How many slots a holder needs: what it usually has open, and what it would have open besides. */
import { describe, expect, test } from "vitest";

import { SlotsNeeded } from "../../../../core/holder/slots-needed.ts";

describe("what is usually open", () => {
  test("stays with the average while the count swings as a Poisson stream's does", () => {
    const slots = new SlotsNeeded();
    for (let now = 0; now < 20_000; now += 100) slots.set(25 + (now % 200 === 0 ? 5 : -5), now);
    expect(slots.usualAt(20_000)).toBeGreaterThan(23);
    expect(slots.usualAt(20_000)).toBeLessThan(27);
    expect(slots.hasFallen).toBe(false);
  });

  test("is what is open now as soon as that has left its swing", () => {
    const slots = new SlotsNeeded();
    slots.set(4, 0);
    slots.set(100, 10_000);
    expect(slots.usualAt(10_000)).toBe(100);
    expect(slots.hasFallen).toBe(false);
    slots.set(20, 20_000);
    expect(slots.usualAt(20_000)).toBe(20);
    expect(slots.hasFallen).toBe(true);
  });

  test("knows the most at once of the last seconds", () => {
    const slots = new SlotsNeeded();
    slots.set(5, 0);
    slots.set(32, 100);
    slots.set(0, 200);
    expect([slots.mostAt(200), slots.mostAt(1_999)]).toEqual([32, 32]);
    expect(slots.mostAt(3_000)).toBe(0);
  });

  test("knows what is open as the most, however long nothing has changed", () => {
    const slots = new SlotsNeeded();
    slots.set(7, 0);
    expect(slots.mostAt(60_000)).toBe(7);
    slots.set(3, 90_000);
    expect(slots.mostAt(90_000)).toBe(7);
    expect(slots.mostAt(92_000)).toBe(3);
  });
});

describe("requests that are turned away", () => {
  test("would be open as long as those that are not", () => {
    const slots = new SlotsNeeded();
    slots.set(16, 0);
    for (let now = 0; now <= 20_000; now += 10) {
      slots.recordStart(now);
      for (let nth = 0; nth < 3; nth++) slots.refused(now);
    }
    expect(slots.neededAt(20_000)).toBeCloseTo(4 * 16, 0);
  });

  test("count also where none was let in yet, and are forgotten in some seconds", () => {
    const slots = new SlotsNeeded();
    for (let now = 0; now < 2_000; now += 10) slots.refused(now);
    expect(slots.neededAt(2_000)).toBeGreaterThan(5);
    expect(slots.neededAt(20_000)).toBeLessThan(0.01);
  });

  test("are none where none were", () => {
    const slots = new SlotsNeeded();
    slots.set(4, 0);
    slots.recordStart(0);
    expect(slots.neededAt(100)).toBe(4);
  });
});
