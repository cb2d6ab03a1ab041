/** When a request that found every pool full asks again. */
import { describe, expect, test } from "vitest";

import type { Answer } from "../../../../core/leases/leaseholder.ts";
import { askAgainInMs } from "../../../../core/leases/patience.ts";

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
  test("asks again while slots lie idle in leases, less and less often, for two thirds of a second", () => {
    expect(waitsOf({ ...full, idle: true })).toEqual([20, 20, 40, 80, 160, 320]);
  });

  test("does not where all of them are in use, or nobody serves", () => {
    expect(waitsOf(full)).toEqual([]);
    expect(waitsOf({ ...full, assumed: true })).toEqual([]);
    expect(waitsOf({ kind: "unavailable", why: "down" })).toEqual([]);
    expect(waitsOf({ kind: "lost" })).toEqual([]);
  });

  test("does not when it has failed elsewhere", () => {
    expect(askAgainInMs({ ...full, idle: true }, { tried: ["a"] }, 0)).toBeUndefined();
  });
});
