/** How traffic takes an origin out, for how long, and what it forgets. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import {
  cleanRecord,
  isEjected,
  convict,
  countFailure,
  isOnTrial,
  maxEjected,
  observeFailedTrial,
  observeProbeOf,
  isSuspect,
  observeSuccess,
  pardon,
  type JudgedTraffic,
  type TrafficRecord,
} from "../../../../core/health/ejection.ts";

const rules = { failures: 3, ejectMs: 1_000, maxEjectMs: 4_500 };

/** A failure that only a row of three makes an accusation; on trial it counts as one that may be the client's. */
function observeFailure(
  record: TrafficRecord,
  { failures, ...times }: typeof rules,
  { mayEject, lost, isProbed }: { mayEject: boolean; lost: boolean; isProbed: boolean },
  now: number,
): JudgedTraffic {
  const counted = countFailure(record, now);
  const circumstances = { mayEject, isProbed };
  const passive = { failures, ...times };
  if (isOnTrial(counted, now))
    return observeFailedTrial(counted, passive, { ...circumstances, isSure: lost }, now);
  if (counted.failuresInRow < failures) return { record: counted };
  return convict(counted, passive, { ...circumstances, ground: lost ? "lost" : "answers" }, now);
}

/** So many failures at one moment. */
function fail(record: TrafficRecord, times: number, now: number, mayEject = true): TrafficRecord {
  let failed = record;
  for (let n = 0; n < times; n++)
    failed = observeFailure(failed, rules, { mayEject, lost: false, isProbed: true }, now).record;
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
      const judged = observeFailure(record, rules, { mayEject: true, lost: false, isProbed: true }, now);
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
          record = observeSuccess(fail(record, failures, 1), 1);
          expect(isEjected(record, 1)).toBe(false);
        }
      }),
    );
  });

  test("waits while the pool cannot spare the origin, and comes with its next failure when it can", () => {
    const spared = fail(cleanRecord, 10, 1, false);
    expect(isEjected(spared, 1)).toBe(false);
    expect(isEjected(fail(spared, 1, 2), 2)).toBe(true);
    expect(isEjected(fail(observeSuccess(spared, 2), 1, 2), 2)).toBe(false);
  });

  test("is not prolonged by failures that come in while it lasts", () => {
    const out = fail(cleanRecord, 3, 1);
    expect(fail(out, 20, 500).ejectedUntilMs).toBe(out.ejectedUntilMs);
  });

  test("begins the row anew: when its trial is passed, it takes as many failures as before", () => {
    const back = observeSuccess(fail(cleanRecord, rules.failures, 1), 1_001, 3);
    expect(isOnTrial(back, 1_001)).toBe(false);
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
    expect(isEjected(observeSuccess(fail(out, 1, 2), 2), 3)).toBe(true);
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

  test("counts one ejection less for each time that the first one lasts and that the origin has served since", () => {
    const twice = { failuresInRow: 0, ejections: 2, ejectedUntilMs: 10_000 };
    expect([10_000, 10_999, 11_000, 12_000, 60_000].map((now) => lengthAt(twice, now))).toEqual([
      3_000, 3_000, 2_000, 1_000, 1_000,
    ]);
  });
});

describe("an ejection for lost connections", () => {
  const lose = (record: TrafficRecord, times: number, now: number, isProbed: boolean): TrafficRecord => {
    let lost = record;
    for (let n = 0; n < times; n++)
      lost = observeFailure(lost, rules, { mayEject: true, lost: true, isProbed }, now).record;
    return lost;
  };
  const probe = (record: TrafficRecord, good: boolean, startedMs: number): TrafficRecord =>
    observeProbeOf(record, { good, startedMs }, 2, startedMs);

  test("ends with so many good probes in a row that began after it", () => {
    const out = lose(cleanRecord, 3, 100, true);
    const before = probe(probe(out, true, 90), true, 99);
    expect(isEjected(before, 200)).toBe(true);
    const torn = probe(probe(probe(before, true, 200), false, 300), true, 400);
    expect(isEjected(torn, 400)).toBe(true);
    const back = probe(torn, true, 500);
    expect(isEjected(back, 500)).toBe(false);
    expect(back).toEqual({ failuresInRow: 0, ejections: 1, ejectedUntilMs: 500 });
  });

  test("is the only one that probes end, whatever they say of bad answers that they did not see", () => {
    const answers = fail(cleanRecord, 3, 100);
    expect(isEjected(probe(probe(answers, true, 200), true, 300), 300)).toBe(true);
  });

  test("lasts its time if no probe is good, and leaves nothing behind when it is over", () => {
    const out = lose(cleanRecord, 3, 100, true);
    expect(isEjected(probe(out, false, 1_099), 1_099)).toBe(true);
    expect(isEjected(out, 1_100)).toBe(false);
    const seen = probe(out, true, 1_200);
    expect(seen).toEqual({ failuresInRow: 0, ejections: 1, ejectedUntilMs: 1_100 });
    expect(probe(seen, true, 1_300)).toBe(seen);
  });

  test("where there are no probes, is tried after one second, and then every two, and each failure ejects again", () => {
    let record = lose(cleanRecord, 3, 0, false);
    const lengths = [record.ejectedUntilMs ?? 0];
    for (let nth = 0; nth < 3; nth++) {
      const now = record.ejectedUntilMs ?? 0;
      expect(isEjected(record, now)).toBe(false);
      record = lose(record, 1, now, false);
      lengths.push((record.ejectedUntilMs ?? 0) - now);
    }
    expect(lengths).toEqual([1_000, 2_000, 2_000, 2_000]);
    const back = observeSuccess(record, record.ejectedUntilMs ?? 0);
    expect(isEjected(lose(back, 2, record.ejectedUntilMs ?? 0, false), record.ejectedUntilMs ?? 0)).toBe(
      false,
    );
  });
});

