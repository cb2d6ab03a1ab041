/** The adaptive limit, sample by sample, against values worked out by hand; and what no history may do to it. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { GradientLimit } from "../../../../core/load/gradient-limit.ts";

const pair = [{ name: "a" }, { name: "b" }];

function signal(origins: readonly { name: string; maxConns?: number }[] = pair): GradientLimit {
  const made = new GradientLimit();
  made.reconfigure(origins);
  return made;
}

/** Twenty answers of these times in turn, within 250 ms: a complete sample. `peak`: open requests before. */
function sample(
  limit: GradientLimit,
  origin: string,
  times: readonly number[],
  { fromMs = 0, peak = 0 } = {},
): void {
  limit.load(origin, peak, fromMs);
  for (let answer = 0; answer < 20; answer++) {
    const headerMs = times[answer % times.length] ?? NaN;
    limit.recordCompletion(origin, { ok: true, headerMs }, answer < 19 ? fromMs : fromMs + 250);
  }
}

describe("a limit", () => {
  test("begins at 16, and load is the open requests and the one to come, divided by it", () => {
    const limit = signal();
    expect(limit.limitOf("a", 0)).toBe(16);
    expect(limit.load("a", 7, 0)).toBe(8 / 16);
  });

  test("grows by 0.15 √limit with a sample that is not slow, while at least half of it is in use", () => {
    for (const { before, limitAfter } of [
      { before: 6, limitAfter: 16 },
      // (16 + 16 + 0.3 · √16) / 2
      { before: 7, limitAfter: 16.6 },
    ]) {
      const limit = signal();
      limit.load("a", before, 0);
      limit.recordStart("a");
      for (let answer = 0; answer < 20; answer++) {
        limit.recordCompletion("a", { ok: true, headerMs: 50 }, answer < 19 ? 0 : 250);
      }
      expect(limit.limitOf("a", 250)).toBe(limitAfter);
    }
  });

  test("stays where it is while it is not used", () => {
    const limit = signal();
    for (let turn = 0; turn < 10; turn++) sample(limit, "a", [50], { fromMs: turn * 250 });
    expect(limit.limitOf("a", 2_500)).toBe(16);
  });

  test("shrinks in proportion to how much slower its origin is than the quick ones", () => {
    const limit = signal();
    sample(limit, "a", [60]);
    sample(limit, "b", [80], { fromMs: 250 });
    // Gradient 1.2 · 60/80: (16 + 14.4) / 2.
    expect(limit.limitOf("b", 500)).toBe(15.2);
    expect(limit.limitOf("a", 500)).toBe(16);
  });

  test("shrinks by a quarter at most with one sample, and never below 1 if it has three open, a third if one", () => {
    const limit = signal();
    sample(limit, "a", [10]);
    sample(limit, "b", [5_000], { fromMs: 250 });
    expect(limit.limitOf("b", 500)).toBe(12);
    const shrink = (from: number, to: number, open: number): void => {
      for (let turn = from; turn < to; turn++) {
        sample(limit, "a", [10], { fromMs: turn * 250 });
        limit.load("b", open - 1, turn * 250);
        limit.recordStart("b");
        sample(limit, "b", [5_000], { fromMs: turn * 250, peak: open });
      }
    };
    shrink(2, 60, 3);
    expect(limit.limitOf("b", 15_000)).toBe(1);
    // Growth keeps it above a third: (0.5 · limit + 0.3 √limit + limit) / 2 = limit at 0.36.
    shrink(60, 200, 1);
    expect(limit.limitOf("b", 50_000)).toBeCloseTo(0.36, 2);
  });

  test("of a slow origin is a fraction of the others' even where hardly anything is open", () => {
    const limit = signal();
    for (let turn = 0; turn < 200; turn++) {
      for (const origin of ["a", "b"]) limit.recordStart(origin);
      sample(limit, "a", [60, 30, 90], { fromMs: turn * 250 });
      sample(limit, "b", [200, 100, 300], { fromMs: turn * 250 });
    }
    const [quick, slow] = [limit.limitOf("a", 50_000), limit.limitOf("b", 50_000)];
    expect(slow).toBeLessThan(0.5);
    expect(quick).toBeGreaterThan(3 * slow);
  });

  test("goes by what the sample shows for certain: its mean less half a standard error", () => {
    const limit = signal();
    sample(limit, "a", [60]);
    // Mean 80, of ten times 40 and ten times 120: standard error √(20 · 40² / 19 / 20) = 9.177.
    sample(limit, "b", [40, 120], { fromMs: 250 });
    const certain = 80 - 0.5 * Math.sqrt((20 * 40 ** 2) / 19 / 20);
    expect(limit.limitOf("b", 500)).toBeCloseTo((16 + (16 * 1.2 * 60) / certain) / 2, 9);
  });

  test("does not shrink for a mean that chance explains", () => {
    const limit = signal();
    sample(limit, "a", [60]);
    sample(limit, "b", [1, 10, 1, 1, 400], { fromMs: 250 });
    expect(limit.limitOf("b", 500)).toBe(16);
  });

  test("never exceeds maxConns", () => {
    const limit = signal([{ name: "a", maxConns: 3 }, { name: "b" }]);
    expect(limit.limitOf("a", 0)).toBe(3);
    for (let turn = 0; turn < 5; turn++) {
      limit.load("a", 2, turn * 250);
      limit.recordStart("a");
      sample(limit, "a", [50], { fromMs: turn * 250, peak: 3 });
    }
    expect(limit.limitOf("a", 1_250)).toBe(3);
  });
});

