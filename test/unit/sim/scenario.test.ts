/** Scenarios: what is refused and how, what is filled in, and that all that are shipped can be run. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseScenario } from "../../../sim/scenario/parse.ts";
import { strategyNames } from "../../../sim/strategies/registry.ts";
import { scenario, written, type Written } from "../../support/scenario.ts";

const noFile = (): undefined => undefined;

function issuesOf(raw: unknown, files: Readonly<Record<string, string>> = {}) {
  const parsed = parseScenario(raw, (path) => files[path], strategyNames);
  return parsed.ok ? [] : parsed.issues;
}

const home = (...servers: readonly Written[]): Written => ({ pools: [{ name: "home", servers }] });
const cores = { kind: "cores", cores: 4 };

const profile = (...points: readonly (readonly [number, number])[]): Written => ({
  kind: "profile",
  ratePerSecond: 10,
  points: points.map(([atMs, factor]) => ({ atMs, factor })),
});

const growing = (instance: Written, scaling: Written = {}): Written => ({
  pools: [
    { name: "home", servers: [{ ...cores, maxConns: 4 }] },
    { name: "cloud", servers: [instance], scaling: { target: 0.7, everyMs: 100, delayMs: 0, ...scaling } },
  ],
});

describe("a scenario is refused", () => {
  test("with a burst of a trace, whose rate is not known", () => {
    const arrivals = { kind: "trace", file: "x" };
    const burst = { fromMs: 1000, untilMs: 2000, sloMs: 50 };
    const [issue, ...more] = issuesOf(written({ arrivals, burst }), { x: "1\n20\n30\n" });
    expect(issue).toMatchObject({ path: "arrivals.kind", found: '"trace"' });
    expect(issue?.expected).toContain("whose rate is known");
    expect(more).toEqual([]);
  });

  const refusals: readonly (readonly [string, Written, string, string])[] = [
    ["with an unknown key", { pool: [] }, "pool", '"pools"? Known here'],
    ["with an unknown key deep inside", home({ ...cores, sped: 2 }), "pools[0].servers[0].sped", '"speed"?'],
    [
      "with a negative rate",
      { arrivals: { kind: "poisson", ratePerSecond: -5 } },
      "arrivals.ratePerSecond",
      "a number above 0",
    ],
    [
      "with a distribution that lacks a parameter",
      { work: { kind: "lognormal", meanMs: 5 } },
      "work.cv",
      "a number",
    ],
    ["with a distribution that there is not", { work: { kind: "gamma" } }, "work.kind", 'one of "constant"'],
    [
      "with a tail too heavy for a mean",
      { work: { kind: "pareto", minMs: 1, shape: 1 } },
      "work.shape",
      "above 1",
    ],
    ["with a pool without servers", home(), "pools[0].servers", "a list of 1 to 1000"],
    ["without pools", { pools: [] }, "pools", "a list of 1 to 16 pools"],
    [
      "with a load that can never drain without a timeout",
      { requests: {}, loads: [0.5, 3], ...home(cores) },
      "loads[1]",
      "requests.timeoutMs",
    ],
    [
      "with a rate that can never drain without a timeout",
      { requests: {}, loads: undefined, arrivals: { kind: "poisson", ratePerSecond: 1e6 }, ...home(cores) },
      "arrivals.ratePerSecond",
      "requests.timeoutMs",
    ],
    ["without loads and without a rate", { loads: undefined }, "loads", "arrivals.ratePerSecond"],
    [
      "with a policy that there is not",
      { policies: ["adaptiv"] },
      "policies[0]",
      '"adaptive"? Known: adaptive, ',
    ],
    [
      "with a fault of a server that there is not",
      { faults: [{ kind: "dead", servers: ["home-9"], atMs: 1 }] },
      "faults[0].servers[0]",
      "the name of a server",
    ],
    [
      "with a fault that ends before it begins",
      { faults: [{ kind: "dead-coordinator", atMs: 10, untilMs: 5 }] },
      "faults[0].untilMs",
      "a time after atMs, 10",
    ],
    [
      "with points of a profile that go back in time",
      { arrivals: profile([2000, 1], [1000, 2]) },
      "arrivals.points[1].atMs",
      "a time after that of the point before, 2000",
    ],
    [
      "with a profile that ends in nothing",
      { arrivals: profile([0, 1], [1000, 0]) },
      "arrivals.points[1].factor",
      "a number above 0",
    ],
    ["with a profile without points", { arrivals: profile() }, "arrivals.points", "a list of 1 to 1000"],
    [
      "with a burst in the warm-up",
      { burst: { fromMs: 100, untilMs: 1000, sloMs: 50 } },
      "burst.fromMs",
      "a time after the warm-up, 500",
    ],
    [
      "with a burst that ends before it begins",
      { burst: { fromMs: 1000, untilMs: 900, sloMs: 50 } },
      "burst.untilMs",
      "a time after fromMs, 1000",
    ],
    [
      "with a burst that ends after the run",
      { burst: { fromMs: 1000, untilMs: 9000, sloMs: 50 } },
      "burst.untilMs",
      "the end of the run, 2500",
    ],
    [
      "with a queue without places",
      { weir: { queue: { length: 0 } } },
      "weir.queue.length",
      "from 1 to 10000",
    ],
    [
      "with a negative reserve",
      growing({ ...cores, maxConns: 4 }, { reserve: -1 }),
      "pools[1].scaling.reserve",
      "a number from 0 to 10",
    ],
    [
      "with a pool that Weir is to size and an instance of unknown size",
      { ...growing(cores), policies: ["weir"] },
      "pools[1].servers[0].maxConns",
      "Weir orders servers by it",
    ],
    [
      "with a trace that is missing",
      { work: { kind: "trace", file: "none.txt" } },
      "work.file",
      "can be read",
    ],
    ["with a number as text", { measureMs: "2s" }, "measureMs", "a number above 0"],
    ["with a load twice", { loads: [0.5, 0.8, 0.5] }, "loads[2]", "not in the list already"],
    ["with a policy twice", { policies: ["wrr", "wrr"] }, "policies[1]", "not in the list already"],
    [
      "with a fault after its end",
      { faults: [{ kind: "dead-coordinator", atMs: 2500 }] },
      "faults[0].atMs",
      "before the end of the run, 2500 (warmupMs + measureMs)",
    ],
    [
      "with a flash crowd after its end",
      { arrivals: { kind: "flash-crowd", atMs: 9000, holdMs: 10, peak: 2 } },
      "arrivals.atMs",
      "before the end of the run",
    ],
    [
      "with a pool that is never so large",
      { pools: [{ name: "a", servers: [cores], scaling: { min: 2, target: 1, everyMs: 9, delayMs: 0 } }] },
      "pools[0].scaling.min",
      "at most the 1 servers of the pool",
    ],
    [
      "with checks in no time",
      { health: { active: { intervalMs: 1e-9 } } },
      "health.active.intervalMs",
      "from 1 to",
    ],
    [
      "with two regions of a name",
      { dispatchers: { count: 2 }, regions: [{ name: "a" }, { name: "a" }] },
      "regions[1].name",
      "a name that no other region has",
    ],
    [
      "with a region that is called as the object above it",
      { dispatchers: { count: 2 }, regions: [{ name: "root" }] },
      "regions[0].name",
      "another name",
    ],
    [
      "with a number of regions beside the list of them",
      { dispatchers: { count: 2, regions: 2 }, regions: [{ name: "a" }, { name: "b" }] },
      "dispatchers.regions",
      "beside the list of them in regions",
    ],
    [
      "with a region that does not say how many dispatchers it has, where another does",
      { dispatchers: { count: 2 }, regions: [{ name: "a", dispatchers: 1 }, { name: "b" }] },
      "regions[1].dispatchers",
      "as other regions have",
    ],
    [
      "with dispatchers that are nowhere",
      { dispatchers: { count: 5 }, regions: [{ name: "a", dispatchers: 3 }] },
      "regions",
      "as many as there are in all, 5 (dispatchers.count)",
    ],
    [
      "with a region at no distance that there is",
      { dispatchers: { count: 2 }, regions: [{ name: "a", rttMs: -1 }] },
      "regions[0].rttMs",
      "milliseconds, a number from 0 to 60000",
    ],
    [
      "with more requests than can be simulated",
      { arrivals: { kind: "poisson", ratePerSecond: 1e6 }, loads: [2] },
      "loads[0]",
      "at most 1000000 a second",
    ],
    [
      "with slots for more requests than can be simulated",
      { loads: [0.5], ...home({ kind: "slots", workers: 10_000, threads: 10_000 }) },
      "loads[0]",
      "at most 1000000 a second",
    ],
    [
      "with more requests in the queues than fit into memory",
      { measureMs: 3_600_000, arrivals: { kind: "poisson", ratePerSecond: 10_000 }, ...home(cores) },
      "loads[0]",
      "a bound to its queues",
    ],
    [
      "with a load that home cannot do and, without maxConns, never passes on",
      {
        requests: {},
        loads: [2],
        pools: [
          { name: "home", servers: [cores] },
          { name: "cloud", servers: [{ ...cores, count: 9 }] },
        ],
      },
      "loads[0]",
      "pool home, which never spills without maxConns",
    ],
  ];

  test.each(refusals)("%s", (_, changes, path, expected) => {
    const [issue, ...more] = issuesOf(written(changes));
    expect(issue?.path).toBe(path);
    expect(issue?.expected).toContain(expected);
    expect(more).toEqual([]);
  });

  test("with too many servers, and says how many they are", () => {
    const groups = Array.from({ length: 3 }, () => ({ ...cores, count: 10_000 }));
    expect(issuesOf(written(home(...groups)))[0]).toMatchObject({ path: "pools", found: "30000 servers" });
  });

  test("with every issue at once, in the order of the file", () => {
    const issues = issuesOf(
      written({ warmupMs: -1, seeds: 0, work: { kind: "normal", meanMs: 0 }, extra: 1 }),
    );
    expect(issues.map(({ path }) => path)).toEqual([
      "warmupMs",
      "seeds",
      "work.meanMs",
      "work.sdMs",
      "extra",
    ]);
  });

  test.each([null, [], "text", 5, undefined])("that is %j, without an exception", (raw) => {
    expect(issuesOf(raw)[0]?.path).toBe("(scenario)");
  });

  test("whose traces hold anything but usable numbers", () => {
    const files = { words: "5\n\nten\n", minus: "5\n-3", huge: "1e300", none: "# nothing\n" };
    const more = { zero: "0\n0", back: "5\n3", once: "7" };
    const withWork = (file: string) =>
      issuesOf(written({ work: { kind: "trace", file } }), { ...files, ...more });
    const withArrivals = (file: string) => issuesOf(written({ arrivals: { kind: "trace", file } }), more);
    expect(withWork("words")).toEqual([
      {
        path: "work.file",
        place: ["work", "file"],
        found: '"words", line 3: "ten"',
        expected: "a number from 0 to 3600000 on each line",
      },
    ]);
    expect(withWork("minus")[0]?.found).toBe('"minus", line 2: "-3"');
    expect(withWork("huge")[0]?.found).toBe('"huge", line 1: "1e300"');
    expect(withWork("none")[0]?.found).toBe('"none", 0 numbers');
    expect(withWork("zero")[0]?.expected).toContain("above 0");
    expect(withArrivals("back")[0]?.expected).toContain("none before the one above it");
    expect(withArrivals("once")[0]?.expected).toContain("at least two moments");
  });
});

describe("a scenario", () => {
  test("may overload servers whose queues have a bound: what does not fit is refused", () => {
    expect(
      issuesOf(written({ requests: {}, loads: [3], ...home({ kind: "slots", workers: 2, backlog: 5 }) })),
    ).toEqual([]);
  });

  test("has a rate that its guaranteed cores at home can just do, unless it names one", () => {
    const work = { kind: "constant", ms: 50 };
    expect(scenario({ work, ...home({ ...cores, count: 3, speed: 0.5 }) }).ratePerSecond).toBe(120);
    const arrivals = { kind: "poisson", ratePerSecond: 7 };
    expect(scenario({ work, arrivals }).ratePerSecond).toBe(7);
  });

  test("takes numbers from traces, a line each, without comments", () => {
    const raw = written({
      loads: undefined,
      work: { kind: "trace", file: "sizes.txt" },
      arrivals: { kind: "trace", file: "times.txt" },
    });
    const files: Record<string, string> = { "sizes.txt": "# ms\n5\n\n15\n", "times.txt": "0\n10\n20\n" };
    const parsed = parseScenario(raw, (path) => files[path], strategyNames);
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues));
    expect(parsed.scenario.work).toEqual({ kind: "trace", samplesMs: [5, 15] });
    expect(parsed.scenario.ratePerSecond).toBe(100);
  });

  const folder = join(import.meta.dirname, "../../../sim/scenarios");
  test.each(readdirSync(folder).filter((file) => file.endsWith(".json")))(
    "is shipped and sound: %s",
    (file) => {
      const raw: unknown = JSON.parse(readFileSync(join(folder, file), "utf8"));
      expect(parseScenario(raw, noFile, strategyNames)).toMatchObject({
        ok: true,
        scenario: { name: file.slice(0, -5) },
      });
    },
  );
});
