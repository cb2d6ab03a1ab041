/** Where a request goes and why: home while home can, then the next pool, and home again at once. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import type { OriginStatus } from "../../../../core/model/origin-status.ts";
import type { Origin } from "../../../../core/model/upstream.ts";
import { placeRequest } from "../../../../core/placement/spill.ts";
import { obstacle } from "../../../../core/selection/eligible.ts";
import { someDemand, somePool, statusOfAll } from "../../../support/random-pools.ts";
import { origin, pool, status } from "../../../support/upstream.ts";

const free = status();
const full = status({ inFlight: 9 });
const sick = status({ healthy: false });
const drained = status({ operator: "draining" });
const down = status({ operator: "down" });

/** Home has `a` and `b`, then come `cloud` (`c`) and, if it has a state, `reserve` (`d`); each origin has 9 slots. */
function place(
  states: { a?: OriginStatus; b?: OriginStatus; c?: OriginStatus; d?: OriginStatus },
  { tried = [], options = {} }: { tried?: string[]; options?: Record<string, Partial<Origin>> } = {},
) {
  const known = new Map(Object.entries(states));
  const originsOf = (...names: string[]) =>
    names.filter((name) => known.has(name)).map((name) => origin(name, { maxConns: 9, ...options[name] }));
  const pools = [
    pool("home", originsOf("a", "b")),
    pool("cloud", originsOf("c")),
    pool("reserve", originsOf("d")),
  ].filter(({ origins }) => origins.length > 0);
  return placeRequest(pools, (name) => known.get(name) ?? down, { tried: new Set(tried) });
}

describe("a request is served at home", () => {
  test.each([
    { home: "all is well", states: { a: free, b: free, c: free }, served: ["a", "b"] },
    { home: "one origin is full", states: { a: full, b: free, c: free }, served: ["b"] },
    { home: "one origin is sick", states: { a: free, b: sick, c: free }, served: ["a"] },
    { home: "one origin is drained", states: { a: drained, b: free, c: free }, served: ["b"] },
    { home: "the cloud is down", states: { a: free, b: free, c: down }, served: ["a", "b"] },
  ])("when $home: without a reason to spill", ({ states, served }) => {
    const placement = place(states);
    expect(placement).toMatchObject({ kind: "pool", pool: { name: "home" } });
    expect(placement).not.toHaveProperty("spill");
    expect(placement.kind === "pool" && placement.candidates.map(({ name }) => name)).toEqual(served);
  });

  test("by its backup rather than by a later pool, and that is no spill", () => {
    const placement = place({ a: full, b: free, c: free }, { options: { b: { backup: true } } });
    expect(placement).toMatchObject({ kind: "pool", candidates: [{ name: "b" }], pool: { name: "home" } });
    expect(placement).not.toHaveProperty("spill");
  });
});

describe("a request spills into the cloud, billed to", () => {
  test.each([
    { reason: "peak", because: "home is full", states: { a: full, b: full } },
    { reason: "peak", because: "the healthy origin at home is full", states: { a: sick, b: full } },
    {
      reason: "peak",
      because: "the origin at home that is not drained is full",
      states: { a: drained, b: full },
    },
    { reason: "downtime", because: "home is sick", states: { a: sick, b: sick } },
    {
      reason: "downtime",
      because: "the origin at home that is not drained is sick",
      states: { a: drained, b: sick },
    },
    { reason: "drain", because: "home is drained", states: { a: drained, b: drained } },
    { reason: "drain", because: "home is down by order", states: { a: down, b: drained } },
  ])("$reason, as $because", ({ reason, states }) => {
    const placement = place({ ...states, c: free });
    expect(placement).toMatchObject({ kind: "pool", pool: { name: "cloud" }, spill: reason });
  });

  test("drain, as home's only origin has weight 0: the operator took it out", () => {
    expect(place({ a: free, c: free }, { options: { a: { weight: 0 } } })).toMatchObject({ spill: "drain" });
  });

  test("downtime, as home's only origin has just failed this request", () => {
    expect(place({ a: free, c: free }, { tried: ["a"] })).toMatchObject({ spill: "downtime" });
  });

  test("peak, as a retry finds the rest of home full", () => {
    expect(place({ a: free, b: full, c: free }, { tried: ["a"] })).toMatchObject({ spill: "peak" });
  });

  test.each([
    { reason: "peak", home: full, cloud: sick },
    { reason: "peak", home: full, cloud: full },
    { reason: "downtime", home: sick, cloud: drained },
    { reason: "downtime", home: sick, cloud: full },
    { reason: "drain", home: drained, cloud: full },
    { reason: "drain", home: drained, cloud: sick },
  ])(
    "what keeps it from home ($reason), whatever keeps it from the second pool",
    ({ reason, home, cloud }) => {
      const placement = place({ a: home, c: cloud, d: free });
      expect(placement).toMatchObject({ kind: "pool", pool: { name: "reserve" }, spill: reason });
    },
  );
});

