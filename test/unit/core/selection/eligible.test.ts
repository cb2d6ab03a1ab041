/** Who may serve a request: every obstacle, every combination of them, and what lifts which. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import {
  obstacle,
  surveyPool,
  type RequestDemand,
  type Obstacle,
} from "../../../../core/selection/eligible.ts";
import { origin, pool, status } from "../../../support/upstream.ts";
import { someDemand, somePool } from "../../../support/random-pools.ts";

const nothing = { tried: new Set<string>() };

/** What brings an obstacle about, gravest first. */
const causes = [
  "tried",
  "down",
  "weightless",
  "draining",
  "unhealthy",
  "suspect",
  "failing",
  "full",
] as const;
type Cause = (typeof causes)[number];

/** An operator's state is one word, so an origin is not down and draining at once. */
const combinations = Array.from({ length: 2 ** causes.length }, (_, bits) =>
  causes.filter((_, index) => bits & (1 << index)),
).filter((present) => !(present.includes("down") && present.includes("draining")));

function judge(present: readonly Cause[], circumstances: Omit<RequestDemand, "tried">) {
  const has = (cause: Cause): boolean => present.includes(cause);
  const observed = status({
    operator: has("down") ? "down" : has("draining") ? "draining" : "up",
    healthy: !has("unhealthy"),
    suspect: has("suspect"),
    failing: has("failing"),
    inFlight: has("full") ? 3 : 2,
  });
  const tried = new Set([has("tried") ? "a" : "another"]);
  return obstacle(origin("a", { weight: has("weightless") ? 0 : 1, maxConns: 3 }), observed, {
    tried,
    ...circumstances,
  });
}

function gravest(present: readonly Cause[], lifted: readonly Cause[]): Obstacle | undefined {
  const first = present.find((cause) => !lifted.includes(cause));
  if (first === "suspect") return "failing";
  return first === "weightless" ? "down" : first;
}

describe("an origin's obstacle", () => {
  test("is none if nothing stands in the way", () => {
    expect(obstacle(origin("a"), status(), nothing)).toBeUndefined();
  });

  test.each(combinations.map((present) => ({ present })))("is the gravest of $present", ({ present }) => {
    expect(judge(present, { care: "cautious" })).toBe(gravest(present, []));
    expect(judge(present, {})).toBe(gravest(present, ["failing"]));
    expect(judge(present, { bound: false, panic: false, care: "wary" })).toBe(gravest(present, ["failing"]));
    expect(judge(present, { care: "bold" })).toBe(gravest(present, ["failing", "suspect"]));
  });

  test.each(combinations.map((present) => ({ present })))(
    "a bound session ignores a drain and a weight of 0, panic ignores health, and nothing else, of $present",
    ({ present }) => {
      const care = "cautious";
      expect(judge(present, { bound: true, care })).toBe(gravest(present, ["draining", "weightless"]));
      expect(judge(present, { panic: true, care })).toBe(gravest(present, ["unhealthy"]));
      const both = gravest(present, ["draining", "weightless", "unhealthy"]);
      expect(judge(present, { bound: true, panic: true, care })).toBe(both);
    },
  );

  test.each([
    { maxConns: 3, inFlight: 2, reason: undefined },
    { maxConns: 3, inFlight: 3, reason: "full" },
    { maxConns: 3, inFlight: 4, reason: "full" },
    { maxConns: 1, inFlight: 0, reason: undefined },
  ])("with $inFlight of $maxConns slots in use is $reason", ({ maxConns, inFlight, reason }) => {
    expect(obstacle(origin("a", { maxConns }), status({ inFlight }), nothing)).toBe(reason);
  });

  test("is never `full` without a limit", () => {
    expect(obstacle(origin("a"), status({ inFlight: 1_000_000 }), nothing)).toBeUndefined();
  });
});

describe("the survey of a pool", () => {
  const statusOf = (name: string) => status({ healthy: !name.startsWith("sick"), inFlight: name.length });

  test("lists usable origins with weight and open requests, and what stands in the way of the others", () => {
    const mixed = pool("home", [
      origin("good", { weight: 7 }),
      origin("sick"),
      origin("full", { maxConns: 1 }),
    ]);
    expect(surveyPool(mixed, statusOf, nothing)).toEqual({
      candidates: [{ name: "good", weight: 7, inFlight: 4 }],
      obstacles: ["unhealthy", "full"],
    });
  });

  test("leaves backups out while one regular origin is usable", () => {
    const one = pool("home", [origin("sick"), origin("spare", { backup: true }), origin("good")]);
    const { candidates } = surveyPool(one, statusOf, nothing);
    expect(candidates.map(({ name }) => name)).toEqual(["good"]);
  });

  test("names all usable backups once no regular origin is usable, full ones included", () => {
    const none = pool("home", [
      origin("sick"),
      origin("full", { maxConns: 1 }),
      origin("spare-1", { backup: true }),
      origin("spare-2", { backup: true }),
      origin("sick-spare", { backup: true }),
    ]);
    const { candidates, obstacles } = surveyPool(none, statusOf, nothing);
    expect(candidates.map(({ name }) => name)).toEqual(["spare-1", "spare-2"]);
    expect(obstacles).toEqual(["unhealthy", "full", "unhealthy"]);
  });

  test("of a pool without a usable origin is empty", () => {
    const sick = pool("home", [origin("sick"), origin("sick-spare", { backup: true })]);
    expect(surveyPool(sick, statusOf, nothing)).toEqual({
      candidates: [],
      obstacles: ["unhealthy", "unhealthy"],
    });
  });

  test("in any state of any pool offers every unobstructed origin of one tier, and no other", () => {
    fc.assert(
      fc.property(somePool("home"), someDemand, ({ pool, statusOf }, demand) => {
        const { candidates, obstacles } = surveyPool(pool, statusOf, demand);
        const free = pool.origins.filter((one) => obstacle(one, statusOf(one.name), demand) === undefined);
        const regular = free.filter((one) => !one.backup);
        const tier = regular.length > 0 ? regular : free;
        expect(candidates.map(({ name }) => name)).toEqual(tier.map(({ name }) => name));
        expect(obstacles).toHaveLength(pool.origins.length - free.length);
      }),
    );
  });
});
