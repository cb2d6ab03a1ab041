/** When a request that found every pool full asks again. */
import { describe, expect, test } from "vitest";

import type { Answer } from "../../../../core/holder/answer.ts";
import { askAgainInMs } from "../../../../core/holder/patience.ts";

const any = { tried: [] };
const full: Answer = { kind: "unavailable", why: "full" };

function waitsOf(answer: Answer): number[] {
  const waits: number[] = [];
  let waitedMs = 0;
  for (;;) {
    const pauseMs = askAgainInMs(answer, any, waitedMs);
    if (pauseMs === undefined) return waits;
    waits.push(pauseMs);
    waitedMs += pauseMs;
  }
}

describe("a request that found every pool full", () => {
  test("asks again while slots lie idle in leases, less and less often, for two and a half seconds", () => {
    expect(waitsOf({ ...full, idle: true })).toEqual([20, 20, 40, 80, 160, 320, 640, 1_280]);
  });

  test("does not where all of them are in use, or no origin serves", () => {
    expect(waitsOf(full)).toEqual([]);
    expect(waitsOf({ ...full, assumed: true })).toEqual([]);
    expect(waitsOf({ kind: "unavailable", why: "down" })).toEqual([]);
    expect(waitsOf({ kind: "lost" })).toEqual([]);
  });

  test("does not when it has failed elsewhere", () => {
    expect(askAgainInMs({ ...full, idle: true }, { tried: ["a"] }, 0)).toBeUndefined();
  });
});

describe("where there is a queue, a request", () => {
  const queue = { length: 100, timeoutMs: 1_000, priority: "normal" } as const;

  test("waits in it, and does not ask again", () => {
    expect(askAgainInMs({ ...full, idle: true }, any, 0, queue)).toBeUndefined();
  });

  test("that found no object asks again until it is back, for as long as it might have waited for a slot", () => {
    const pauses = [0, 20, 100, 500, 999].map((waitedMs) =>
      askAgainInMs({ kind: "lost" }, any, waitedMs, queue),
    );
    expect(pauses).toEqual([20, 20, 100, 160, 160]);
    expect(askAgainInMs({ kind: "lost" }, any, 1_000, queue)).toBeUndefined();
    expect(askAgainInMs({ kind: "lost" }, { tried: ["a"] }, 0, queue)).toBeUndefined();
  });
});
