/** Pools in order of preference, pools that grow, and servers that break. */
import { describe, expect, test } from "vitest";
import { rowOf, scenario, type Written } from "../../support/scenario.ts";

const work = { kind: "constant", ms: 100 };
const home = { name: "home", servers: [{ kind: "slots", count: 2, workers: 4, backlog: 4, maxConns: 4 }] };

/** 160 requests a second for 20 s at home, which can do 80. */
function overloaded(...later: readonly Written[]) {
  return scenario({
    warmupMs: 2000,
    measureMs: 20_000,
    work,
    arrivals: { kind: "poisson", ratePerSecond: 160 },
    network: { coordinatorRttMs: 0 },
    requests: { timeoutMs: 5000 },
    pools: [home, ...later],
  });
}

describe("what home cannot take", () => {
  test("spills to the next pool, and no more than that", () => {
    const cloud = { name: "cloud", rttMs: 20, servers: [{ kind: "slots", workers: 50 }] };
    const { spillShare, errorRate, p50Ms, p99Ms } = rowOf(overloaded(cloud), { load: 1 });
    expect(errorRate).toBe(0);
    // Erlang's loss formula: of 16 erlangs offered to 8 slots 0.5304 are lost to them.
    expect(spillShare).toBeCloseTo(0.53, 1);
    expect([p50Ms, p99Ms].map(Math.round)).toEqual([120, 120]);
  });

  test("is refused where there is no next pool", () => {
    const { errorRate, spillShare } = rowOf(overloaded(), { load: 1 });
    expect(errorRate).toBeCloseTo(0.53, 1);
    expect(spillShare).toBe(0);
  });

  test("goes to a pool that grows as soon as its servers have started", () => {
    const growing = (delayMs: number) => ({
      name: "cloud",
      coldStartMs: 500,
      servers: [{ kind: "slots", count: 5, workers: 4, backlog: 0, maxConns: 4 }],
      scaling: { min: 1, target: 0.7, everyMs: 200, delayMs },
    });
    const soon = rowOf(overloaded(growing(0)), { load: 1 });
    const late = rowOf(overloaded(growing(10_000)), { load: 1 });
    const never = rowOf(overloaded(growing(60_000)), { load: 1 });
    expect(soon.errorRate).toBeLessThan(0.05);
    expect(late.errorRate).toBeGreaterThan(soon.errorRate + 0.05);
    expect(never.errorRate).toBeGreaterThan(late.errorRate + 0.05);
    expect(never.spillShare).toBeGreaterThan(0.2);
  });
});

describe("a server that fails at once", () => {
  const sinkhole = scenario({
    warmupMs: 1000,
    measureMs: 20_000,
    work,
    arrivals: { kind: "poisson", ratePerSecond: 60 },
    pools: [{ name: "home", servers: [{ kind: "slots", count: 4, workers: 4 }] }],
    faults: [{ kind: "fast-failing", servers: ["home-2"], atMs: 5000 }],
  });

  test("draws the traffic of who counts only what is in flight, and not adaptive's", () => {
    const drawn = rowOf(sinkhole, { policy: "least_conn", load: 1 }).errorRate;
    expect(drawn).toBeGreaterThan(0.2);
    expect(rowOf(sinkhole, { policy: "adaptive", load: 1 }).errorRate).toBeLessThan(drawn / 4);
  });
});
