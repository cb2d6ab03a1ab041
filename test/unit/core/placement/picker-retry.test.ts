/** A retry is for success: it goes where requests are answered at this moment. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { noOverride } from "../../../../core/model/operator.ts";
import { Picker, type PickView } from "../../../../core/placement/picker.ts";
import { seededRandom } from "../../../../core/model/random.ts";
import { obstacle } from "../../../../core/selection/eligible.ts";
import { somePool, statusOfAll } from "../../../support/random-pools.ts";
import { origin, pool, upstream } from "../../../support/upstream.ts";

const shop = upstream({ pools: [pool("home", [origin("a"), origin("b")]), pool("cloud", [origin("c")])] });

function picker(failing: readonly string[]) {
  const view: PickView = {
    now: 0,
    statusOf: (name) => ({ healthy: true, failing: failing.includes(name), operator: "up", inFlight: 0 }),
    pinEpochOf: () => 1,
  };
  return (tried: readonly string[]) => new Picker(shop).pick({ tried }, view, seededRandom(1));
}

describe("a request that origins of a pool have failed", () => {
  const three = upstream({
    pools: [pool("home", [origin("a"), origin("b"), origin("c")]), pool("cloud", [origin("d"), origin("e")])],
  });
  const pick = (tried: readonly string[], ...failing: string[]) => {
    const view: PickView = {
      now: 0,
      statusOf: (name) => ({ healthy: true, failing: failing.includes(name), operator: "up", inFlight: 0 }),
      pinEpochOf: () => 1,
    };
    return new Picker(three).pick({ tried }, view, seededRandom(1));
  };

  test("stays at home after the first failure", () => {
    expect(pick(["a"])).toMatchObject({ pool: "home" });
  });

  test("leaves it after the second: what has killed two may have killed all", () => {
    expect(pick(["a", "b"])).toMatchObject({ pool: "cloud", spill: "downtime" });
  });

  test("stays at home if the other pools fail, too", () => {
    expect(pick(["a", "b"], "d", "e")).toMatchObject({ origin: "c" });
  });

  test("comes home from a later pool", () => {
    expect(pick(["d", "e"])).toMatchObject({ pool: "home" });
  });

  test("does not leave home for one failure in each pool", () => {
    expect(pick(["a", "d"])).toMatchObject({ pool: "home" });
  });
});

describe("an origin that has cut the connection, for the first time", () => {
  const pick = (pools: Parameters<typeof pool>[], full: readonly string[] = []) => {
    const view: PickView = {
      now: 0,
      statusOf: (name) => ({ healthy: true, operator: "up", inFlight: full.includes(name) ? 1 : 0 }),
      pinEpochOf: () => 1,
    };
    const shop = upstream({ pools: pools.map((args) => pool(...args)) });
    return new Picker(shop).pick({ tried: ["a"], reset: "a" }, view, seededRandom(1));
  };
  const [a, b] = [origin("a", { maxConns: 1 }), origin("b", { maxConns: 1 })];

  test("is tried once more if there is no other origin, or no other has room", () => {
    expect(pick([["home", [a]]])).toMatchObject({ origin: "a" });
    expect(pick([["home", [a, b]]], ["b"])).toMatchObject({ origin: "a" });
  });

  test("is not tried again if another origin can take the request, or if it is full itself", () => {
    expect(pick([["home", [a, b]]])).toMatchObject({ origin: "b" });
    expect(
      pick([
        ["home", [a]],
        ["cloud", [b]],
      ]),
    ).toMatchObject({ origin: "b" });
    expect(pick([["home", [a]]], ["a"])).toEqual({ kind: "unavailable", why: "full" });
  });
});

describe("an origin that is suspect", () => {
  const pick = (suspect: readonly string[], full: readonly string[] = []) => {
    const view: PickView = {
      now: 0,
      statusOf: (name) => ({
        healthy: true,
        suspect: suspect.includes(name),
        operator: "up",
        inFlight: full.includes(name) ? 1 : 0,
      }),
      pinEpochOf: () => 1,
    };
    const pools = shop.pools.map((one) =>
      pool(
        one.name,
        one.origins.map(({ name }) => origin(name, { maxConns: 1 })),
      ),
    );
    return new Picker(upstream({ pools })).pick({ tried: [] }, view, seededRandom(1));
  };

  test("is passed by while another one can serve, at home or elsewhere", () => {
    expect(pick(["a"])).toMatchObject({ origin: "b" });
    expect(pick(["a", "b"])).toMatchObject({ origin: "c", spill: "downtime" });
  });

  test("serves when no other origin can", () => {
    expect(pick(["a", "b", "c"])).toMatchObject({ pool: "home" });
    expect(pick(["a", "b"], ["c"])).toMatchObject({ pool: "home" });
  });
});

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

test("in any state, a retry goes to one that answers if any such can take it, else to any that can", () => {
  const tried = new Set(["home-0"]);
  fc.assert(
    fc.property(fc.tuple(somePool("home"), somePool("cloud")), (observed) => {
      const statusOf = statusOfAll(observed);
      const pools = observed.map(({ pool }) => pool);
      const able = pools
        .flatMap(({ origins }) => origins)
        .filter((one) => obstacle(one, statusOf(one.name), { tried, care: "bold" }) === undefined)
        .map(({ name }) => name);
      const unsuspected = able.filter((name) => statusOf(name).suspect === false);
      const answering = unsuspected.filter((name) => statusOf(name).failing === false);
      const view = { now: 0, statusOf, pinEpochOf: () => 1 };
      const picked = new Picker(upstream({ pools })).pick({ tried: [...tried] }, view, seededRandom(1));
      const expected = [answering, unsuspected, able].find((names) => names.length > 0) ?? [];
      fc.pre(expected.length > 0);
      expect(expected).toContain(picked.kind === "granted" ? picked.origin : picked.kind);
    }),
  );
});

test("when every origin fails, a retry goes where it can", () => {
  expect(picker(["a", "b", "c"])(["a"])).toMatchObject({ origin: "b" });
});

test("when no origin is healthy, sessions stay on their origins: rather the probes are wrong", () => {
  const view: PickView = {
    now: 0,
    statusOf: () => ({ healthy: false, operator: "up", inFlight: 0 }),
    pinEpochOf: () => 1,
  };
  const pin = { session: "s", origin: "b", epoch: noOverride.pinEpoch };
  const pick = new Picker(shop).pick({ tried: [], pin }, view, seededRandom(1));
  expect(pick).toMatchObject({ origin: "b", pin: "kept", panic: true });
});
