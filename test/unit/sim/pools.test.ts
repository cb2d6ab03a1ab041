/** Pools in order of preference, pools that grow, and servers that break. */
import { describe, expect, test } from "vitest";
import { rowOf, scenario, type Written } from "../../support/scenario.ts";

const work = { kind: "constant", ms: 100 };
const home = { name: "home", servers: [{ kind: "slots", count: 2, workers: 4, backlog: 4, maxConns: 4 }] };

/** 160 requests a second for 20 s. */
const shared = {
  warmupMs: 2000,
  measureMs: 20_000,
  work,
  arrivals: { kind: "poisson", ratePerSecond: 160 },
  network: { coordinatorRttMs: 0 },
  requests: { timeoutMs: 5000 },
};

/** Twice as many requests as home can do. */
function overloaded(...later: readonly Written[]) {
  return scenario({ ...shared, pools: [home, ...later] });
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

describe("a pool that may shrink to nothing", () => {
  const fromNothing = (maxConns?: number) => {
    const group = { kind: "slots", count: 2, workers: 4, ...(maxConns === undefined ? {} : { maxConns }) };
    const scaling = { min: 0, target: 0.7, everyMs: 100, delayMs: 0 };
    const cloud = { name: "cloud", servers: [{ kind: "slots", count: 5, workers: 4 }], scaling };
    return rowOf(scenario({ ...shared, pools: [{ name: "home", servers: [group] }, cloud] }), { load: 1 });
  };

  test("gets its first server when those before it are full, and none while they have room", () => {
    const { errorRate, spillShare } = fromNothing(4);
    expect(errorRate).toBeLessThan(0.05);
    expect(spillShare).toBeGreaterThan(0.4);
    expect(fromNothing().spillShare).toBe(0);
  });
});

describe("what is spent", () => {
  const priced = (changes: Written, policy = "least_conn") =>
    rowOf(scenario({ ...shared, ...changes }), { policy, load: 1 });
  const servers = [{ kind: "slots", count: 3, workers: 50 }];

  test("is each request and each server's time, as far as they are measured", () => {
    const cost = { perRequest: 0.5, perServerHour: 7200 };
    const row = priced({ pools: [{ name: "home", servers, cost }] });
    // Three servers for 20 s, at 2 a second.
    expect(row.cost).toBeCloseTo(row.requests * 0.5 + 3 * 20 * 2, 6);
  });

  test("is only for the servers of a growing pool that run, and for their cold start", () => {
    const scaling = { min: 1, target: 0.1, everyMs: 7000, delayMs: 1000 };
    const pool = { name: "home", servers, scaling, coldStartMs: 2000, cost: { perServerHour: 3600 } };
    // One all the time; the two others are booted at 8 s and stay: the measurement lasts from 2 to 22 s.
    expect(priced({ pools: [pool] }).cost).toBeCloseTo(20 + 2 * 14, 6);
  });

  test("is nothing to speak of where no pool has a price", () => {
    expect(priced({ pools: [{ name: "home", servers, cost: { perRequest: 0 } }] })).not.toHaveProperty(
      "cost",
    );
  });
});

describe("faults that overlap", () => {
  const faulty = (...faults: readonly Written[]) =>
    rowOf(
      scenario({
        ...shared,
        arrivals: { kind: "poisson", ratePerSecond: 20 },
        pools: [{ name: "home", servers: [{ kind: "slots", workers: 100 }] }],
        faults,
      }),
      { load: 1 },
    );
  const servers = ["home-1"];

  test("hold until the last of them ends", () => {
    const inner = { atMs: 3000, untilMs: 4000 };
    const outer = { atMs: 2500, untilMs: 30_000 };
    const slow = faulty(
      { kind: "slow", servers, factor: 3, ...inner },
      { kind: "slow", servers, factor: 5, ...outer },
    );
    expect(slow.p50Ms).toBeCloseTo(500, -1);
    expect(
      faulty({ kind: "dead", servers, ...inner }, { kind: "dead", servers, ...outer }).errorRate,
    ).toBeGreaterThan(0.9);
    const failing = faulty(
      { kind: "fast-failing", servers, ...inner },
      { kind: "fast-failing", servers, ...outer },
    );
    expect(failing.errorRate).toBeGreaterThan(0.9);
  });

  test("of one server twice are one", () => {
    const twice = faulty({ kind: "dead", servers: [...servers, ...servers], atMs: 3000, untilMs: 4000 });
    expect(twice).toEqual(faulty({ kind: "dead", servers, atMs: 3000, untilMs: 4000 }));
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

  test("draws the traffic of a policy that counts only requests in flight, and not adaptive's", () => {
    const drawn = rowOf(sinkhole, { policy: "least_conn", load: 1 }).errorRate;
    expect(drawn).toBeGreaterThan(0.2);
    expect(rowOf(sinkhole, { policy: "adaptive", load: 1 }).errorRate).toBeLessThan(drawn / 4);
  });
});
