/** Tasks of an object are run step by step, each when the one before it is done. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import type { ObjectStep, ObjectTask } from "../../../../core/coordinator/object-tasks.ts";
import { carryOut } from "../../../../durable-objects/shell/tasks.ts";

beforeEach(() => void vi.useFakeTimers({ now: 1_000 }));
afterEach(() => void vi.useRealTimers());

function* task(steps: readonly ObjectStep[], times: number[]): ObjectTask<string> {
  for (const step of steps) times.push(yield step);
  return "done";
}

test("each step is done before the next is asked for, with the time at which that was", async () => {
  const done: string[] = [];
  const later = (what: string, ms: number) => async () => {
    await new Promise((resolve) => setTimeout(resolve, ms));
    done.push(what);
  };
  const times: number[] = [];
  const steps: ObjectStep[] = [
    { kind: "wait", forMs: 100 },
    { kind: "join" },
    { kind: "exchange", need: "short" },
    { kind: "rest" },
  ];
  const needs: unknown[] = [];
  const result = carryOut(task(steps, times), {
    join: later("join", 10),
    exchange: (need) => {
      needs.push(need);
      return later("exchange", 20)();
    },
    rest: () => void done.push("rest"),
  });
  await vi.advanceTimersByTimeAsync(1_000);
  expect(await result).toBe("done");
  expect(done).toEqual(["join", "exchange", "rest"]);
  expect(needs).toEqual(["short"]);
  expect(times).toEqual([1_100, 1_110, 1_130, 1_130]);
});

test("where no exchange is under way there is nothing to join", async () => {
  const times: number[] = [];
  const nothing = { join: () => undefined, exchange: async () => {}, rest: () => {} };
  expect(await carryOut(task([{ kind: "join" }], times), nothing)).toBe("done");
  expect(times).toEqual([1_000]);
});
