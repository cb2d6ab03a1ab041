/** The pick without sessions: pools in order, the policy within, panic when no origin is healthy. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import type { OriginStatus } from "../../../../core/model/origin-status.ts";
import { seededRandom } from "../../../../core/model/random.ts";
import type { Upstream } from "../../../../core/model/upstream.ts";
import { Picker, type PickView } from "../../../../core/placement/picker.ts";
import type { Want } from "../../../../core/protocol/pick.ts";
import { obstacle } from "../../../../core/selection/eligible.ts";
import { somePool, statusOfAll } from "../../../support/random-pools.ts";
import { origin, pool, status, upstream } from "../../../support/upstream.ts";

const random = seededRandom(1);

/** A view in which every origin is free, but for those named. */
function view(states: Readonly<Record<string, Partial<OriginStatus>>> = {}): PickView {
  return { now: 0, statusOf: (name) => status(states[name]), pinEpochOf: () => 1 };
}

const shop = upstream({
  policy: { name: "round_robin" },
  pools: [
    pool("home", [
      origin("a", { maxConns: 2 }),
      origin("b", { maxConns: 2 }),
      origin("spare", { backup: true, maxConns: 2 }),
    ]),
    pool("cloud", [origin("c")]),
  ],
});

function pick(
  states: Readonly<Record<string, Partial<OriginStatus>>> = {},
  want: Partial<Want> = {},
  config = shop,
) {
  return new Picker(config).pick({ tried: [], ...want }, view(states), random);
}

function sequence(config: Upstream, picks: number, states = {}): string {
  const picker = new Picker(config);
  return Array.from({ length: picks }, () => {
    const one = picker.pick({ tried: [] }, view(states), random);
    return one.kind === "granted" ? one.origin : one.kind;
  }).join(" ");
}

const full = { inFlight: 2 };
const sick = { healthy: false };
const drained = { operator: "draining" } as const;
const down = { operator: "down" } as const;

describe("a pick", () => {
  test("at home says which origin serves and in which pool, without a spill or panic", () => {
    expect(pick()).toEqual({ kind: "granted", origin: "a", pool: "home", pinEpoch: 1, pin: "none" });
  });

  test("never repeats what was tried", () => {
    expect(pick({}, { tried: ["a"] })).toMatchObject({ origin: "b" });
    expect(pick({}, { tried: ["a", "b", "c"] })).toMatchObject({ origin: "spare", pool: "home" });
    expect(pick({}, { tried: ["a", "b", "spare", "c"] })).toEqual({ kind: "unavailable", why: "down" });
  });

  test("is the origin whose turn it is by its holder's count, if that can take the request", () => {
    expect(pick({}, { turn: "b" })).toMatchObject({ origin: "b", pool: "home" });
    expect(pick({ b: full }, { turn: "b" })).toMatchObject({ origin: "a", pool: "home" });
    expect(pick({}, { turn: "c" })).toMatchObject({ origin: "a", pool: "home" });
    expect(pick({}, { turn: "b", tried: ["b"] })).toMatchObject({ origin: "a", pool: "home" });
  });

  test("spills with its reason", () => {
    expect(pick({ a: full, b: full, spare: full })).toMatchObject({
      origin: "c",
      pool: "cloud",
      spill: "peak",
    });
    expect(pick({ a: sick, b: sick, spare: sick })).toMatchObject({ origin: "c", spill: "downtime" });
  });

  test("carries the origin's pin epoch", () => {
    const third: PickView = { ...view(), pinEpochOf: () => 3 };
    expect(new Picker(shop).pick({ tried: [] }, third, random)).toMatchObject({ pinEpoch: 3 });
  });

  test("uses the key: the same one goes to the same origin, whatever the turn", () => {
    const hashing = { ...shop, policy: { name: "ip_hash" } } as const;
    const picker = new Picker(hashing);
    const origins = Array.from({ length: 20 }, () =>
      picker.pick({ tried: [], key: "client" }, view(), random),
    );
    expect(new Set(origins.map((one) => one.kind === "granted" && one.origin)).size).toBe(1);
  });
});