describe("a request is served nowhere", () => {
  test.each([
    { why: "full", states: { a: full, b: full, c: full } },
    { why: "full", states: { a: sick, b: full, c: sick } },
    { why: "full", states: { a: sick, b: sick, c: full } },
    { why: "down", states: { a: sick, b: drained, c: down } },
  ] as const)("because all is $why", ({ why, states }) => {
    expect(place(states)).toMatchObject({ kind: "nowhere", why });
  });

  test("because all is down when every origin was tried", () => {
    expect(place({ a: free, c: free }, { tried: ["a", "c"] })).toEqual({ kind: "nowhere", why: "down" });
  });
});

describe("in any state of any pools", () => {
  const twoPools = fc.tuple(somePool("home"), somePool("cloud"));

  test("a request never spills while home has a healthy, unsuspected origin with a free slot", () => {
    fc.assert(
      fc.property(twoPools, (observed) => {
        const [{ pool: home, statusOf }] = observed;
        const hasRoom = home.origins.some(({ name, weight, maxConns = Infinity }) => {
          const { healthy, suspect, operator, inFlight } = statusOf(name);
          return weight > 0 && healthy && suspect === false && operator === "up" && inFlight < maxConns;
        });
        const pools = observed.map(({ pool }) => pool);
        const placement = placeRequest(pools, statusOfAll(observed), { tried: new Set() });
        const atHome = placement.kind === "pool" && placement.pool === home;
        expect(atHome).toBe(hasRoom);
        expect(placement.kind === "pool" && placement.spill === undefined).toBe(hasRoom);
      }),
    );
  });

  test("a request that would spill is served at home as soon as one origin of home has room: no memory", () => {
    fc.assert(
      fc.property(twoPools, fc.nat(), (observed, nth) => {
        const pools = observed.map(({ pool }) => pool);
        const before = statusOfAll(observed);
        const origins = pools[0]?.origins.filter(({ weight }) => weight > 0) ?? [];
        const freed = origins[nth % origins.length];
        fc.pre(freed !== undefined);
        placeRequest(pools, before, { tried: new Set() });
        const after = (name: string) => (name === freed.name ? status() : before(name));
        const placement = placeRequest(pools, after, { tried: new Set() });
        expect(placement).toMatchObject({ kind: "pool", pool: { name: "home" } });
        expect(placement).not.toHaveProperty("spill");
      }),
    );
  });

  test("a request is served by the first pool that has an origin for it, and nowhere only if none has", () => {
    fc.assert(
      fc.property(twoPools, someDemand, (observed, demand) => {
        const first = observed.find(({ pool, statusOf }) =>
          pool.origins.some((one) => obstacle(one, statusOf(one.name), demand) === undefined),
        );
        const pools = observed.map(({ pool }) => pool);
        const placement = placeRequest(pools, statusOfAll(observed), demand);
        expect(placement.kind === "pool" ? placement.pool : undefined).toBe(first?.pool);
      }),
    );
  });
});
