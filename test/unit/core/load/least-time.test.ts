/**
 * nginx's formula, held against values worked out by hand from its source: eta = rt · (1 + conns), with rt averaged,
 * halved, raised to the average age, clamped and rounded.
 */
import { describe, expect, test } from "vitest";

import { LeastTime, type LeastTimeOptions } from "../../../../core/load/least-time.ts";

const second = 1_000;

function signal(options: Partial<LeastTimeOptions> = {}): LeastTime {
  const made = new LeastTime({ by: "header", inflight: false, ...options });
  made.reconfigure([{ name: "a" }, { name: "b" }]);
  return made;
}

/** A signal that has seen these header times, on an origin that was picked at time 0. */
function after(headerTimes: readonly number[], options: Partial<LeastTimeOptions> = {}): LeastTime {
  const made = signal(options);
  for (const headerMs of headerTimes) {
    made.recordStart("a", 0);
    made.recordCompletion("a", { ok: true, headerMs, lastByteMs: headerMs }, 0);
  }
  return made;
}

describe("the time of least_time", () => {
  test.each([
    { seen: [], ms: 20 },
    { seen: [1], ms: 20 },
    { seen: [19], ms: 20 },
    { seen: [20], ms: 40 },
    { seen: [39], ms: 40 },
    { seen: [105], ms: 120 },
    { seen: [4_999], ms: 5_000 },
    { seen: [5_000], ms: 5_020 },
    { seen: [5_001], ms: 5_000 },
    { seen: [60_000], ms: 5_000 },
  ])("of $seen is $ms: the next multiple of 20, or the clamp", ({ seen, ms }) => {
    expect(after(seen).load("a", 0, 0)).toBe(ms);
  });

  test.each([
    // 0.5 + 0.05 · 200 + 0.95 · 100 = 105.5
    { seen: [100, 200], ms: 120 },
    // 0.5 + 0.05 · 500 + 0.95 · 100 = 120.5, which is a multiple of 20 once truncated
    { seen: [100, 500], ms: 140 },
    // 100, then 105, then 0.5 + 0.05 · 1000 + 0.95 · 105 = 150.25
    { seen: [100, 200, 1_000], ms: 160 },
  ])("averages $seen with a weight of 1/20, rounded", ({ seen, ms }) => {
    expect(after(seen).load("a", 0, 0)).toBe(ms);
  });

  test("is multiplied by the open requests and the one to come", () => {
    expect(after([105]).load("a", 3, 0)).toBe(4 * 120);
  });

  test.each([
    { idleS: 10, ms: 820 },
    // From 11 s on: 800 >> 1, then >> 2 from 22 s on.
    { idleS: 11, ms: 420 },
    { idleS: 21, ms: 420 },
    { idleS: 22, ms: 220 },
    { idleS: 33, ms: 120 },
    { idleS: 110, ms: 20 },
  ])("of an origin without a pick for $idleS s is halved to $ms", ({ idleS, ms }) => {
    expect(after([800]).load("a", 0, idleS * second)).toBe(ms);
  });

  test("is no longer halved once the origin has had its chance", () => {
    const least = after([800]);
    least.recordStart("a", 22 * second);
    expect(least.load("a", 0, 22 * second)).toBe(820);
  });

  test("is not updated by a failure, however quick or slow", () => {
    const least = after([800]);
    least.recordCompletion("a", { ok: false, headerMs: 1 }, 0);
    least.recordCompletion("a", { ok: false, headerMs: 9_000 }, 0);
    expect(least.load("a", 0, 0)).toBe(820);
  });

  test("goes by the headers or by the last byte, as asked; one that is not known came with the headers", () => {
    const byHeader = signal();
    const byLastByte = signal({ by: "last_byte" });
    for (const least of [byHeader, byLastByte])
      least.recordCompletion("a", { ok: true, headerMs: 30, lastByteMs: 250 }, 0);
    expect(byHeader.load("a", 0, 0)).toBe(40);
    expect(byLastByte.load("a", 0, 0)).toBe(260);
    byLastByte.recordCompletion("b", { ok: true, headerMs: 30 }, 0);
    expect(byLastByte.load("b", 0, 0)).toBe(40);
  });

  test("is not changed by an answer of which no time is known", () => {
    const least = after([105]);
    least.recordCompletion("a", { ok: true }, 0);
    expect(least.load("a", 0, 0)).toBe(120);
  });

  test("of an origin that stays is kept through a reconfiguration, and forgotten of one that leaves", () => {
    const least = after([105]);
    least.reconfigure([{ name: "a" }]);
    expect(least.load("a", 0, 0)).toBe(120);
    least.reconfigure([{ name: "b" }]);
    least.reconfigure([{ name: "a" }]);
    expect(least.load("a", 0, 0)).toBe(20);
  });
});

describe("least_time with inflight", () => {
  const inflight = { inflight: true };

  test("counts the average age of open requests if that is longer than the average time", () => {
    expect(after([100], inflight).load("a", 2, 1_500, 0, 400)).toBe(3 * 420);
    expect(after([100]).load("a", 2, 1_500, 0, 400)).toBe(3 * 120);
  });

  test("does not without open requests, nor while they are young", () => {
    const least = after([300], inflight);
    expect(least.load("a", 0, 10_000, 0, 0)).toBe(320);
    expect(least.load("a", 1, 10_050, 0, 50)).toBe(2 * 320);
  });

  test("goes by the average time where nothing is known of ages", () => {
    expect(after([300], inflight).load("a", 1, 10_000)).toBe(2 * 320);
  });

  test("averages the age from look to look, as nginx does", () => {
    const least = signal(inflight);
    least.recordStart("a", 0);
    expect(least.load("a", 1, 400, 0, 400)).toBe(2 * 420);
    // 0.5 + 0.05 · 800 + 0.95 · 400 = 420.5, rounded up from 420 to the next multiple of 20.
    expect(least.load("a", 1, 800, 0, 800)).toBe(2 * 440);
  });
});
