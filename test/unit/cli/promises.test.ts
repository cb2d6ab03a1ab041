/** The demo's promises: a run that keeps them, and for each promise runs that break it and must be found out. */
import { describe, expect, it } from "vitest";
import { figuresOf, type Figure } from "../../../cli/demo/figures.ts";
import type { PhaseName, PhaseRecord, PhaseResult } from "../../../cli/demo/phase.ts";
import { judgePromises } from "../../../cli/demo/promises.ts";
import { jsonReport, textReport } from "../../../cli/demo/report.ts";
import type { Run } from "../../../cli/demo/run.ts";
import { story } from "../../../cli/demo/story.ts";
import type { LoadRecord } from "../../../cli/load/closed-loop.ts";

const site: Run["site"] = {
  homePool: "on-prem",
  origins: new Map([
    ["on-prem-1", { site: "shop", pool: "on-prem", maxConns: 8 }],
    ["cloud-1", { site: "shop", pool: "cloud", maxConns: 32 }],
    ["cloud-2", { site: "shop", pool: "cloud", maxConns: 32 }],
  ]),
  headersTimeoutMs: 2000,
  priceMs: 40,
  requestsPerHour: 100,
};

/** A request each 10 ms, from `fromMs` to `untilMs`. */
function requests(fromMs: number, untilMs: number, origin: string, latencyMs = 80): LoadRecord[] {
  return Array.from({ length: Math.round((untilMs - fromMs) / 10) }, (_, index) => ({
    startedAtMs: fromMs + 10 * index,
    latencyMs,
    outcome: { kind: "answered", status: 200, origin },
  }));
}

const home = (fromMs: number, untilMs: number) => requests(fromMs, untilMs, "on-prem-1");
const away = (fromMs: number, untilMs: number) => requests(fromMs, untilMs, "cloud-1");

/** A session's visit; with a cookie if it is bound by it. */
function visit(session: number, startedAtMs: number, origin: string, cookie?: string): PhaseRecord {
  const outcome = { kind: "answered", status: 200, origin, ...(cookie !== undefined && { cookie }) } as const;
  return { startedAtMs, latencyMs: 80, session, outcome };
}

/** One session begins at home, one in the cloud, which comes home in the end. The burst begins at 1 s and ends at 3 s. */
const local = [visit(0, 0, "on-prem-1", "a"), visit(0, 4000, "on-prem-1")];
const guest = [visit(1, 2000, "cloud-1", "b"), visit(1, 4000, "on-prem-1", "c"), visit(1, 5000, "on-prem-1")];
const burst = { bursting: 1000, returning: 3000, home: 4500 };

/** What a good Weir does: things break at 1 s and it is noticed at 3 s; they return at 0 s, noticed at 2 s. */
const good: Record<PhaseName, Partial<PhaseResult>> = {
  steady: { records: home(0, 5000) },
  "flash-crowd": { records: [...home(0, 5000), ...away(0, 5000)] },
  killed: { records: home(0, 5000), moments: { broken: 1000, "broken-seen": 3000 } },
  revived: { records: home(0, 5000), moments: { mended: 0, "mended-seen": 2000 } },
  hanging: {
    records: [...home(0, 5000), ...requests(1000, 1080, "on-prem-1", 2100)],
    moments: { broken: 1000, "broken-seen": 3000 },
  },
  cleared: { records: home(0, 5000), moments: { mended: 0, "mended-seen": 2000 } },
  "all-dead": {
    records: [...home(0, 1000), ...away(1000, 5000)],
    moments: { broken: 1000, "broken-seen": 3000 },
  },
  recovery: { records: [...away(0, 2000), ...home(2000, 5000)], moments: { mended: 0, "mended-seen": 2000 } },
  sessions: { records: [...local, ...guest], moments: burst },
  budget: { records: [...away(0, 1000), ...home(1000, 5000)] },
  growth: {
    records: [...home(0, 5000), ...requests(2000, 3000, "cloud-1"), ...requests(2000, 3000, "cloud-2")],
    moments: { grown: 2000, shrunk: 4000 },
  },
};

function run(changed: Partial<Record<PhaseName, Partial<PhaseResult>>> = {}): Run {
  const phases = story.map(({ name, title, clients }) => ({
    name,
    title,
    clients,
    records: [],
    moments: {},
    homeUse: [],
    waits: [],
    endedAtMs: 5000,
    peakOpen: new Map([
      ["on-prem-1", 8],
      ["cloud-1", 12],
    ]),
    ...good[name],
    ...changed[name],
  }));
  return { site, phases };
}

const error: LoadRecord = { startedAtMs: 1500, latencyMs: 5, outcome: { kind: "answered", status: 502 } };
const withError = (name: PhaseName) => ({ records: [...(good[name].records ?? []), error] });
const sessionsWith = (...more: PhaseRecord[]) => ({ records: [...local, ...guest, ...more], moments: burst });
const broken = (judged: Run) => judgePromises(judged).filter(({ kept }) => !kept);

