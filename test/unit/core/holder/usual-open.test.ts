/** What a holder usually has open. */
import { describe, expect, test } from "vitest";
import { UsualOpen } from "../../../../core/holder/usual-open.ts";

describe("what is usually open", () => {
  test("stays with the average while the count swings as a Poisson stream's does", () => {
    const usual = new UsualOpen();
    for (let now = 0; now < 20_000; now += 100) usual.set(25 + (now % 200 === 0 ? 5 : -5), now);
    expect(usual.at(20_000)).toBeGreaterThan(23);
    expect(usual.at(20_000)).toBeLessThan(27);
    expect(usual.hasFallen).toBe(false);
  });

  test("is what is open now as soon as that has left its swing", () => {
    const usual = new UsualOpen();
    usual.set(4, 0);
    usual.set(100, 10_000);
    expect(usual.at(10_000)).toBe(100);
    expect(usual.hasFallen).toBe(false);
    usual.set(20, 20_000);
    expect(usual.at(20_000)).toBe(20);
    expect(usual.hasFallen).toBe(true);
  });

  test("knows the most at once of the last seconds", () => {
    const usual = new UsualOpen();
    usual.set(5, 0);
    usual.set(32, 100);
    usual.set(0, 200);
    expect([usual.mostAt(200), usual.mostAt(1_999)]).toEqual([32, 32]);
    expect(usual.mostAt(3_000)).toBe(0);
  });

  test("knows what is open as the most, however long nothing has changed", () => {
    const usual = new UsualOpen();
    usual.set(7, 0);
    expect(usual.mostAt(60_000)).toBe(7);
    usual.set(3, 90_000);
    expect(usual.mostAt(90_000)).toBe(7);
    expect(usual.mostAt(92_000)).toBe(3);
  });
});
