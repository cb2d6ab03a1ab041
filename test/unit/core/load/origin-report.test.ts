/** What origins say of themselves, and what is made of it. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { bearableShare, OriginReports, parseReport } from "../../../../core/load/origin-report.ts";

describe("a report's text", () => {
  test.each([
    ["util=0.83; drain; t=1763750000", { utilisation: 0.83, drain: true, atMs: 1_763_750_000_000 }],
    ["t=1763750000;util=2", { utilisation: 2, atMs: 1_763_750_000_000 }],
    ["t=0", { atMs: 0 }],
  ])("%s is read", (text, report) => {
    expect(parseReport(text)).toEqual(report);
  });

  test.each([
    "",
    "util=0.83",
    "t=1; t=2",
    "t=1; drain; drain",
    "t=1; util=-1",
    "t=1; util=NaN",
    "t=1; util=1e9",
    "t=1; drain=no",
    "t=1; colour=red",
    "t=1;",
    `t=1; util=0.${"0".repeat(300)}`,
  ])("%j is none", (text) => {
    expect(parseReport(text)).toBeUndefined();
  });

  test("never makes anything but numbers in their range of any text", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const { utilisation = 0, atMs = 0 } = parseReport(text) ?? {};
        expect(utilisation).toBeGreaterThanOrEqual(0);
        expect(atMs).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

test("an origin's share falls from four fifths of what it can bear, and never to nothing", () => {
  const shares = [0, 0.8, 0.9, 1, 50].map(bearableShare);
  expect(shares.map((share) => Math.round(share * 100) / 100)).toEqual([1, 1, 0.5, 0.05, 0.05]);
});

describe("the last report of an origin", () => {
  const report = { atMs: 5_000, utilisation: 0.9, drain: true } as const;

  test("holds for as long as the config says, from when it was heard", () => {
    const reports = new OriginReports({ maxAgeMs: 10_000 });
    reports.recordReport({ origin: "a", ok: true, report }, 100_000);
    expect(reports.statusOf("a", 109_999)).toEqual({ leaving: true, share: bearableShare(0.9) });
    expect(reports.statusOf("a", 110_000)).toBeUndefined();
    expect(reports.statusOf("b", 100_000)).toBeUndefined();
  });

  test("is the one that the origin said last, in whichever order they come", () => {
    const reports = new OriginReports({ maxAgeMs: 10_000 });
    reports.recordReport({ origin: "a", ok: true, report: { atMs: 6_000 } }, 100_000);
    reports.recordReport({ origin: "a", ok: true, report }, 100_001);
    expect(reports.statusOf("a", 100_001)).toEqual({});
  });

  test("is forgotten with its origin, and those refused are counted", () => {
    const reports = new OriginReports({ maxAgeMs: 10_000 });
    reports.recordReport({ origin: "a", ok: true, report, refusedReports: 3 }, 0);
    reports.recordReport({ origin: "a", ok: false, refusedReports: 1 }, 0);
    expect([reports.refusedOf("a"), reports.viewOf("a", 4_000)]).toEqual([
      4,
      { utilisation: 0.9, drain: true, ageMs: 4_000 },
    ]);
    reports.reconfigure([{ name: "b" }], { maxAgeMs: 10_000 });
    expect([reports.refusedOf("a"), reports.viewOf("a", 4_000)]).toEqual([0, null]);
  });
});
