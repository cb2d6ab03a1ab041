/** The two ways to wait: on a request's own timer, and on one that outlives its answer. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { Alarm } from "../../../../worker/alarm.ts";
import { pause, sleep } from "../../../../worker/objects/request-io.ts";
import { fakeEnv, fakeUpstream } from "../fake-objects.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const io = (alarm: Alarm) => ({
  env: fakeEnv(fakeUpstream()),
  waitUntil: () => {},
  alarm,
  deadlineMs: Date.now() + 30_000,
  clientSignal: () => new AbortController().signal,
});

test("a pause is over when its time is, and is a request's: it ends with the request's alarm", async () => {
  const alarm = new Alarm();
  const woken = vi.fn();
  void pause(700, io(alarm)).then(woken);
  await vi.advanceTimersByTimeAsync(600);
  expect(woken).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(200);
  expect(woken).toHaveBeenCalledOnce();
  const neverWoken = vi.fn();
  void pause(700, io(alarm)).then(neverWoken);
  alarm.stop();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(neverWoken).not.toHaveBeenCalled();
});

test("a sleep is over when its time is, whatever becomes of a request", async () => {
  const woken = vi.fn();
  void sleep(700).then(woken);
  await vi.advanceTimersByTimeAsync(699);
  expect(woken).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  expect(woken).toHaveBeenCalledOnce();
});
