/** What ends an attempt, and that a slot is kept for as long as it may last. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { Alarm } from "../../../../../worker/alarm.ts";
import { watchAttempt } from "../../../../../worker/proxy/attempt/attempt-watch.ts";
import type { PreparedRequest } from "../../../../../worker/proxy/request/prepare-request.ts";
import { UploadStopped } from "../../../../../worker/proxy/attempt/upload.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function watch(uploaded?: Promise<void>) {
  const client = new AbortController();
  const abort = new AbortController();
  const renew = vi.fn<() => void>();
  const request: Pick<PreparedRequest, "uploaded" | "clientSignal"> = {
    uploaded: () => uploaded,
    clientSignal: () => client.signal,
  };
  let ours = true;
  const renewal = { inMs: () => 100, mayGoOn: () => ours, renew };
  // Only these two are looked at.
  const terms = { alarm: new Alarm(), sentMs: Date.now(), timeoutMs: 1_000, renewal: () => renewal };
  const watched = watchAttempt(request as PreparedRequest, terms, abort);
  return { client, signal: abort.signal, renew, watched, loseSlot: () => (ours = false) };
}

test("an attempt without headers ends when its time is over", () => {
  const { signal, watched, renew } = watch();
  vi.advanceTimersByTime(999);
  expect(signal.aborted).toBe(false);
  vi.advanceTimersByTime(1);
  expect(signal.aborted).toBe(true);
  expect(watched.endedBy).toBe("timeout");
  expect(renew).not.toHaveBeenCalled();
});

test("a client that leaves ends it, also between two looks", () => {
  const { client, signal, watched } = watch();
  client.abort();
  vi.advanceTimersByTime(50);
  expect(signal.aborted).toBe(true);
  expect(watched.endedBy).toBe("client-gone");
});

test("a long upload has no time limit of its own, and its slot is kept all the while", async () => {
  const { signal, renew } = watch(new Promise(() => undefined));
  await vi.advanceTimersByTimeAsync(60_000);
  expect(signal.aborted).toBe(false);
  expect(renew.mock.calls.length).toBeGreaterThanOrEqual(600);
});

test("from its end on the headers are waited for, and its slot is kept until they come", async () => {
  const uploaded = new Promise<void>((resolve) => setTimeout(resolve, 500));
  const { signal, renew, watched } = watch(uploaded);
  await vi.advanceTimersByTimeAsync(500);
  const before = renew.mock.calls.length;
  await vi.advanceTimersByTimeAsync(999);
  expect(signal.aborted).toBe(false);
  expect(renew.mock.calls.length - before).toBeGreaterThanOrEqual(9);
  await vi.advanceTimersByTimeAsync(1);
  expect(watched.endedBy).toBe("timeout");
});

test("after the headers nothing is ended or renewed any more", async () => {
  const { signal, renew, watched } = watch(Promise.resolve());
  await vi.advanceTimersByTimeAsync(150);
  watched.over = true;
  const before = renew.mock.calls.length;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(renew.mock.calls.length).toBe(before);
  expect(signal.aborted).toBe(false);
});

test.each(["client-gone", "upload-timeout", "origin-stalled"] as const)(
  "an upload that stops ends it, and says why: %s",
  (by) => {
    const { client, signal, watched } = watch(new Promise(() => undefined));
    client.abort(new UploadStopped(by));
    expect(signal.aborted).toBe(true);
    expect(watched.endedBy).toBe(by);
  },
);

test("a long upload ends when another request may have its slot by now", () => {
  const { signal, watched, loseSlot } = watch(new Promise(() => {}));
  vi.advanceTimersByTime(1_000);
  expect(signal.aborted).toBe(false);
  loseSlot();
  vi.advanceTimersByTime(100);
  expect(signal.aborted).toBe(true);
  expect(watched.endedBy).toBe("coordinator-lost");
});
