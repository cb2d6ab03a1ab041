/** What the last seconds' traffic says of a pool. */
import { expect, test } from "vitest";

import { RecentTraffic } from "../../../../core/stats/recent-traffic.ts";

const good = (count: number, headerMs: number) =>
  ({ origin: "a", ok: true, count, headerMs: [headerMs] }) as const;
const bad = { origin: "a", ok: false } as const;

test("the share of failures, and the time that 95 % of the answers did not exceed", () => {
  const traffic = new RecentTraffic(0);
  traffic.add(good(90, 20), 100);
  traffic.add(good(8, 500), 200);
  for (let failure = 0; failure < 2; failure++) traffic.add(bad, 300);
  expect(traffic.errorRate(400)).toBe(0.02);
  expect(traffic.p95Ms(400)).toBeGreaterThan(475);
  expect(traffic.p95Ms(400)).toBeLessThan(525);
});

test("few outcomes are no statistics", () => {
  const traffic = new RecentTraffic(0);
  for (let failure = 0; failure < 19; failure++) traffic.add(bad, 100);
  expect(traffic.errorRate(200)).toBe(0);
  traffic.add(bad, 300);
  expect(traffic.errorRate(400)).toBe(1);
});

test("what is five seconds old still counts, what is ten seconds old does not", () => {
  for (const bornMs of [0, 1_200, 4_900]) {
    const traffic = new RecentTraffic(0);
    traffic.add(good(100, 900), bornMs);
    for (let now = bornMs; now < bornMs + 20_000; now += 100) {
      if (now <= bornMs + 5_000) expect(traffic.p95Ms(now)).toBeGreaterThan(800);
      if (now >= bornMs + 10_000) expect(traffic.p95Ms(now)).toBe(0);
    }
  }
});

test("a clock that jumps, either way, takes nothing along", () => {
  for (const now of [-3_600_000, 3_600_000]) {
    const traffic = new RecentTraffic(0);
    traffic.add(good(100, 900), 100);
    expect(traffic.p95Ms(now)).toBe(0);
    traffic.add(good(100, 20), now + 100);
    expect(traffic.p95Ms(now + 200)).toBeLessThan(25);
  }
});
