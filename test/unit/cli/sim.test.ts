/** What `weir sim` shows, and what it refuses. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { describe, expect, onTestFinished, test } from "vitest";
import { latencyChart, prepareFolder } from "../../../cli/sim/chart-file.ts";
import { drawChart } from "../../../cli/sim/chart.ts";
import { loadScenario } from "../../../cli/sim/load-scenario.ts";
import { progressLine, showProgress } from "../../../cli/sim/progress.ts";
import { jsonReport, paceText, textReport } from "../../../cli/sim/report.ts";
import { summarizeRows } from "../../../cli/sim/summary.ts";
import type { Row } from "../../../sim/engine/results.ts";
import { strategyNames } from "../../../sim/strategies/registry.ts";
import { scenario, written } from "../../support/scenario.ts";

const row: Row = {
  policy: "adaptive",
  load: 0.9,
  seed: 1,
  requests: 1000,
  p50Ms: 10,
  p90Ms: 20,
  p99Ms: 30,
  p999Ms: 40,
  errorRate: 0.002,
  floorP99Ms: 20,
  spillShare: 0,
};

const rows: readonly Row[] = [
  row,
  { ...row, seed: 2, p99Ms: 50 },
  { ...row, policy: "wrr", p99Ms: 1000, p999Ms: 1000, errorRate: 0 },
];

/** A folder with these files, for as long as the test runs. */
function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), "weir-sim-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

describe("the table", () => {
  test("shows means over the seeds, with the range of the 99th percentile", () => {
    const lines = textReport(scenario({ requests: { timeoutMs: 1000 } }), rows).split("\n");
    expect(lines[0]).toMatch(/^policy +load +p50 +p90 +p99 +range +p99.9 +÷ floor +errors$/);
    expect(lines[2]).toMatch(/^adaptive +0.9 +10 ms +20 ms +40 ms +30–50 +40 ms +2.00 +0.20 %$/);
    expect(lines[3]).toMatch(/^wrr .* timeout +1000–1000 +timeout +50.00 +0$/);
  });

  test("shows what was spent where it costs anything", () => {
    const lines = textReport(scenario(), [
      { ...row, cost: 1 },
      { ...row, seed: 2, cost: 1.3457 },
    ]).split("\n");
    expect(lines[0]).toMatch(/ errors +cost$/);
    expect(lines[2]).toMatch(/ 1\.173$/);
  });

  test("shows the messages of the root and of the busiest region where there are regions", () => {
    const figures = (name: string, messagesPerSecond: number, messagesPeak: number) => ({
      name,
      messagesPerSecond,
      messagesPeak,
    });
    const slots = {
      utilisation: 0.5,
      falseSpillShare: 0,
      mostOverLimit: 0,
      messagesPerSecond: 130,
      messagesPeak: 140,
      rowsPerThousand: 1,
      waitMs: 1,
    };
    const seed = (root: number, near: number, far: number): Row => ({
      ...row,
      slots: {
        ...slots,
        objects: [figures("root", root, 40), figures("near", near, 70), figures("far", far, 90)],
      },
    });
    const report = textReport(scenario(), [
      seed(20, 60, 50),
      seed(30, 64, 52),
      { ...row, policy: "weir", slots },
    ]);
    const lines = report.split("\n");
    expect(lines[0]).toMatch(/ wait +root\/s +peak +busiest region\/s +peak$/);
    expect(lines[2]).toMatch(/ 1\.0 ms +25 +40 +62 +90$/);
    expect(lines[3]).toMatch(/ 1\.0 ms *$/);
  });

  test("shows no latency where nothing was answered", () => {
    const none = { ...row, p50Ms: NaN, p90Ms: NaN, p99Ms: NaN, p999Ms: NaN, errorRate: 1 };
    expect(textReport(scenario(), [none])).toMatch(/adaptive +0.9 +– +– +– +– +100.0 %/);
  });
});

test("the JSON is one array with a row for each run, and says null where there is no number", () => {
  expect(JSON.parse(jsonReport(rows))).toEqual(rows);
  expect(JSON.parse(jsonReport([{ ...row, p99Ms: NaN }]))).toMatchObject([{ p99Ms: null }]);
});

test("the pace is requests per second of wall time", () => {
  expect(paceText(3_000_000, 20_000)).toBe(
    "3,000,000 requests in 20.0 s: 150,000 simulated requests per second",
  );
});

test("a run without an answer says so, and no number that is none", () => {
  const lines: string[] = [];
  const stream = Object.assign(new PassThrough(), { isTTY: false });
  stream.on("data", (text: Buffer) => lines.push(text.toString()));
  const progress = showProgress(scenario(), 2, stream as unknown as NodeJS.WriteStream);
  progress.runEnded(row);
  progress.runEnded({ ...row, p99Ms: NaN });
  expect(lines.slice(1)).toEqual([
    "adaptive, load 0.9, seed 1: p99 30 ms\n",
    "adaptive, load 0.9, seed 1: nothing was answered\n",
  ]);
});

test("the bar is as long as what is done", () => {
  expect(progressLine(0.5, 3, 6, "wrr")).toBe(`${"█".repeat(16)}${"·".repeat(16)}  3/6  wrr`);
});

