/** What operators and metrics are shown: the contract of the API. */
import { describe, expect, test } from "vitest";

import { Coordinator } from "../../../../core/coordinator/coordinator.ts";
import { counters } from "../../../../core/telemetry/counters.ts";
import { OneHolder } from "../../../support/one-holder.ts";
import { nothingSaved } from "../../../support/saved.ts";
import { origin, pool, upstream } from "../../../support/upstream.ts";

const now = 1_000_000;

const shop = upstream({
  pools: [
    pool("home", [origin("a", { weight: 3, maxConns: 1 }), origin("b"), origin("retired", { weight: 0 })]),
    pool("cloud", [origin("spare", { backup: true })]),
  ],
});

function start() {
  const coordinator = new Coordinator(shop, nothingSaved, now);
  return { coordinator, holder: new OneHolder(coordinator) };
}

function viewOf(coordinator: Coordinator, name: string, at = now) {
  const origins = coordinator.view(at).pools.flatMap((one) => one.origins);
  return origins.find((one) => one.name === name) ?? expect.fail(`no origin ${name}`);
}

function probe(coordinator: Coordinator, origin: string, good: boolean, rounds: number, at = now): void {
  for (let round = 0; round < rounds; round++) coordinator.probed([{ origin, good, evidence: "" }], at);
}

test("the view of an upstream that has just begun", () => {
  const idle = {
    weight: 1,
    maxConns: null,
    backup: false,
    inFlight: 0,
    health: "unknown",
    healthSinceMs: now,
    capacity: null,
    trouble: null,
    ejectedUntilMs: null,
    operator: "up",
    sessions: 0,
    available: true,
    unavailableBecause: null,
    lent: 0,
    stillOpen: 0,
    safeToStop: false,
    waitingFor: [{ why: "in-service" }],
    traffic: { answered: 0, failed: 0, headerMs: null },
    report: null,
    reportsRefused: 0,
    registered: null,
  };
  const unused = {
    spilled: { peak: 0, downtime: 0, drain: 0, policy: 0, budget: 0 },
    refused: 0,
    bytes: 0,
    budget: null,
  };
  expect(start().coordinator.view(now)).toEqual({
    name: "shop",
    policy: "least_conn",
    queue: null,
    sessionsMoved: null,
    probedMs: null,
    holders: 0,
    burst: null,
    counters: Object.fromEntries(Object.keys(counters).map((name) => [name, []])),
    pools: [
      {
        ...unused,
        name: "home",
        origins: [
          { ...idle, name: "a", weight: 3, maxConns: 1 },
          { ...idle, name: "b" },
          { ...idle, name: "retired", weight: 0, available: false, unavailableBecause: "down" },
        ],
      },
      { ...unused, name: "cloud", origins: [{ ...idle, name: "spare", backup: true }] },
    ],
  });
});

describe("an origin is shown", () => {
  test("with what probes say, and since when", () => {
    const { coordinator } = start();
    probe(coordinator, "a", true, 1, now + 1);
    probe(coordinator, "b", false, 3, now + 2);
    expect(viewOf(coordinator, "a")).toMatchObject({
      health: "healthy",
      healthSinceMs: now + 1,
      available: true,
    });
    expect(viewOf(coordinator, "b")).toMatchObject({
      health: "unhealthy",
      healthSinceMs: now + 2,
      unavailableBecause: "unhealthy",
    });
  });

  test("as ejected, until when, and not for longer", () => {
    const { coordinator, holder } = start();
    probe(coordinator, "a", true, 1);
    holder.report(
      now,
      Array.from({ length: 5 }, () => ({ origin: "a", ok: false })),
    );
    expect(viewOf(coordinator, "a")).toMatchObject({
      health: "healthy",
      ejectedUntilMs: now + 30_000,
      available: false,
      unavailableBecause: "ejected",
    });
    expect(viewOf(coordinator, "a", now + 30_000)).toMatchObject({
      ejectedUntilMs: null,
      available: true,
      unavailableBecause: null,
    });
  });

  test("as full while its slots are in use, with their number", () => {
    const { coordinator, holder } = start();
    expect(holder.askedFor(now, { tried: ["b"] })).toBe("a");
    expect(viewOf(coordinator, "a")).toMatchObject({
      inFlight: 1,
      available: false,
      unavailableBecause: "full",
    });
    holder.close("a", now);
    expect(viewOf(coordinator, "a")).toMatchObject({ inFlight: 0, available: true });
  });

  test("with the operator's order, and that rather than its health as the reason", () => {
    const { coordinator } = start();
    probe(coordinator, "a", false, 3);
    coordinator.drains.operate("a", "drain", now);
    coordinator.drains.operate("b", "down", now);
    expect(viewOf(coordinator, "a")).toMatchObject({
      operator: "draining",
      health: "unhealthy",
      unavailableBecause: "draining",
    });
    expect(viewOf(coordinator, "b")).toMatchObject({ operator: "down", unavailableBecause: "down" });
  });
});

test("holders are those that hold slots, and for a minute those that did", () => {
  const { coordinator, holder } = start();
  new OneHolder(coordinator, "isolate-2").report(now, []);
  holder.ask(now);
  expect(coordinator.view(now).holders).toBe(2);
  expect(coordinator.view(now + 120_000).holders).toBe(0);
});
