/** What is usual at a time of the day and of the week, as a floor under the forecast. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { Autoscaler } from "../../../../core/autoscale/autoscaler.ts";
import { Season, type SavedSeason } from "../../../../core/autoscale/season.ts";
import type { Autoscale } from "../../../../core/model/upstream.ts";

const [minuteMs, hourMs, dayMs] = [60_000, 3_600_000, 86_400_000];
/** A Monday, midnight of UTC. */
const mondayMs = Date.UTC(2026, 0, 5);

/** A day that has `peak` a second from nine to ten and 10 otherwise, looked at every minute. */
function live(season: Season, day: number, peak: number): void {
  for (let minute = 0; minute < 24 * 60; minute++) {
    const isPeak = minute >= 9 * 60 && minute < 10 * 60;
    season.recordRate(isPeak ? peak : 10, mondayMs + day * dayMs + minute * minuteMs);
  }
}

/** The floor at nine of that day. */
const atNine = (season: Season, day: number): number => {
  const nineMs = mondayMs + day * dayMs + 9 * hourMs;
  return season.floor(nineMs, nineMs);
};

function lived(...peaks: readonly number[]): Season {
  const season = new Season();
  for (const [day, peak] of peaks.entries()) live(season, day, peak);
  // The last bucket of the last day is over.
  season.recordRate(10, mondayMs + peaks.length * dayMs);
  return season;
}

describe("the floor at a time of the day", () => {
  test("is what two days in a row have had in common", () => {
    expect(atNine(lived(500, 400), 2)).toBe(400);
    expect(atNine(lived(400, 500), 2)).toBe(400);
  });

  test("is not made by one odd day", () => {
    expect(atNine(lived(500), 1)).toBe(0);
    expect(atNine(lived(10, 500), 2)).toBe(10);
    expect(atNine(lived(100, 100, 900), 3)).toBe(100);
  });

  test("sinks by a quarter of the difference with each quiet day", () => {
    expect(atNine(lived(500, 500, 100), 3)).toBe(400);
    expect(atNine(lived(500, 500, 100, 100), 4)).toBe(325);
  });

  test("is seen from as far ahead as an instance takes to start", () => {
    const season = lived(500, 500);
    const eightMs = mondayMs + 2 * dayMs + 8 * hourMs;
    expect(season.floor(eightMs, eightMs + 59 * minuteMs)).toBe(10);
    expect(season.floor(eightMs, eightMs + 60 * minuteMs)).toBe(500);
  });

  test("counts a time without requests as quiet", () => {
    const season = lived(500, 500);
    season.recordRate(10, mondayMs + 3 * dayMs);
    expect(atNine(season, 3)).toBe(375);
  });

  test("is left alone by a clock that is set back", () => {
    const season = lived(500, 500);
    season.recordRate(10, mondayMs + dayMs);
    expect(atNine(season, 2)).toBe(500);
  });
});

describe("the floor at a time of the week", () => {
  const weekend = [500, 500, 500, 500, 500, 20, 20];

  test("goes before the day's as soon as it is known: a Saturday need not be as busy as a Friday", () => {
    const [first, second] = [lived(...weekend.slice(0, 5)), lived(...weekend, ...weekend, ...weekend)];
    expect(atNine(first, 5)).toBe(500);
    expect(atNine(second, 21)).toBe(500);
    expect(atNine(second, 26)).toBeLessThan(300);
    const years = lived(...Array.from({ length: 12 }, () => weekend).flat());
    expect(atNine(years, 12 * 7)).toBe(500);
    expect(atNine(years, 12 * 7 + 5)).toBeLessThan(50);
  });
});

