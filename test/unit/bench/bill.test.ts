import { describe, expect, test } from "vitest";
import { awakeObjectUsdPerMonth, toBills } from "../../bench/bill.ts";
import type { Turn } from "../../bench/measure.ts";
import type { ObjectWork } from "../../bench/object-work.ts";
import { toRows } from "../../bench/summary.ts";

const perMillion = {
  requests: 0.3,
  cpuMs: 0.02,
  objectRequests: 0.15,
  rowsWritten: 1,
  rowsRead: 0.001,
  gbSeconds: 12.5,
};

const turn = (more: Partial<Turn>): Turn => ({
  target: "rung",
  body: "small",
  round: 1,
  requests: 1000,
  rps: 1000,
  p50Ms: 1,
  p99Ms: 2,
  cpuMsPerRequest: 0,
  rssMb: 100,
  errors: [],
  ...more,
});

const noWork = { exchanges: 0, rowsRead: 0, rowsWritten: 0 };

/** The bill of a rung whose object did that for 1,000 requests. */
function billOf(work: Partial<ObjectWork>, more: Partial<Turn> = {}) {
  const works = [{ target: "rung", body: "small" as const, requests: 1000, ...noWork, ...work }];
  return toBills(toRows([turn(more)]), works, perMillion)[0];
}

describe("the bill of a million requests", () => {
  test("of a Worker that asks no object is its requests and its CPU time", () => {
    const bill = billOf({}, { cpuMsPerRequest: 0.5 });
    expect(bill).toMatchObject({ usdPerMillion: { requests: 0.3, cpu: 0.01 }, objectPer1000: noWork });
    expect(bill?.usdPerMillion.total).toBeCloseTo(0.31, 12);
  });

  test.each([
    ["one message a request", { exchanges: 1000 }, 0.15],
    ["one message for a hundred requests", { exchanges: 10 }, 0.0015],
    ["one row written for a hundred requests", { rowsWritten: 10 }, 0.01],
    ["a thousand rows read for each request", { rowsRead: 1_000_000 }, 1],
  ])("grows by what an object does: %s", (_, work, usd) => {
    expect(billOf(work)?.usdPerMillion.total).toBeCloseTo(0.3 + usd, 12);
  });

  test("is the sum of its parts, and of the number of requests it was measured with nothing is left", () => {
    const bill = billOf(
      { requests: 500, exchanges: 600, rowsRead: 70, rowsWritten: 8 },
      { cpuMsPerRequest: 3 },
    );
    const { total = 0, ...parts } = bill?.usdPerMillion ?? {};
    expect(Object.values(parts).reduce((sum, part) => sum + part, 0)).toBeCloseTo(total, 12);
    expect(total).toBeCloseTo(0.3 + 0.06 + 0.18 + 0.016 + 0.00014, 12);
    expect(bill?.objectPer1000).toEqual({ exchanges: 1200, rowsRead: 140, rowsWritten: 16 });
  });

  test("is not made for a rung whose object was not metered, nor for one that failed", () => {
    expect(billOf({ target: "another" })).toBeUndefined();
    expect(billOf({ body: "chunked64k" })).toBeUndefined();
    expect(billOf({}, { errors: ["1 × read"] })).toBeUndefined();
  });
});

test("an object that is awake for 30 days costs its 2,592,000 seconds at 128 MB", () => {
  expect(awakeObjectUsdPerMonth).toBeCloseTo((331_776 / 1_000_000) * 12.5, 9);
});
