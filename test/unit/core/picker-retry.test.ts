/** A retry is for success: it goes where requests are answered at this moment. */
import { describe, expect, test } from "vitest";

import { Picker, type PickView } from "../../../core/picker.ts";
import { noOverride } from "../../../core/operator.ts";
import { seededRandom } from "../../../core/random.ts";
import { origin, pool, upstream } from "../../support/upstream.ts";

const shop = upstream({ pools: [pool("home", [origin("a"), origin("b")]), pool("cloud", [origin("c")])] });

function picker(failing: readonly string[]) {
  const view: PickView = {
    statusOf: (name) => ({ healthy: true, failing: failing.includes(name), operator: "up", inFlight: 0 }),
    overrideOf: () => noOverride,
  };
  return (tried: readonly string[]) => new Picker(shop).pick({ tried }, view, seededRandom(1));
}

describe("when the whole home pool has just died", () => {
  test("a retry is not spent on the next dead origin: it goes to the cloud, as downtime", () => {
    expect(picker(["a", "b"])(["a"])).toMatchObject({ origin: "c", spill: "downtime" });
  });

  test("a first attempt still goes home: one failure says little", () => {
    expect(picker(["a", "b"])([])).toMatchObject({ pool: "home" });
  });
});

test("a retry stays at home while an origin there answers", () => {
  expect(picker(["a"])(["a"])).toMatchObject({ origin: "b" });
});

test("when everybody fails, a retry goes where it can", () => {
  expect(picker(["a", "b", "c"])(["a"])).toMatchObject({ origin: "b" });
});