describe("a sample", () => {
  const adjusted = (answers: number, overMs: number): boolean => {
    const limit = signal();
    sample(limit, "a", [10]);
    for (let answer = 1; answer <= answers; answer++) {
      limit.recordCompletion("b", { ok: true, headerMs: 1_000 }, answer < answers ? 0 : overMs);
    }
    return limit.limitOf("b", overMs) < 16;
  };

  test.each([
    { answers: 4, overMs: 250, complete: true },
    { answers: 4, overMs: 249, complete: false },
    { answers: 3, overMs: 999, complete: false },
    { answers: 3, overMs: 1_000, complete: true },
    { answers: 2, overMs: 5_000, complete: false },
    { answers: 3, overMs: 10_001, complete: false },
  ])("of $answers answers in $overMs ms is complete: $complete", ({ answers, overMs, complete }) => {
    expect(adjusted(answers, overMs)).toBe(complete);
  });

  test("holds neither failures, nor answers whose time is not known", () => {
    const limit = signal();
    sample(limit, "a", [10]);
    for (let answer = 0; answer < 100; answer++) {
      limit.recordCompletion("b", { ok: false, headerMs: 1 }, answer * 10);
      limit.recordCompletion("b", { ok: true }, answer * 10);
    }
    sample(limit, "b", [20], { fromMs: 1_000 });
    // Gradient 1.2 · 10/20 of "b" alone: had the failures' millisecond counted, it would be the quick one.
    expect(limit.limitOf("b", 1_250)).toBe(12.8);
    expect(limit.limitOf("a", 1_250)).toBe(16);
  });
});