describe("a run that keeps every promise", () => {
  it("is judged so", () => {
    expect(broken(run())).toEqual([]);
  });

  it("is judged so where home was full for a moment, and a session that is bound there spilled", () => {
    const spilled = [visit(1, 5080, "on-prem-1"), visit(1, 5160, "cloud-1")];
    expect(broken(run({ sessions: sessionsWith(...spilled) }))).toEqual([]);
  });

  it("is reported so, to people and to machines", () => {
    const judged = run();
    const verdicts = judgePromises(judged);
    const text = textReport(judged, verdicts);
    expect(text).toContain("All 13 promises kept.");
    expect(text).toContain("in use: the most requests that one on-prem origin had open at once, of 8.");
    const widths = text.split("\n").map((line) => line.length);
    expect(Math.max(...widths)).toBeLessThanOrEqual(80);
    expect(JSON.parse(jsonReport(judged, verdicts))).toMatchObject({
      kept: true,
      phases: [
        { phase: "Steady", requests: 500, errors: 0, shares: { "on-prem": 1 }, maxInUse: 8 },
        ...Array.from({ length: 10 }, () => ({})),
      ],
    });
  });
});

describe("a broken promise is found out:", () => {
  const cases: [string, RegExp, RegExp, Parameters<typeof run>[0]][] = [
    [
      "one request of a steady load spills",
      /stays home/,
      /^1 of 501 /,
      { steady: { records: [...home(0, 5000), ...away(0, 10)] } },
    ],
    ["one request of a steady load fails", /stays home/, /^1 of 501 /, { steady: withError("steady") }],
    [
      "a crowd does not spill",
      /flash crowd/,
      /^0 of 500 .* spilled/,
      { "flash-crowd": { records: home(0, 5000) } },
    ],
    [
      "a crowd's request fails",
      /flash crowd/,
      /1 error \(1 × status 502\)/,
      { "flash-crowd": withError("flash-crowd") },
    ],
    [
      "a kill costs an error",
      /killed under load/,
      /1 error \(1 × status 502\)/,
      { killed: withError("killed") },
    ],
    ["a return costs an error", /killed under load/, /1 error/, { revived: withError("revived") }],
    ["nothing was killed at all", /killed under load/, /0 errors/, { killed: { moments: {} } }],
    ["a hang costs an error", /that hangs costs no client/, /1 error/, { hanging: withError("hanging") }],
    [
      "a request is caught longer than the timeout",
      /headers timeout at most/,
      /the slowest request took 4000 ms of at most 2240 ms/,
      { hanging: { records: [...home(0, 5000), ...requests(1000, 1080, "on-prem-1", 4000)] } },
    ],
    [
      "a hang goes on costing after it was noticed",
      /once it is noticed/,
      /p99 of 209 .* 2100 ms of at most 240 ms/,
      { hanging: { records: [...home(0, 5000), ...requests(4000, 4100, "on-prem-1", 2100)] } },
    ],
    [
      "a hang is never noticed",
      /once it is noticed/,
      /did not notice/,
      { hanging: { moments: { broken: 1000 } } },
    ],
    ["an error while on-prem is dead", /the cloud serves/, /1 error/, { "all-dead": withError("all-dead") }],
    [
      "a request goes home while home is known to be dead",
      /the cloud serves/,
      /198 of 199 by the cloud/,
      { "all-dead": { records: [...away(0, 4990), ...home(4990, 5000)] } },
    ],
    [
      "the death is never noticed",
      /the cloud serves/,
      /did not notice/,
      { "all-dead": { moments: { broken: 1000 } } },
    ],
    [
      "traffic comes home too late",
      /home within 10 s/,
      /left home after 10990 ms/,
      { recovery: { records: [...away(0, 11_000), ...home(11_000, 12_000)] } },
    ],
    [
      "traffic does not come home",
      /home within 10 s/,
      /still leave home/,
      { recovery: { records: away(0, 5000) } },
    ],
    [
      "nothing bursts",
      /moves no session/,
      /no burst/,
      { sessions: { records: [...local, ...guest], moments: { home: 1 } } },
    ],
    [
      "a session is moved in the burst",
      /moves no session/,
      /^1 of 3 sessions moved/,
      {
        sessions: sessionsWith(
          visit(2, 2000, "cloud-1", "d"),
          visit(2, 2500, "on-prem-1", "e"),
          visit(2, 5000, "on-prem-1"),
        ),
      },
    ],
    [
      "a session stays in the cloud",
      /come home/,
      /^1 of 2 moved home/,
      { sessions: sessionsWith(visit(2, 2000, "cloud-1", "d"), visit(2, 5000, "cloud-1")) },
    ],
    [
      "a session that was moved home is served by the cloud as before",
      /come home/,
      /^1 of 2 moved home/,
      {
        sessions: sessionsWith(
          visit(2, 2000, "cloud-1", "d"),
          visit(2, 4000, "on-prem-1", "e"),
          visit(2, 4500, "cloud-1"),
          visit(2, 5000, "cloud-1"),
        ),
      },
    ],
    [
      "a session is moved to the cloud",
      /come home/,
      /^1 of 2 moved home/,
      { sessions: sessionsWith(visit(2, 2000, "cloud-1", "d"), visit(2, 4000, "cloud-2", "e")) },
    ],
    [
      "a session is moved twice",
      /come home/,
      /^1 of 2 moved home/,
      {
        sessions: sessionsWith(
          visit(2, 2000, "cloud-1", "d"),
          visit(2, 4000, "on-prem-1", "e"),
          visit(2, 4200, "on-prem-1", "f"),
        ),
      },
    ],
    [
      "a session of home is moved after the burst",
      /come home/,
      /1 others were moved/,
      { sessions: sessionsWith(visit(2, 0, "on-prem-1", "d"), visit(2, 4000, "on-prem-1", "e")) },
    ],
    [
      "more is spent than the budget has",
      /spent to the request/,
      /^101 of 100/,
      { budget: { records: [...away(0, 1010), ...home(1010, 5000)] } },
    ],
    [
      "less is spent than the budget has",
      /spent to the request/,
      /^99 of 100/,
      { budget: { records: [...away(0, 990), ...home(990, 5000)] } },
    ],
    [
      "a request that comes when the budget is spent gets an error",
      /spent to the request/,
      /1 error/,
      { budget: { records: [...away(0, 1000), ...home(1000, 5000), error] } },
    ],
    [
      "no instance comes",
      /cloud grows/,
      /no instances came/,
      { growth: { ...good.growth, moments: { shrunk: 4000 } } },
    ],
    [
      "instances do not go",
      /cloud grows/,
      /did not go/,
      { growth: { ...good.growth, moments: { grown: 2000 } } },
    ],
    [
      "one instance does it all",
      /cloud grows/,
      /^1 instances/,
      { growth: { ...good.growth, records: [...home(0, 5000), ...away(2000, 3000)] } },
    ],
    [
      "a request that waits for an instance gets an error",
      /cloud grows/,
      /1 error/,
      { growth: { ...good.growth, ...withError("growth") } },
    ],
    [
      "an origin has one request too many",
      /maxConns/,
      /on-prem-1 9 of 8/,
      { killed: { ...good.killed, peakOpen: new Map([["on-prem-1", 9]]) } },
    ],
  ];

  it.each(cases)("%s", (_, promise, seen, changed) => {
    const judged = run(changed);
    const verdicts = broken(judged);
    expect(verdicts).toHaveLength(1);
    expect(verdicts[0]?.promise).toMatch(promise);
    expect(verdicts[0]?.seen).toMatch(seen);
    expect(textReport(judged, judgePromises(judged))).toContain("1 of 13 promises broken.");
    expect(JSON.parse(jsonReport(judged, judgePromises(judged)))).toMatchObject({ kept: false });
  });

  it("a phase without enough requests shows nothing", () => {
    const silent = Object.fromEntries(story.map(({ name }) => [name, { records: [] }]));
    expect(broken(run(silent)).map(({ promise }) => promise)).toHaveLength(12);
  });
});