describe("turns", () => {
  test("are taken among the regular origins of home", () => {
    expect(sequence(shop, 4)).toBe("a b a b");
  });

  test("are counted apart for each pool, and for its backups", () => {
    const picker = new Picker(
      upstream({
        policy: { name: "round_robin" },
        pools: [pool("home", [origin("a"), origin("b")]), pool("cloud", [origin("c"), origin("d")])],
      }),
    );
    const next = (states: Parameters<typeof view>[0]): string => {
      const one = picker.pick({ tried: [] }, view(states), random);
      return one.kind === "granted" ? one.origin : one.kind;
    };
    const spilling = { a: sick, b: sick };
    expect([next({}), next(spilling), next({}), next(spilling), next({})]).toEqual(["a", "c", "b", "d", "a"]);
  });
});

describe("no origin to serve", () => {
  const all = (state: Partial<OriginStatus>) => ({ a: state, b: state, spare: state, c: state });
  const limited = { ...shop, pools: [shop.pools[0] ?? pool("home", [])] };

  test("is `full` if any healthy origin is full, and then health is not ignored", () => {
    expect(pick({ a: full, b: sick, spare: sick }, {}, limited)).toEqual({
      kind: "unavailable",
      why: "full",
    });
  });

  test("is `down` if the operator took every origin out: panic ignores health, not the operator", () => {
    expect(pick(all(down))).toEqual({ kind: "unavailable", why: "down" });
    expect(pick(all(drained))).toEqual({ kind: "unavailable", why: "down" });
    expect(pick(all({ ...sick, ...drained }))).toEqual({ kind: "unavailable", why: "down" });
  });

  test("is `down`, not panic, if the only healthy one was tried: the sick would do no better", () => {
    expect(pick({ a: sick, spare: sick, c: sick }, { tried: ["b"] })).toEqual({
      kind: "unavailable",
      why: "down",
    });
  });

  test("is `full` in panic too, if all slots are taken", () => {
    expect(pick(all({ ...sick, ...full }), {}, limited)).toEqual({ kind: "unavailable", why: "full" });
  });
});

describe("in panic, when no origin is healthy", () => {
  const sickAll = { a: sick, b: sick, spare: sick, c: sick };

  test("health is ignored, home comes first, and the pick says so", () => {
    expect(pick(sickAll)).toEqual({
      kind: "granted",
      origin: "a",
      pool: "home",
      pinEpoch: 1,
      pin: "none",
      panic: true,
    });
    expect(pick(sickAll, { tried: ["a"] })).toMatchObject({ origin: "b", panic: true });
  });

  test("the operator and the limits still count", () => {
    expect(pick({ ...sickAll, a: { ...sick, ...down } })).toMatchObject({ origin: "b", panic: true });
    expect(pick({ ...sickAll, a: { ...sick, ...full } })).toMatchObject({ origin: "b", panic: true });
  });

  test("an origin that is healthy but drained does not end the panic: its operator keeps new requests away", () => {
    expect(pick({ ...sickAll, a: drained })).toMatchObject({ origin: "b", panic: true });
  });

  test("an origin that is healthy but weighs nothing does not end the panic", () => {
    const weightless = upstream({ pools: [pool("home", [origin("a"), origin("b", { weight: 0 })])] });
    expect(pick({ a: sick }, {}, weightless)).toMatchObject({ origin: "a", panic: true });
  });
});

test("in any state, what is picked can serve, and nothing is refused that could be served", () => {
  fc.assert(
    fc.property(fc.tuple(somePool("home"), somePool("cloud")), (observed) => {
      const statusOf = statusOfAll(observed);
      const pools = observed.map(({ pool }) => pool);
      const nothing = { tried: new Set<string>(), care: "bold" } as const;
      const origins = pools.flatMap(({ origins }) => origins);
      const picked = new Picker(upstream({ pools })).pick(
        { tried: [] },
        { now: 0, statusOf, pinEpochOf: () => 1 },
        random,
      );
      if (picked.kind === "unavailable") {
        expect(origins.map((one) => obstacle(one, statusOf(one.name), nothing))).not.toContain(undefined);
      } else {
        const one =
          origins.find(({ name }) => name === picked.origin) ?? expect.fail("picked an unknown origin");
        const demand = { ...nothing, panic: picked.panic === true };
        expect(obstacle(one, statusOf(one.name), demand)).toBeUndefined();
      }
    }),
  );
});
