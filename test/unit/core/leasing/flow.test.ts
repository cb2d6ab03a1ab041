/** What came and went in the last period. */
import { describe, expect, test } from "vitest";

import { Flow } from "../../../../core/leasing/flow.ts";

const now = 1_000_000;

function busy(): Flow {
  const flow = new Flow();
  flow.turn(500, now);
  flow.arrived(3);
  flow.arrived(2);
  flow.completed("a", 4);
  flow.completed("a", 1);
  return flow;
}

describe("flow", () => {
  test("is nothing before a period is over", () => {
    const flow = busy();
    flow.turn(500, now + 499);
    expect([flow.arrivals, flow.completionsOf("a")]).toEqual([0, 0]);
  });

  test("is what came and what went in the last complete period, and in no other", () => {
    const flow = busy();
    flow.turn(500, now + 500);
    flow.arrived(100);
    expect([flow.arrivals, flow.completionsOf("a"), flow.completionsOf("b")]).toEqual([5, 5, 0]);
    flow.turn(500, now + 1_000);
    expect([flow.arrivals, flow.completionsOf("a")]).toEqual([100, 0]);
  });

  test("says nothing of now when it is long ago", () => {
    const flow = busy();
    flow.turn(500, now + 5_000);
    expect([flow.arrivals, flow.completionsOf("a")]).toEqual([0, 0]);
  });
});
