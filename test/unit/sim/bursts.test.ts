/** A cloud that grows: who says how large it is, what a burst costs, and Weir's queue in the simulator. */
import { upstreamOf } from "../worker/config/tables.ts";
import { describe, expect, test } from "vitest";
import { fluidShare } from "../../../sim/engine/burst-figures.ts";
import { weirDefaults } from "../../../sim/scenario/complete.ts";
import { rateFactor } from "../../../sim/scenario/arrivals.ts";
import { rowOf, scenario, type Written } from "../../support/scenario.ts";

/** 40 a second, which home can just do, and from 20 s on a crowd that brings as many again; instances start within 5 s. */
const crowd = (changes: Written = {}, scaling: Written = {}) =>
  scenario({
    warmupMs: 5000,
    measureMs: 55_000,
    loads: [1],
    dispatchers: { count: 4 },
    network: { coordinatorRttMs: 10, coordinatorTimeoutMs: 250 },
    requests: { timeoutMs: 5000 },
    work: { kind: "exponential", meanMs: 200 },
    arrivals: {
      kind: "profile",
      ratePerSecond: 40,
      points: [
        { atMs: 0, factor: 0.7 },
        { atMs: 20_000, factor: 0.7 },
        { atMs: 23_000, factor: 1.7 },
        { atMs: 40_000, factor: 1.7 },
        { atMs: 41_000, factor: 0.5 },
      ],
    },
    pools: [
      { name: "home", servers: [{ kind: "slots", count: 2, workers: 4, backlog: 20, maxConns: 4 }] },
      {
        name: "cloud",
        rttMs: 20,
        coldStartMs: 5000,
        servers: [{ kind: "slots", count: 10, workers: 4, backlog: 0, maxConns: 4 }],
        scaling: { min: 0, target: 0.75, everyMs: 500, delayMs: 0, idleMs: 10_000, ...scaling },
      },
    ],
    burst: { fromMs: 20_000, untilMs: 41_000, sloMs: 1000 },
    weir: { queue: { length: 20, timeoutMs: 1000 } },
    ...changes,
  });

const burstOf = (of: ReturnType<typeof crowd>, policy: string) => {
  const { burst } = rowOf(of, { policy, load: 1 });
  if (burst === undefined) throw new Error("no burst");
  return burst;
};

/** The bursts of plain crowds, which several tests look at. */
const known = new Map<string, ReturnType<typeof burstOf>>();
const plainBurst = (policy: string) => {
  const burst = known.get(policy) ?? burstOf(crowd(), policy);
  known.set(policy, burst);
  return burst;
};

describe("a profile", () => {
  test("goes in straight lines through its points, and is even before and after them", () => {
    const points = [
      { atMs: 100, factor: 1 },
      { atMs: 200, factor: 3 },
      { atMs: 300, factor: 0 },
      { atMs: 400, factor: 2 },
    ];
    const at = (ms: number) => rateFactor({ kind: "profile", points }, ms);
    expect([0, 100, 150, 200, 250, 300, 350, 400, 9999].map(at)).toEqual([1, 1, 2, 3, 1.5, 0, 1, 2, 2]);
  });
});

describe("the fluid minimum", () => {
  test("is what comes beyond home's capacity, of all that comes", () => {
    const points = [{ atMs: 0, factor: 1.5 }];
    const steady = crowd({ arrivals: { kind: "profile", ratePerSecond: 40, points } });
    expect(fluidShare(steady, 1)).toBeCloseTo(1 / 3, 6);
    expect(fluidShare(steady, 2)).toBeCloseTo(2 / 3, 6);
    expect(fluidShare(steady, 0.5)).toBe(0);
  });
});

