/** What becomes of a bound session's pin: kept, elsewhere for once, or moved for good. */
import { describe, expect, test } from "vitest";

import {
  noOverride,
  obey,
  type OperatorOrder,
  type OperatorOverride,
} from "../../../../core/model/operator.ts";
import type { OriginStatus } from "../../../../core/model/origin-status.ts";
import { seededRandom } from "../../../../core/model/random.ts";
import { Picker } from "../../../../core/placement/picker.ts";
import { origin, pool, status, upstream } from "../../../support/upstream.ts";

const shop = upstream({
  pools: [
    pool("home", [origin("a", { maxConns: 2 }), origin("b"), origin("retired", { weight: 0 })]),
    pool("cloud", [origin("c")]),
  ],
});

const full = { inFlight: 2 };
const sick = { healthy: false };

interface Case {
  readonly pin: string;
  readonly epoch?: number;
  readonly states?: Readonly<Record<string, Partial<OriginStatus>>>;
  readonly orders?: Readonly<Record<string, readonly OperatorOrder[]>>;
  readonly tried?: readonly string[];
}

/** A request of a session bound to `pin`. */
function pick({ pin, epoch = 1, states = {}, orders = {}, tried = [] }: Case) {
  const overrideOf = (name: string): OperatorOverride => (orders[name] ?? []).reduce(obey, noOverride);
  const statusOf = (name: string): OriginStatus =>
    status({ ...states[name], operator: overrideOf(name).state });
  const want = { tried, pin: { session: "s1", origin: pin, epoch } };
  const picked = new Picker(shop).pick(
    want,
    { now: 0, statusOf, pinEpochOf: (name: string) => overrideOf(name).pinEpoch },
    seededRandom(1),
  );
  return picked.kind === "granted" ? picked : expect.fail(picked.why);
}

describe("a bound session keeps its origin", () => {
  test.each<[string, Case]>([
    ["while that can serve", { pin: "b" }],
    ["though another is less busy", { pin: "b", states: { b: { inFlight: 50 } } }],
    ["while that is draining: what is bound may finish", { pin: "b", orders: { b: ["drain"] } }],
    ["while that has weight 0: it takes nothing new, and keeps what it has", { pin: "retired" }],
    ["after that was drained and undrained", { pin: "b", orders: { b: ["drain", "undrain"] } }],
    ["bound anew after that was down", { pin: "b", epoch: 2, orders: { b: ["down", "up"] } }],
  ])("%s", (_, given) => {
    expect(pick(given)).toMatchObject({ origin: given.pin, pin: "kept" });
    expect(pick(given)).not.toHaveProperty("spill");
  });

  test("in a burst pool too, and that spill is the session's (`policy`), though home has room", () => {
    expect(pick({ pin: "c" })).toMatchObject({ origin: "c", pool: "cloud", pin: "kept", spill: "policy" });
  });

  test("and hears the pin epoch that binds it", () => {
    expect(pick({ pin: "b", epoch: 2, orders: { b: ["down", "up"] } }).pinEpoch).toBe(2);
  });
});

describe("a bound session is served elsewhere this once", () => {
  test("when its origin is full", () => {
    expect(pick({ pin: "a", states: { a: full } })).toMatchObject({ origin: "b", pin: "elsewhere" });
  });

  test("when its origin is full and draining", () => {
    expect(pick({ pin: "a", states: { a: full }, orders: { a: ["drain"] } })).toMatchObject({
      pin: "elsewhere",
    });
  });

  test("when its origin was tried and failed this request", () => {
    expect(pick({ pin: "b", tried: ["b"] })).toMatchObject({ origin: "a", pin: "elsewhere" });
  });

  test("in the next pool, if all of home is full", () => {
    expect(pick({ pin: "a", states: { a: full, b: sick } })).toMatchObject({
      origin: "c",
      pin: "elsewhere",
      spill: "peak",
    });
  });
});

describe("a bound session moves for good", () => {
  test.each<[string, Case]>([
    ["when its origin is gone from the configuration", { pin: "gone" }],
    ["when its origin is unhealthy", { pin: "b", states: { b: sick } }],
    [
      "when its origin is unhealthy and draining",
      { pin: "b", states: { b: sick }, orders: { b: ["drain"] } },
    ],
    ["when its origin is down by order", { pin: "b", epoch: 2, orders: { b: ["down"] } }],
    [
      "when it was bound before that was down, though it is up again",
      { pin: "b", orders: { b: ["down", "up"] } },
    ],
    ["when its epoch is of another incarnation of the names", { pin: "b", epoch: 7 }],
  ])("%s", (_, given) => {
    expect(pick(given).pin).toBe("moved");
  });

  test("to an origin that can serve, and hears that one's pin epoch", () => {
    const states = { a: full, b: sick };
    expect(pick({ pin: "b", states, orders: { c: ["down", "up"] } })).toMatchObject({
      origin: "c",
      pinEpoch: 2,
      spill: "peak",
    });
  });
});

test("a session that is refused everywhere gets no pick", () => {
  const statusOf = (): OriginStatus => status({ operator: "down" });
  const want = { tried: [], pin: { session: "s1", origin: "a", epoch: 2 } };
  expect(new Picker(shop).pick(want, { now: 0, statusOf, pinEpochOf: () => 2 }, seededRandom(1))).toEqual({
    kind: "unavailable",
    why: "down",
  });
});
