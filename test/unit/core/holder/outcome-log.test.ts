/** Outcomes on their way: each is counted once, and however many there are, a message stays small. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { OutcomeLog } from "../../../../core/holder/outcome-log.ts";
import type { Outcome, OutcomeRun } from "../../../../core/protocol/outcome.ts";

const ok: Outcome = { origin: "a", ok: true, headerMs: 5 };
const failed: Outcome = { origin: "a", ok: false, detail: "reset" };

const outcome: fc.Arbitrary<Outcome> = fc
  .tuple(fc.constantFrom("a", "b"), fc.boolean())
  .map(([origin, ok]) => ({ origin, ok }));

const countOf = (runs: readonly OutcomeRun[], origin: string, ok: boolean): number =>
  runs.filter((run) => run.origin === origin && run.ok === ok).reduce((sum, { count = 1 }) => sum + count, 0);

describe("the outcome log", () => {
  test("loses nothing and repeats nothing, whichever messages and answers are lost, repeated or late", () => {
    const act = fc.oneof(
      { weight: 4, arbitrary: fc.record({ kind: fc.constant("add"), outcome }) },
      {
        weight: 2,
        arbitrary: fc.record({ kind: fc.constantFrom("say", "arrive", "answer"), nth: fc.nat(10) }),
      },
    ) as fc.Arbitrary<{ kind: "add"; outcome: Outcome } | { kind: "say" | "arrive" | "answer"; nth: number }>;
    fc.assert(
      fc.property(fc.array(act, { maxLength: 120 }), (acts) => {
        const log = new OutcomeLog();
        const messages: { from: number; runs: readonly OutcomeRun[] }[] = [];
        const answers: number[] = [];
        const added: Outcome[] = [];
        const counted: OutcomeRun[] = [];
        let seen = 0;
        const arrive = (message = messages[0]): void => {
          if (message === undefined) return;
          counted.push(...message.runs.slice(Math.max(0, seen - message.from)));
          seen = Math.max(seen, message.from + message.runs.length);
          answers.push(seen);
        };
        for (const act of acts) {
          if (act.kind === "add") log.add(act.outcome);
          if (act.kind === "add") added.push(act.outcome);
          if (act.kind === "say") messages.push({ from: log.from, runs: structuredClone(log.say()) });
          // The same one again, at times, or one that others have overtaken.
          if (act.kind === "arrive") arrive(messages[act.nth % Math.max(1, messages.length)]);
          if (act.kind === "answer") log.seen(answers[act.nth % Math.max(1, answers.length)] ?? 0);
        }
        arrive({ from: log.from, runs: log.say() });
        for (const origin of ["a", "b"]) {
          for (const good of [true, false]) {
            const expected = added.filter((one) => one.origin === origin && one.ok === good).length;
            expect(countOf(counted, origin, good)).toBe(expected);
          }
        }
      }),
    );
  });

  test("lets good answers between two failures travel together, and each failure alone, in their order", () => {
    const log = new OutcomeLog();
    for (const each of [ok, ok, failed, failed, ok]) log.add(each);
    expect(log.say()).toEqual([
      { origin: "a", ok: true, count: 2, headerMs: [5, 5] },
      failed,
      failed,
      { origin: "a", ok: true, headerMs: [5] },
    ]);
  });

  test("keeps runs of one origin together, though others' come between", () => {
    const log = new OutcomeLog();
    for (let nth = 0; nth < 100; nth++) log.add({ origin: nth % 2 === 0 ? "a" : "b", ok: true });
    expect(log.say()).toEqual([
      { origin: "a", ok: true, count: 50 },
      { origin: "b", ok: true, count: 50 },
    ]);
  });

  test("does not let a run grow that a message has said: the object would miss the rest", () => {
    const log = new OutcomeLog();
    log.add(ok);
    const said = log.say();
    log.add(ok);
    expect(said).toEqual([{ origin: "a", ok: true, headerMs: [5] }]);
    expect(countOf(log.say(), "a", true)).toBe(2);
  });

  test("of very many answers sends a bounded number of times, evenly from first to last, and their whole count", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5_000 }), (count) => {
        const log = new OutcomeLog();
        for (let nth = 0; nth < count; nth++)
          log.add({ origin: "a", ok: true, headerMs: nth, lastByteMs: nth });
        const [run] = log.say();
        const times = run?.headerMs ?? [];
        expect(run?.count ?? 1).toBe(count);
        expect(run?.lastByteMs).toEqual(times);
        expect(times.length).toBeLessThanOrEqual(128);
        expect(times.length).toBeGreaterThanOrEqual(Math.min(count, 64));
        const gaps = new Set(times.slice(1).map((time, index) => time - times[index]!));
        expect(gaps.size).toBeLessThanOrEqual(1);
        expect(count - 1 - (times.at(-1) ?? 0)).toBeLessThanOrEqual(Math.max(0, ...gaps));
      }),
      { numRuns: 30 },
    );
  });

  test("drops its oldest runs when there are too many, and still takes in what comes of their origins", () => {
    const log = new OutcomeLog();
    log.add({ origin: "b", ok: true });
    for (let nth = 0; nth < 600; nth++) log.add({ origin: "a", ok: false, detail: `${nth}` });
    log.add({ origin: "b", ok: true });
    const said = log.say();
    expect(said.length).toBeLessThan(601);
    expect(log.from + said.length).toBe(602);
    expect(said.at(-1)).toEqual({ origin: "b", ok: true });
  });
});
