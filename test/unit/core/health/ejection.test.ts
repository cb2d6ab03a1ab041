/** How traffic takes an origin out, for how long, and what it forgets. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import {
  cleanRecord,
  isEjected,
  maxEjected,
  observeFailure,
  isSuspect,
  observeSuccess,
  type TrafficRecord,
} from "../../../../core/health/ejection.ts";

const rules = { failures: 3, ejectMs: 1_000, maxEjectMs: 4_500 };

/** So many failures at one moment. */
function fail(record: TrafficRecord, times: number, now: number, mayEject = true): TrafficRecord {
  let failed = record;
  for (let n = 0; n < times; n++)
    failed = observeFailure(failed, rules, { mayEject, lost: false }, now).record;
  return failed;
}

/** How long the origin is out if it fails now; 0: not at all. */
function lengthAt(record: TrafficRecord, now: number): number {
  const failed = fail(record, rules.failures, now);
  return isEjected(failed, now) ? (failed.ejectedUntilMs ?? now) - now : 0;
}

describe("an ejection", () => {
  test.each([
    { record: cleanRecord, now: 5, out: false },
    { record: { ...cleanRecord, ejectedUntilMs: 10 }, now: 9, out: true },
    { record: { ...cleanRecord, ejectedUntilMs: 10 }, now: 10, out: false },
    { record: { ...cleanRecord, ejectedUntilMs: 10 }, now: 11, out: false },
  ])("until $record.ejectedUntilMs is in force at $now: $out", ({ record, now, out }) => {
    expect(isEjected(record, now)).toBe(out);
  });

  test("happens at the configured number of failures in a row, and is reported once", () => {
    let record = cleanRecord;
    const reported = [1, 2, 3, 4, 5].map((now) => {
      const judged = observeFailure(record, rules, { mayEject: true, lost: false }, now);
      ({ record } = judged);
      return judged.became;
    });
    expect(reported).toEqual([undefined, undefined, "ejected", undefined, undefined]);
  });

  test("never follows from one failure, nor from any number of them without a row", () => {
    const quietRows = fc.array(fc.integer({ min: 0, max: rules.failures - 1 }));
    fc.assert(
      fc.property(quietRows, (rows) => {
        let record = cleanRecord;
        for (const failures of rows) {
          record = observeSuccess(fail(record, failures, 1));
          expect(isEjected(record, 1)).toBe(false);
        }
      }),
    );
  });

  test("waits while the pool cannot spare the origin, and comes with its next failure when it can", () => {
    const spared = fail(cleanRecord, 10, 1, false);
    expect(isEjected(spared, 1)).toBe(false);
    expect(isEjected(fail(spared, 1, 2), 2)).toBe(true);
    expect(isEjected(fail(observeSuccess(spared), 1, 2), 2)).toBe(false);
  });

  test("is not prolonged by failures that come in while it lasts", () => {
    const out = fail(cleanRecord, 3, 1);
    expect(fail(out, 20, 500).ejectedUntilMs).toBe(out.ejectedUntilMs);
  });

  test("begins the row anew: after it, it takes as many failures as before", () => {
    const back = fail(cleanRecord, rules.failures, 1);
    expect(isEjected(fail(back, rules.failures - 1, 2_000), 2_000)).toBe(false);
    expect(isEjected(fail(back, rules.failures, 2_000), 2_000)).toBe(true);
  });

  test("is not followed by another after one failure, however many requests were in the air when it began", () => {
    const out = fail(cleanRecord, 3, 1);
    const back = fail(out, 20, 500);
    expect(isEjected(fail(back, 1, 1_002), 1_002)).toBe(false);
  });

  test("is not ended by a success", () => {
    const out = fail(cleanRecord, 3, 1);
    expect(isEjected(observeSuccess(fail(out, 1, 2)), 3)).toBe(true);
  });
});

describe("the length of an ejection", () => {
  test("is n times the first one's at the n-th, up to the longest", () => {
    let record = cleanRecord;
    let now = 0;
    const lengths = Array.from({ length: 6 }, () => {
      record = fail(record, rules.failures, now);
      const length = (record.ejectedUntilMs ?? now) - now;
      now += length;
      return length;
    });
    expect(lengths).toEqual([1_000, 2_000, 3_000, 4_000, 4_500, 4_500]);
  });

  test("begins anew after the origin was in service for longer than the longest ejection", () => {
    const twice = { failuresInRow: 0, ejections: 2, ejectedUntilMs: 10_000 };
    expect(lengthAt(twice, 10_000)).toBe(3_000);
    expect(lengthAt(twice, 10_000 + rules.maxEjectMs)).toBe(3_000);
    expect(lengthAt(twice, 10_001 + rules.maxEjectMs)).toBe(1_000);
  });
});

test("a success of an origin without failures leaves its record as it is", () => {
  expect(observeSuccess(cleanRecord)).toBe(cleanRecord);
});

describe("how many origins of a pool may be out", () => {
  test.each([
    [1, 0],
    [2, 1],
    [3, 1],
    [4, 2],
    [5, 1],
    [6, 1],
    [7, 2],
    [10, 3],
    [100, 30],
    [1_000, 300],
  ])("of %d: %d", (size, most) => {
    expect(maxEjected(size)).toBe(most);
  });

  test("is always fewer than there are", () => {
    for (let size = 1; size <= 1_000; size++) {
      expect(maxEjected(size)).toBeLessThan(size);
      expect(maxEjected(size)).toBeGreaterThanOrEqual(size === 1 ? 0 : 1);
    }
  });
});

describe("suspicion", () => {
  /** So many failures of an origin that its pool cannot spare. */
  function lose(record: TrafficRecord, times: number, lost: boolean, now = 0) {
    const reported: unknown[] = [];
    let next = record;
    for (let n = 0; n < times; n++) {
      const judged = observeFailure(next, rules, { mayEject: false, lost }, now);
      next = judged.record;
      reported.push(judged.became);
    }
    return { record: next, reported };
  }

  test("falls on an origin that cannot be spared when connections fail in a row, and is reported once", () => {
    const { record, reported } = lose(cleanRecord, 5, true);
    expect(reported).toEqual([undefined, undefined, "suspect", undefined, undefined]);
    expect(isSuspect(record, rules.ejectMs - 1)).toBe(true);
    expect(isSuspect(record, rules.ejectMs)).toBe(false);
    expect(isEjected(record, 0)).toBe(false);
  });

  test("never follows from bad answers, whatever their number", () => {
    expect(isSuspect(lose(cleanRecord, 50, false).record, 0)).toBe(false);
  });

  test("lasts as long as connections go on failing, and ends with the first success", () => {
    const first = lose(cleanRecord, 3, true).record;
    const again = lose(first, 1, true, 900);
    expect(again.reported).toEqual([undefined]);
    expect(isSuspect(again.record, 900 + rules.ejectMs - 1)).toBe(true);
    expect(observeSuccess(again.record)).toEqual(cleanRecord);
  });
});
