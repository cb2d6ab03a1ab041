/** That an isolate's own stall counts against no answer, and that each wait ends all the same. */
import fc from "fast-check";
import { expect, test } from "vitest";

import { AnswerDeadline } from "../../../../core/holder/answer-deadline.ts";
import type { Millis } from "../../../../core/model/upstream.ts";

interface Waited {
  readonly rings: number;
  /** From the beginning to the end, by the clock. */
  readonly tookMs: Millis;
  /** Of that, in which the isolate ran. */
  readonly ranMs: Millis;
  readonly lastLateMs: Millis;
  readonly lost: string;
}

/** Waits for an answer that never comes. `lateMs`: how late each timer is; those beyond the list are not. */
function wait(timeMs: Millis, lateMs: readonly Millis[]): Waited {
  const startMs = 1_700_000_000_000;
  const deadline = new AnswerDeadline(timeMs, startMs);
  let now = startMs;
  let ranMs = 0;
  for (let rings = 1; ; rings++) {
    const lastLateMs = lateMs[rings - 1] ?? 0;
    ranMs += deadline.inMs;
    now += deadline.inMs + lastLateMs;
    if (deadline.isOver(now))
      return { rings, tookMs: now - startMs, ranMs, lastLateMs, lost: deadline.lossText };
  }
}

const times = fc.integer({ min: 10, max: 10_000 });
const lateness = fc.oneof(fc.constant(0), fc.nat(40), fc.nat(1_000), fc.nat(100_000));

test("where no timer is late, the answer is lost after its time, to the millisecond", () => {
  fc.assert(
    fc.property(times, (timeMs) => {
      expect(wait(timeMs, []).tookMs).toBeCloseTo(timeMs, 6);
    }),
  );
  expect(wait(250, []).lost).toBe("no answer in 250 ms");
});

test("however the isolate stands still, it has run for the whole time before the answer is lost, and once more after a stall", () => {
  const anyStalls = fc.array(lateness, { maxLength: 30 });
  fc.assert(
    fc.property(times, anyStalls, (timeMs, lateMs) => {
      const { ranMs, lastLateMs } = wait(timeMs, lateMs);
      expect(ranMs).toBeGreaterThanOrEqual(timeMs - 1e-6);
      expect(lastLateMs).toBeLessThanOrEqual(Math.min(timeMs, Math.max(50, timeMs / 8)));
    }),
  );
});

test("one stall of a minute, at whatever moment, ends no wait", () => {
  for (const nth of [0, 1, 2, 3, 4]) {
    const { rings, ranMs, lost } = wait(250, [...Array.from({ length: nth }, () => 0), 60_000]);
    expect({ rings, ranMs }).toEqual(nth === 4 ? { rings: 6, ranMs: 300 } : { rings: 5, ranMs: 250 });
    expect(lost).toBe("no answer in 250 ms, beside 60000 ms in which nothing ran here");
  }
});

test("timers that are late by less than a slice are a busy processor, and prolong nothing but themselves", () => {
  expect(wait(250, [50, 50, 50, 50, 50])).toMatchObject({ rings: 5, tookMs: 500 });
});

test("a wait whose every timer is late ends when the event loop has turned 32 times", () => {
  const { rings } = wait(
    250,
    Array.from({ length: 100 }, () => 51),
  );
  expect(rings).toBe(32);
});