describe("the figures of the crowd:", () => {
  const crowd = (changed: Partial<PhaseResult>): readonly Figure[] =>
    figuresOf(run({ "flash-crowd": changed }));

  it("home counts as busy by what it has open while requests spill, and at no other time", () => {
    const homeUse = [
      { atMs: 1000, share: 0 },
      { atMs: 1990, share: 1 },
      { atMs: 2020, share: 0.8 },
      { atMs: 2300, share: 0 },
    ];
    const [busy] = crowd({ records: [...home(0, 5000), ...requests(2000, 2010, "cloud-1")], homeUse });
    expect(busy).toMatchObject({ value: 0.9, reached: false });
    expect(crowd({ records: away(2000, 2010), homeUse: homeUse.slice(0, 2) })[0]).toMatchObject({
      value: 1,
      reached: true,
    });
  });

  it("where nothing spills, or no request waits, nothing is reached or missed by chance", () => {
    expect(crowd({ records: home(0, 5000), homeUse: [{ atMs: 0, share: 1 }] })).toMatchObject([
      { value: 0, reached: false },
      { value: 0, reached: true },
    ]);
  });

  it("the wait is that of the 99th of a hundred requests that wait, over what the wait was worth to each", () => {
    const waits = Array.from({ length: 100 }, (_, nth) => ({ waitMs: nth, worthMs: 49 }));
    expect(crowd({ waits })[1]).toMatchObject({ value: 2, target: 1, reached: false });
    const dear = waits.map((wait) => ({ ...wait, worthMs: 98 }));
    expect(crowd({ waits: dear })[1]).toMatchObject({ value: 1, reached: true });
  });
});