test("the picture has a line, and a name, for each policy, and one point for each load", () => {
  const svg = drawChart(latencyChart("a & b", summarizeRows([...rows, { ...row, load: 1.2 }])));
  expect(svg).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg"/);
  expect(svg).toContain("a &amp; b");
  expect(svg.match(/<circle/g)).toHaveLength(3);
  expect(svg).toContain(">adaptive</text>");
  expect(svg).toContain(">wrr</text>");
  expect(svg).not.toMatch(/NaN|undefined|Infinity/);
});

test("a single load is drawn as well", () => {
  expect(drawChart(latencyChart("one", summarizeRows([row])))).not.toMatch(/NaN|undefined|Infinity/);
});

describe("what is refused", () => {
  const refused = (options: Partial<Parameters<typeof loadScenario>[0]>): string => {
    try {
      loadScenario({ json: false, ...options });
    } catch (error) {
      return error instanceof Error ? error.message : "";
    }
    return "nothing";
  };

  test("a policy that there is not, with all that there are", () => {
    const scenario = join(folderOf({ "s.json": JSON.stringify(written()) }), "s.json");
    const message = refused({ scenario, policy: ["nonsense"] });
    expect(message).toContain('There is no policy "nonsense". Known: ');
    for (const name of strategyNames) expect(message).toContain(name);
  });

  test("no scenario, and one that is not there", () => {
    expect(refused({})).toBe("No scenario was named: --scenario FILE.json");
    expect(refused({ scenario: "/nowhere.json" })).toBe("There is no scenario /nowhere.json.");
  });

  test("a file that holds no scenario", () => {
    const folder = folderOf({ "broken.json": "{", "list.json": "[1]", "bad.json": '{"name":"x"}' });
    expect(refused({ scenario: join(folder, "broken.json") })).toMatch(/cannot be read as JSON/);
    expect(refused({ scenario: join(folder, "list.json") })).toMatch(/holds no scenario: found \[1\]/);
    expect(refused({ scenario: join(folder, "bad.json") })).toMatch(
      /has 4 issues:\n\n +\S+bad\.json:1:1 +measureMs\n +found +nothing/,
    );
    expect(refused({ scenario: folder })).toMatch(/is a folder, not a scenario/);
  });

  test("a key that is written twice, with its line", () => {
    const text = JSON.stringify(written(), null, 2).replace(/"seeds": 1,/, '"seeds": 1,\n  "seeds": 2,');
    const scenario = join(folderOf({ "s.json": text }), "s.json");
    expect(refused({ scenario })).toMatch(/keys twice in one object.*\n\n +\S+s\.json:9:3 +"seeds"/);
  });

  test("what an option names twice, as the option's", () => {
    const scenario = join(folderOf({ "s.json": JSON.stringify(written()) }), "s.json");
    expect(refused({ scenario, load: [0.5, 0.5], policy: ["wrr", "wrr"] })).toMatch(
      // They are not in the file, and so have no place in it.
      /s\.json with --load and --policy has 2 issues:[^]*\n {2}loads\[1\][^]*\n {2}policies\[1\]/,
    );
  });

  test("a folder for the curves that cannot be one, before anything is run", () => {
    const folder = folderOf({ file: "" });
    expect(() => prepareFolder(join(folder, "file"))).toThrow(/curves cannot be written to .*file/);
    expect(() => prepareFolder(join(folder, "file", "below"))).toThrow(/curves cannot be written to .*below/);
    expect(() => prepareFolder("/proc/none")).toThrow("curves cannot be written to /proc/none");
    expect(() => prepareFolder("")).toThrow("--svg names no folder.");
    expect(() => prepareFolder(join(folder, "new", "below"))).not.toThrow();
  });

  test("a load of the command line that can never drain", () => {
    const pools = [{ name: "home", servers: [{ kind: "cores", cores: 1 }] }];
    const text = JSON.stringify(written({ requests: {}, pools }));
    const scenario = join(folderOf({ "s.json": text }), "s.json");
    expect(refused({ scenario, load: [0.5, 2] })).toMatch(
      /loads\[1\]\s+found\s+load 2: [^]* without a\s+timeout/,
    );
  });
});

test("a scenario may begin with the byte order mark that some editors write", () => {
  const scenario = join(folderOf({ "s.json": `\uFEFF${JSON.stringify(written())}` }), "s.json");
  expect(loadScenario({ json: false, scenario }).name).toBe("small");
});

test("loads, policies and seeds of the command line take the place of the scenario's; traces lie beside it", () => {
  const text = JSON.stringify(written({ work: { kind: "trace", file: "sizes.txt" } }));
  const folder = folderOf({ "s.json": text, "sizes.txt": "5\n10\n" });
  const loaded = loadScenario({
    json: false,
    scenario: join(folder, "s.json"),
    policy: ["prequal"],
    load: [0.1, 0.2],
    seeds: 3,
  });
  expect(loaded).toMatchObject({ policies: ["prequal"], loads: [0.1, 0.2], seeds: 3 });
  expect(loaded.work).toEqual({ kind: "trace", samplesMs: [5, 10] });
});