describe("an ejection for bad answers", () => {
  const convicted = (isProbedBad: boolean): TrafficRecord =>
    convict(cleanRecord, rules, { ground: "answers", mayEject: true, isProbed: true, isProbedBad }, 100)
      .record;

  test.each([true, false])("that probes saw, too (%s), ends with good ones; others do not", (isProbedBad) => {
    const probe = (record: TrafficRecord, startedMs: number) =>
      observeProbeOf(record, { good: true, startedMs }, 2, startedMs);
    const probed = probe(probe(convicted(isProbedBad), 200), 300);
    expect(isEjected(probed, 300)).toBe(!isProbedBad);
    expect(isOnTrial(probed, 1_200)).toBe(!isProbedBad);
  });
});

describe("a trial", () => {
  const out = fail(cleanRecord, rules.failures, 0);
  const failOnTrial = (record: TrafficRecord, isSure: boolean, now: number, mayEject = true) =>
    observeFailedTrial(record, rules, { mayEject, isProbed: true, isSure }, now);

  test("follows an ejection that has run its time", () => {
    expect([isOnTrial(out, 999), isOnTrial(out, 1_000), isOnTrial(cleanRecord, 0)]).toEqual([
      false,
      true,
      false,
    ]);
  });

  test("is passed by three good answers, of one run or of several", () => {
    expect(isOnTrial(observeSuccess(out, 1_000, 3), 1_000)).toBe(false);
    const two = observeSuccess(observeSuccess(out, 1_000), 1_000);
    expect(isOnTrial(two, 1_000)).toBe(true);
    expect(isOnTrial(observeSuccess(two, 1_000), 1_000)).toBe(false);
  });

  test("is not passed by good answers that came while the origin was out", () => {
    expect(isOnTrial(observeSuccess(out, 999, 100), 1_000)).toBe(true);
  });

  test("that fails ejects again, for longer; one failure that may be the client's does not", () => {
    expect(failOnTrial(out, true, 1_000)).toMatchObject({
      became: "ejected",
      record: { ejectedUntilMs: 3_000 },
    });
    const once = failOnTrial(out, false, 1_000);
    expect(once).not.toHaveProperty("became");
    expect(failOnTrial(once.record, false, 1_001)).toMatchObject({ became: "ejected" });
  });

  test("goes on where the pool cannot spare the origin", () => {
    const { record, became } = failOnTrial(out, true, 1_000, false);
    expect([became, isOnTrial(record, 1_000)]).toEqual([undefined, true]);
  });

  test("is over when a pardon is given", () => {
    expect(isOnTrial(pardon(out, 500), 500)).toBe(false);
  });
});

test("a success of an origin without failures leaves its record as it is", () => {
  expect(observeSuccess(cleanRecord, 1)).toBe(cleanRecord);
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
      const judged = observeFailure(next, rules, { mayEject: false, lost, isProbed: true }, now);
      next = judged.record;
      reported.push(judged.became);
    }
    return { record: next, reported };
  }

  test("falls on an origin that cannot be spared when connections fail in a row, and is reported once", () => {
    const { record, reported } = lose(cleanRecord, 5, true);
    expect(reported).toEqual([undefined, undefined, "suspect", undefined, undefined]);
    expect(isSuspect(record, 4_999)).toBe(true);
    expect(isSuspect(record, 5_000)).toBe(false);
    expect(isEjected(record, 0)).toBe(false);
  });

  test("never follows from bad answers, whatever their number", () => {
    expect(isSuspect(lose(cleanRecord, 50, false).record, 0)).toBe(false);
  });

  test("lasts as long as connections go on failing, and ends with the first success", () => {
    const first = lose(cleanRecord, 3, true).record;
    const again = lose(first, 1, true, 900);
    expect(again.reported).toEqual([undefined]);
    expect(isSuspect(again.record, 900 + 4_999)).toBe(true);
    expect(observeSuccess(again.record, 900)).toEqual(cleanRecord);
  });
});
