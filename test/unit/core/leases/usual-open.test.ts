/** What a holder usually has open. */
import { describe, expect, test } from "vitest";
import { UsualOpen } from "../../../../core/leases/usual-open.ts";

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
});