describe("instances", () => {
  test("that the oracle orders are there in time, and those of a strategy that only reacts are late", () => {
    const [oracle, reactive] = [plainBurst("weir-oracle"), plainBurst("weir-reactive")];
    expect(oracle.errorShare).toBe(0);
    expect(reactive.errorShare).toBeGreaterThan(0.05);
    // At 15 s, and at 35 s.
    const [before, , during] = oracle.timeline.instances;
    expect(during).toBeGreaterThanOrEqual(3);
    expect(before).toBeLessThan(during!);
  });

  test("that Weir orders serve, and are fewer again when the crowd has gone", () => {
    const quiet = crowd({ measureMs: 110_000 });
    const { burst, spillShare } = rowOf(quiet, { policy: "weir", load: 1 });
    const { timeline, instanceHours } = burst ?? expect.fail("no burst");
    expect(Math.max(...timeline.instances)).toBeGreaterThanOrEqual(3);
    expect(timeline.instances.at(-1)).toBeLessThan(Math.max(...timeline.instances));
    expect(instanceHours).toBeGreaterThan(0);
    expect(spillShare).toBeGreaterThan(0.1);
  });

  test("that stand by cost hours and save requests", () => {
    const [alone, reserved] = [plainBurst("weir"), burstOf(crowd({}, { reserve: 1 }), "weir")];
    expect(reserved.instanceHours).toBeGreaterThan(alone.instanceHours);
    expect(reserved.missShare).toBeLessThan(alone.missShare);
  });

  test("are paid for from their boot to their end, cold start included", () => {
    const cost = { perServerHour: 3600 };
    const of = crowd();
    const priced = { ...of, pools: of.pools.map((pool) => ({ ...pool, cost: { perRequest: 0, ...cost } })) };
    const { burst, cost: spent } = rowOf(priced, { policy: "weir-oracle", load: 1 });
    // Home's two servers run all the time.
    expect(spent).toBeCloseTo(burst!.instanceHours * 3600 + 2 * 55, 6);
  });
});

describe("requests of Weir's", () => {
  const full = (weir: Written) => crowd({ weir }, { min: 10 });

  test("wait at home where waiting is quicker, so that fewer spill", () => {
    const [waiting, spilling] = [full({ queue: { length: 20 } }), full({})].map((of) =>
      rowOf(
        { ...of, pools: of.pools.map((pool) => ({ ...pool, priceMs: 200 })) },
        { policy: "weir", load: 1 },
      ),
    );
    expect(waiting!.spillShare).toBeLessThan(spilling!.spillShare - 0.01);
    expect(waiting!.slots!.waitMs).toBeGreaterThan(spilling!.slots!.waitMs);
    expect(waiting!.errorRate).toBe(0);
  });

  test("that wait when the object dies are served, here or there", () => {
    const faults = [
      { kind: "dead-coordinator", atMs: 25_000, untilMs: 27_000 },
      { kind: "lost-reports", share: 0.2, atMs: 28_000, untilMs: 35_000 },
      { kind: "dead-dispatchers", share: 0.5, atMs: 30_000 },
    ];
    const { requests, errorRate, p999Ms } = rowOf(crowd({ faults }, { min: 10 }), {
      policy: "weir",
      load: 1,
    });
    expect(requests).toBeGreaterThan(1000);
    expect(p999Ms).toBeLessThan(5000);
    // Half of the isolates die, with what is open there.
    expect(errorRate).toBeLessThan(0.02);
  });

  test("begin one burst in one crowd", () => {
    const points = [
      { atMs: 20_000, factor: 0.5 },
      { atMs: 22_000, factor: 3 },
      { atMs: 60_000, factor: 3 },
      { atMs: 61_000, factor: 0.3 },
    ];
    const arrivals = { kind: "profile", ratePerSecond: 40, points };
    const weir = { queue: { length: 20 }, burst: true };
    const watched = crowd({ arrivals, weir, measureMs: 140_000 }, { min: 10 });
    // To bursting, to returning, and home.
    expect(burstOf(watched, "weir").transitions).toBe(3);
    expect(plainBurst("weir").transitions).toBe(0);
  });
});

test("what a scenario leaves out of Weir's own config is as it ships", () => {
  const pools = [
    { name: "home", origins: [{ name: "a", url: "https://a.example.com", maxConns: 8 }] },
    { name: "cloud", origins: [{ name: "b", url: "https://b.example.com" }] },
  ];
  const { burst } = upstreamOf({
    upstreams: { shop: { pools, burst: true } },
    routes: [{ upstream: "shop" }],
  });
  // The queue's numbers are the simulator's own, and do not follow Weir's: published figures rest on them.
  expect(weirDefaults.queue).toEqual({ length: 100, timeoutMs: 2_000, priority: "normal" });
  expect(weirDefaults.burst).toEqual(burst);
});
