/** Deadlines are kept to the millisecond, however few timers there are. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { Alarm } from "../../../worker/alarm.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  // First what a test has put over the false timers, or whoever restores that later puts the false ones back.
  vi.restoreAllMocks();
  vi.useRealTimers();
});

test.each([1, 49, 50, 51, 5_000])("a deadline of %i ms comes then, and not before", (inMs) => {
  const due = vi.fn<() => void>();
  new Alarm().set(inMs, due);
  vi.advanceTimersByTime(inMs - 1);
  expect(due).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(due).toHaveBeenCalledOnce();
});

test("a later deadline takes the place of an earlier one, and an earlier one that of a later", () => {
  const alarm = new Alarm();
  const [first, second, third] = [vi.fn<() => void>(), vi.fn<() => void>(), vi.fn<() => void>()];
  alarm.set(100, first);
  alarm.set(200, second);
  vi.advanceTimersByTime(150);
  alarm.set(10, third);
  vi.advanceTimersByTime(10);
  expect(third).toHaveBeenCalledOnce();
  vi.advanceTimersByTime(1_000);
  expect([first, second].map(({ mock }) => mock.calls.length)).toEqual([0, 0]);
});

test("one that is set in a deadline's own call is kept", () => {
  const alarm = new Alarm();
  const rings: number[] = [];
  const ring = (): void => {
    rings.push(Date.now());
    if (rings.length < 3) alarm.set(70, ring);
  };
  const startedMs = Date.now();
  alarm.set(70, ring);
  vi.advanceTimersByTime(1_000);
  expect(rings.map((at) => at - startedMs)).toEqual([70, 140, 210]);
});

test("what is cleared does not come, and what is stopped leaves no timer behind", () => {
  const alarm = new Alarm();
  const due = vi.fn<() => void>();
  alarm.set(100, due);
  alarm.clear();
  vi.advanceTimersByTime(200);
  alarm.set(100, due);
  alarm.stop();
  expect(vi.getTimerCount()).toBe(0);
  expect(due).not.toHaveBeenCalled();
});

test("a request of many short steps needs one timer", () => {
  const timers = vi.spyOn(globalThis, "setTimeout");
  const alarm = new Alarm();
  for (let step = 0; step < 10; step++) {
    alarm.set(5_000, () => undefined);
    alarm.clear();
    alarm.set(50, () => undefined);
  }
  alarm.stop();
  expect(timers).toHaveBeenCalledOnce();
});