describe("what is persisted", () => {
  test("is two records in five minutes at the most, and eight in all", () => {
    const season = new Season();
    const keys = new Set<string>();
    for (let ms = 0; ms < 14 * dayMs; ms += 5 * minuteMs) {
      season.recordRate(1, mondayMs + ms);
      const taken = season.takeRecords();
      expect(taken.length).toBeLessThanOrEqual(2);
      for (const [key, { floors, lasts }] of taken) {
        keys.add(key);
        expect([floors.length, lasts.length]).toEqual([288, 288]);
      }
    }
    expect(keys.size).toBe(8);
  });

  test("makes the same floors again", () => {
    const season = lived(500, 400, 300);
    const saved: SavedSeason = structuredClone(new Map(season.takeRecords()));
    const again = new Season(saved);
    for (let ms = 0; ms < 7 * dayMs; ms += 5 * minuteMs) {
      const at = mondayMs + ms;
      expect(again.floor(at, at)).toBe(season.floor(at, at));
    }
    expect(again.takeRecords()).toEqual([]);
  });
});

test("a floor is never above the most that ever came, whatever comes when", () => {
  const steps = fc.array(fc.tuple(fc.nat(2_000), fc.integer({ min: -dayMs, max: 3 * dayMs })), {
    maxLength: 200,
  });
  fc.assert(
    fc.property(steps, (each) => {
      const season = new Season();
      let [now, most] = [mondayMs, 0];
      for (const [perSecond, passedMs] of each) {
        now = Math.max(0, now + passedMs);
        season.recordRate(perSecond, now);
        most = Math.max(most, perSecond);
      }
      expect(season.floor(now, now + dayMs)).toBeLessThanOrEqual(most);
    }),
  );
});

describe("instances", () => {
  const rules: Autoscale = { pool: "cloud", slots: 8, startsInMs: 45_000, min: 0, max: 50 };
  const home = () => ({ homeSlots: 100, serviceMs: 100 });

  /** From eight to eleven of a day, with a peak from nine to ten. The orders, and when they came. */
  function morning(scaler: Autoscaler, day: number, peak: number): { instances: number; atMs: number }[] {
    const orders: { instances: number; atMs: number }[] = [];
    for (let atMs = 8 * hourMs; atMs < 11 * hourMs; atMs += 1_000) {
      const now = mondayMs + day * dayMs + atMs;
      scaler.arrived(atMs >= 9 * hourMs && atMs < 10 * hourMs ? peak : 300, now);
      const decided = scaler.decide(home, now);
      if (decided !== undefined) orders.push({ instances: decided.order.instances, atMs });
    }
    return orders;
  }

  test("for a peak that came every day at nine are ordered before it comes, in time for their start", () => {
    const scaler = new Autoscaler(rules);
    expect(morning(scaler, 0, 1_500)[0]?.atMs).toBeGreaterThanOrEqual(9 * hourMs);
    morning(scaler, 1, 1_500);
    const [first] = morning(scaler, 2, 1_500);
    expect(first?.atMs).toBeLessThanOrEqual(9 * hourMs - rules.startsInMs);
    expect(first?.atMs).toBeGreaterThan(9 * hourMs - 2 * minuteMs);
    expect(first?.instances).toBeGreaterThanOrEqual(10);
  });

  test("are not ordered because of one odd day", () => {
    const scaler = new Autoscaler(rules);
    morning(scaler, 0, 1_500);
    expect(morning(scaler, 1, 300)).toEqual([]);
  });

  test("are ordered for what is usual by a new incarnation too, and under another configuration", () => {
    const scaler = new Autoscaler(rules);
    const season = new Map();
    for (const day of [0, 1]) {
      morning(scaler, day, 1_500);
      for (const [key, record] of scaler.takeSeason(mondayMs + day * dayMs + 12 * hourMs))
        season.set(key, structuredClone(record));
    }
    for (const next of [new Autoscaler(rules, { season }), new Autoscaler({ ...rules, max: 40 }, scaler)]) {
      expect(morning(next, 2, 1_500)[0]?.atMs).toBeLessThan(9 * hourMs);
    }
  });
});
