/** Regions in the simulator: who is where, and that Weir's tree of objects keeps to limits and to few messages. */
import { describe, expect, test } from "vitest";
import { regionOfDispatchers } from "../../../sim/engine/dispatchers.ts";
import { runs } from "../../support/runs.ts";
import { rowOf, scenario, type Written } from "../../support/scenario.ts";

const regions = [
  { name: "weur", dispatchers: 12, rttMs: 4, rootRttMs: 4 },
  { name: "enam", dispatchers: 8, rttMs: 8, rootRttMs: 60 },
  { name: "apac", dispatchers: 4, rttMs: 8, rootRttMs: 120 },
];

/** Home can do 1,000 requests a second. */
const tree = (change: Written = {}) =>
  scenario({
    warmupMs: 1000,
    measureMs: 5000,
    dispatchers: { count: 24, zipf: 0.5, reshuffleMs: 1500 },
    regions,
    network: { coordinatorTimeoutMs: 250 },
    work: { kind: "exponential", meanMs: 100 },
    // One in 20,000 of them takes more than a second by itself.
    requests: { timeoutMs: 5000 },
    loads: [0.8, 1.2],
    pools: [
      { name: "home", servers: [{ kind: "cores", count: 4, cores: 25, maxConns: 25 }] },
      { name: "cloud", servers: [{ kind: "cores", cores: 1000 }] },
    ],
    ...change,
  });

const seeds = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);
const regional = { policy: "weir-regional" };

describe("a root, three regions and their isolates", () => {
  test.each([0.8, 1.2])("at load %d keep to limits, fail nothing, and hear few messages each", (load) => {
    for (const seed of seeds(runs(1, 20))) {
      const { slots, errorRate } = rowOf(tree(), { ...regional, load, seed });
      expect(slots?.mostOverLimit).toBe(0);
      expect(errorRate).toBe(0);
      expect(slots?.utilisation).toBeGreaterThan(0.5);
      const { objects = [] } = slots ?? {};
      expect(objects.map(({ name }) => name)).toEqual(["root", "weur", "enam", "apac"]);
      for (const { messagesPerSecond, messagesPeak } of objects) {
        expect(messagesPerSecond).toBeGreaterThan(0);
        expect(messagesPeak).toBeGreaterThanOrEqual(messagesPerSecond);
        expect(messagesPeak).toBeLessThanOrEqual(500);
      }
      // Regions write every quarter of a second, and when they are short.
      expect(objects[0]?.messagesPerSecond).toBeLessThan(100);
      const sum = objects.reduce((total, { messagesPerSecond }) => total + messagesPerSecond, 0);
      expect(slots?.messagesPerSecond).toBeCloseTo(sum);
    }
  });

  test("keep to limits while the root is away and messages are lost, and go on with what they have", () => {
    const faults = [
      { kind: "dead-dispatchers", share: 0.25, atMs: 1500 },
      { kind: "dead-coordinator", atMs: 2000, untilMs: 4000 },
      { kind: "lost-reports", share: 0.2, atMs: 4200, untilMs: 5500 },
    ];
    for (const seed of seeds(runs(1, 20))) {
      const { slots, spillShare } = rowOf(tree({ faults }), { ...regional, load: 1.2, seed });
      expect(slots?.mostOverLimit).toBe(0);
      expect(spillShare).toBeLessThan(0.9);
    }
  });

  test("let one region have what the others do not want", () => {
    const alone = tree({
      dispatchers: { count: 8 },
      regions: regions.map(({ name }) => ({ name, dispatchers: name === "weur" ? 6 : 1 })),
    });
    expect(rowOf(alone, { ...regional, load: 1.2 }).slots?.utilisation).toBeGreaterThan(0.7);
  });
});

test("messages are told by coordinator only where there are several", () => {
  const { slots } = rowOf(tree(), { policy: "weir" });
  expect(slots?.messagesPerSecond).toBeGreaterThan(0);
  expect(slots?.objects).toBeUndefined();
  const { objects } = rowOf(tree(), { policy: "adaptive-regional" }).slots ?? {};
  expect(objects?.map(({ messagesPerSecond }) => messagesPerSecond > 0)).toEqual([false, true, true, true]);
});

describe("dispatchers", () => {
  test("are dealt out to regions in turn, until each has its number", () => {
    const of = (...numbers: number[]) =>
      regionOfDispatchers(numbers.map((dispatchers) => ({ name: "", dispatchers, rttMs: 0, rootRttMs: 0 })));
    expect(of(3, 1, 2)).toEqual([0, 1, 2, 0, 2, 0]);
    expect(of(2, 2, 1)).toEqual([0, 1, 2, 0, 1]);
  });

  test("are as many in each region as in any other, where the scenario does not say", () => {
    const numbers = (change: Written) => tree(change).regions.map(({ dispatchers }) => dispatchers);
    const named = regions.map(({ name }) => ({ name }));
    expect(numbers({ dispatchers: { count: 11 }, regions: named })).toEqual([4, 4, 3]);
    expect(numbers({ dispatchers: { count: 5, regions: 2 }, regions: undefined })).toEqual([3, 2]);
  });

  test("are as far from coordinators as the network says, where their region does not", () => {
    const [near, far] = tree({
      regions: [
        { name: "a", rttMs: 1 },
        { name: "b", rootRttMs: 2 },
      ],
      network: { regionRttMs: 7, coordinatorRttMs: 70 },
    }).regions;
    expect(near).toMatchObject({ rttMs: 1, rootRttMs: 70 });
    expect(far).toMatchObject({ rttMs: 7, rootRttMs: 2 });
  });
});