describe("an origin", () => {
  test("that joins begins at a quarter of the median limit", () => {
    const limit = signal();
    sample(limit, "a", [10]);
    sample(limit, "b", [10], { fromMs: 250 });
    limit.reconfigure([...pair, { name: "c" }]);
    expect(limit.limitOf("c", 500)).toBe(4);
    expect(limit.limitOf("a", 500)).toBe(16);
  });

  test("that has been slow and is not used is doubted after 5 s, and tried again", () => {
    const limit = signal();
    for (let turn = 0; turn < 10; turn++) {
      sample(limit, "a", [10], { fromMs: turn * 250 });
      sample(limit, "b", [500], { fromMs: turn * 250 });
    }
    const slow = limit.limitOf("b", 2_500);
    expect(slow).toBeLessThan(2);
    expect(limit.limitOf("b", 7_500)).toBe(slow);
    // Twice as long: half of the median and half of what was known.
    expect(limit.limitOf("b", 12_500)).toBe((16 + slow) / 2);
    expect(limit.limitOf("b", 1_000_000)).toBeCloseTo(16, 0);
  });

  test("that is tried again and still slow is known at once to be as slow as before", () => {
    const limit = signal();
    for (let turn = 0; turn < 10; turn++) {
      sample(limit, "a", [10], { fromMs: turn * 250 });
      sample(limit, "b", [500], { fromMs: turn * 250 });
    }
    const slow = limit.limitOf("b", 2_500);
    for (let turn = 10; turn < 100; turn++) sample(limit, "a", [10], { fromMs: turn * 250 });
    sample(limit, "b", [500], { fromMs: 25_000 });
    expect(limit.limitOf("b", 25_250)).toBeLessThanOrEqual(slow);
  });

  test("that is tried again is left alone after one slow answer, and not for a quick one", () => {
    const limit = signal();
    for (let turn = 0; turn < 10; turn++) {
      sample(limit, "a", [10], { fromMs: turn * 250 });
      sample(limit, "b", [500], { fromMs: turn * 250 });
    }
    const slow = limit.limitOf("b", 2_500);
    for (let turn = 10; turn < 100; turn++) sample(limit, "a", [10], { fromMs: turn * 250 });
    limit.recordCompletion("b", { ok: true, headerMs: 11 }, 25_000);
    expect(limit.limitOf("b", 25_000)).toBeGreaterThan(8);
    limit.recordCompletion("b", { ok: true, headerMs: 300 }, 25_000);
    expect(limit.limitOf("b", 25_000)).toBe(slow);
  });

  test("that recovered returns by half of its limit with each sample, though few requests reach it", () => {
    const limit = signal();
    for (let turn = 0; turn < 10; turn++) {
      sample(limit, "a", [10], { fromMs: turn * 250 });
      sample(limit, "b", [500], { fromMs: turn * 250 });
    }
    const slow = limit.limitOf("b", 2_500);
    sample(limit, "b", [9], { fromMs: 2_500 });
    expect(limit.limitOf("b", 2_750)).toBe(1.5 * slow);
  });

  test("of an ordinary limit is as loaded as others with as many open requests, one of a smaller limit is not", () => {
    const limit = signal();
    sample(limit, "a", [60]);
    sample(limit, "b", [80], { fromMs: 250 });
    expect(limit.limitOf("b", 500)).toBeLessThan(limit.limitOf("a", 500));
    for (const open of [0, 1, 9]) expect(limit.load("b", open, 500)).toBe(limit.load("a", open, 500));
    for (let turn = 2; turn < 10; turn++) {
      sample(limit, "a", [60], { fromMs: turn * 250 });
      sample(limit, "b", [500], { fromMs: turn * 250 });
    }
    for (const open of [0, 1, 9]) {
      expect(limit.load("b", open, 2_500)).toBeGreaterThan(limit.load("a", open, 2_500));
    }
  });
});

test("whatever happens in whatever order, loads are finite and positive, and limits between a third and maxConns", () => {
  const origins = [{ name: "a" }, { name: "b", maxConns: 5 }, { name: "c", maxConns: 1 }];
  const events = fc.array(
    fc.record({
      origin: fc.constantFrom("a", "b", "c", "new"),
      kind: fc.constantFrom("start" as const, "answer" as const, "failure" as const, "load" as const),
      afterMs: fc.oneof(fc.nat(100), fc.integer({ min: -1_000, max: 100_000 })),
      headerMs: fc.oneof(fc.double({ min: 0, max: 100_000, noNaN: true }), fc.constant(0)),
      inFlight: fc.nat(10_000),
    }),
    { maxLength: 300 },
  );
  fc.assert(
    fc.property(events, (list) => {
      const limit = signal(origins);
      let now = 0;
      for (const { origin, kind, afterMs, headerMs, inFlight } of list) {
        now += afterMs;
        if (kind === "start") limit.recordStart(origin);
        else if (kind !== "load") limit.recordCompletion(origin, { ok: kind === "answer", headerMs }, now);
        const load = limit.load(origin, inFlight, now);
        expect(Number.isFinite(load)).toBe(true);
        expect(load).toBeGreaterThan(0);
        const most = origins.find(({ name }) => name === origin)?.maxConns ?? Infinity;
        expect(limit.limitOf(origin, now)).toBeGreaterThanOrEqual(1 / 3);
        expect(limit.limitOf(origin, now)).toBeLessThanOrEqual(most);
      }
    }),
  );
});
