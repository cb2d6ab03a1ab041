/**
 * The object's side of the slots, rule by rule. That no schedule of messages, losses and evictions breaks the
 * limit is `exchange.test.ts`.
 */
import { describe, expect, test } from "vitest";

import type { HolderCeiling } from "../../../../core/ledger/ceiling.ts";
import { SlotLedger } from "../../../../core/ledger/slot-ledger.ts";
import type { ExchangeMessage, HeldSlots } from "../../../../core/protocol/exchange.ts";
import type { GrantedPick } from "../../../../core/protocol/pick.ts";

const now = 1_000_000;
const requestMs = 30_000;
const epoch = 1;
const holder = "isolate-1";

function message(seq: number, parts: Partial<ExchangeMessage> = {}): ExchangeMessage {
  const config = { order: 1, hash: "a" };
  return { holder, seq, epoch, config, held: [], awaiting: [], outcomes: [], outcomesFrom: 0, ...parts };
}

function held(origin: string, open: number, forMs = requestMs): HeldSlots {
  return { origin, open, forMs };
}

function pickOf(origin: string): GrantedPick {
  return { kind: "granted", origin, pool: "home", pinEpoch: 1, pin: "none" };
}

function newLedger(ceilings: readonly HolderCeiling[] = [], at = now, inEpoch = epoch): SlotLedger {
  return new SlotLedger(inEpoch, ceilings, at);
}

/** The ask arrives and is granted a slot. */
function grant(ledger: SlotLedger, seq: number, awaiting: readonly number[] = [seq], origin = "a", at = now) {
  ledger.declare(message(seq, { awaiting }), at);
  return ledger.grant({ holder, seq }, pickOf(origin), requestMs, at);
}

describe("a declaration", () => {
  test("is the holder's whole truth: it replaces the one before", () => {
    const ledger = newLedger();
    ledger.declare(message(1, { held: [held("a", 3), held("a", 1, 5_000), held("b", 2)] }), now);
    expect([ledger.totals.inUse("a"), ledger.totals.inUse("b")]).toEqual([4, 2]);
    ledger.declare(message(2, { held: [held("a", 1)] }), now);
    expect([ledger.totals.inUse("a"), ledger.totals.inUse("b")]).toEqual([1, 0]);
  });

  test("of one holder leaves the others' alone", () => {
    const ledger = newLedger();
    ledger.declare(message(1, { held: [held("a", 3)] }), now);
    ledger.declare(message(1, { holder: "isolate-2", held: [held("a", 2)] }), now);
    ledger.declare(message(2), now);
    expect(ledger.totals.inUse("a")).toBe(2);
  });

  test("says how old what is open is; it ages until the next one, and with one that does not say it begins anew", () => {
    const ledger = newLedger();
    ledger.declare(message(1, { held: [{ ...held("a", 1), ageMs: 300 }] }), now);
    ledger.declare(message(1, { holder: "isolate-2", held: [{ ...held("a", 3), ageMs: 700 }] }), now);
    expect([ledger.totals.ageOf("a", now), ledger.totals.ageOf("b", now)]).toEqual([600, 0]);
    expect(ledger.totals.ageOf("a", now + 50)).toBe(650);
    ledger.declare(message(2, { holder: "isolate-2" }), now + 50);
    expect(ledger.totals.ageOf("a", now + 50)).toBe(350);
    ledger.declare(message(2, { held: [held("a", 1)] }), now + 100);
    expect(ledger.totals.ageOf("a", now + 150)).toBe(50);
  });

  test("that is older than the last, or a copy of it, changes nothing", () => {
    const ledger = newLedger();
    ledger.declare(message(2, { held: [held("a", 1)] }), now);
    ledger.declare(message(1, { held: [held("a", 9)] }), now);
    ledger.declare(message(2, { held: [held("a", 9)] }), now);
    expect(ledger.totals.inUse("a")).toBe(1);
  });

  test("runs out when its time does, if the holder is not heard of again", () => {
    const ledger = newLedger();
    ledger.declare(message(1, { held: [held("a", 1, 5_000), held("a", 2, 10_000)] }), now);
    ledger.prune(now + 4_999);
    expect(ledger.totals.inUse("a")).toBe(3);
    ledger.prune(now + 6_000);
    expect(ledger.totals.inUse("a")).toBe(2);
    ledger.prune(now + 10_000);
    expect(ledger.totals.inUse("a")).toBe(0);
  });
});

describe("a grant", () => {
  test("ages from when it was given", () => {
    const ledger = newLedger();
    grant(ledger, 1);
    expect(ledger.totals.ageOf("a", now + 900)).toBe(900);
  });

  test("counts until its ask is settled: then the declaration speaks for it", () => {
    const ledger = newLedger();
    grant(ledger, 1);
    ledger.declare(message(2, { awaiting: [1] }), now);
    expect(ledger.totals.inUse("a")).toBe(1);
    ledger.declare(message(3, { held: [held("a", 1)] }), now);
    expect(ledger.totals.inUse("a")).toBe(1);
    expect(ledger.granted(holder, 1)).toBeUndefined();
  });

  test("that is never settled comes back after the longest a request may last", () => {
    const ledger = newLedger();
    grant(ledger, 1);
    ledger.prune(now + requestMs - 1);
    expect(ledger.totals.inUse("a")).toBe(1);
    ledger.prune(now + requestMs + 1_000);
    expect(ledger.totals.inUse("a")).toBe(0);
  });
});

describe("a ceiling", () => {
  test("is a power of two, and is written only when the holder outgrows it", () => {
    const ledger = newLedger();
    const asks = [1, 2, 3, 4, 5, 6, 7, 8, 9];
    const written = asks.map((seq) => grant(ledger, seq, asks.slice(0, seq))?.slots["a"]);
    expect(written).toEqual([1, 2, 4, undefined, 8, undefined, undefined, undefined, 16]);
  });

  test("covers a minute more than it must, and is written again when that is used up", () => {
    const ledger = newLedger();
    expect(grant(ledger, 1)?.untilMs).toBe(now + requestMs + 60_000);
    expect(grant(ledger, 2, [2], "a", now + 60_000)).toBeUndefined();
    expect(grant(ledger, 3, [3], "a", now + 60_001)?.untilMs).toBe(now + 60_001 + requestMs + 60_000);
  });

  test("shrinks to the most that was held since its time was prolonged, when it has to be again", () => {
    const ledger = newLedger();
    for (let seq = 1; seq <= 5; seq++) grant(ledger, seq, [1, 2, 3, 4, 5].slice(0, seq));
    expect(grant(ledger, 6, [6], "b", now + 61_000)?.slots).toEqual({ a: 8, b: 1 });
    expect(grant(ledger, 7, [7], "b", now + 122_000)?.slots).toEqual({ b: 1 });
  });

  test("is prolonged for a stream that is declared beyond it", () => {
    const ledger = newLedger();
    grant(ledger, 1);
    ledger.declare(message(2, { held: [held("a", 1, 90_000)] }), now);
    expect(ledger.extendCeiling(holder, now)).toBeUndefined();
    ledger.declare(message(3, { held: [held("a", 1, 90_000)] }), now + 1);
    expect(ledger.extendCeiling(holder, now + 1)).toMatchObject({
      untilMs: now + 1 + 90_000 + 60_000,
      slots: { a: 1 },
    });
  });

  test("covers the longest of all that is declared beyond it, wherever that stands in the message", () => {
    const [short, long] = [held("a", 1, 65_000), held("a", 1, 3_600_000)];
    for (const declared of [
      [short, long],
      [long, short],
    ]) {
      const ledger = newLedger();
      grant(ledger, 1);
      grant(ledger, 2, [1, 2]);
      const later = now + 30_000;
      ledger.declare(message(3, { held: declared }), later);
      expect(ledger.extendCeiling(holder, later)?.untilMs).toBe(later + 3_600_000 + 60_000);
    }
  });

  test.each([
    { why: "could not reach the object", parts: { recovering: true } },
    { why: "awaits asks that may be lost", parts: { awaiting: [1, 2] } },
  ] as const)(
    "without a slot is written once a minute for a holder that has nothing but $why",
    ({ parts }) => {
      const ledger = newLedger([{ holder, untilMs: now - 1, slots: { a: 4 } }]);
      const ceilingAt = (seq: number, at: number) => {
        ledger.declare(message(seq, parts), at);
        return ledger.extendCeiling(holder, at);
      };
      expect(ceilingAt(2, now)).toEqual({ holder, untilMs: now + 60_000, slots: {} });
      expect(ceilingAt(3, now + 60_000)).toBeUndefined();
      expect(ceilingAt(4, now + 60_001)?.untilMs).toBe(now + 60_001 + 60_000);
    },
  );

  test("is not written for an idle holder", () => {
    const ledger = newLedger();
    ledger.declare(message(1, { awaiting: [1] }), now);
    expect(ledger.extendCeiling(holder, now)).toBeUndefined();
  });

  test("is remembered for as long as it lasts: a holder that was quiet meanwhile costs no row", () => {
    const ledger = newLedger();
    grant(ledger, 1);
    ledger.declare(message(2, { held: [held("a", 1, 600_000)] }), now);
    ledger.extendCeiling(holder, now);
    ledger.declare(message(3), now);
    ledger.prune(now + 120_000);
    expect(grant(ledger, 4, [4], "a", now + 121_000)).toBeUndefined();
  });
});

describe("another incarnation", () => {
  const ceiling = { holder, untilMs: now + 60_000, slots: { a: 4 } };

  test("assumes what the ceilings allow, until their time is over", () => {
    const ledger = newLedger([ceiling], now, 2);
    expect(ledger.totals.inUse("a")).toBe(4);
    ledger.prune(now + 60_000);
    expect(ledger.totals.inUse("a")).toBe(0);
    expect(newLedger([ceiling], now + 60_000, 2).totals.inUse("a")).toBe(0);
  });

  test("believes the holder once that has heard its epoch and has no ask from before open", () => {
    const ledger = newLedger([ceiling], now, 2);
    ledger.declare(message(8, { held: [held("a", 1)] }), now);
    expect(ledger.totals.inUse("a")).toBe(5);
    ledger.declare(message(9, { epoch: 2, awaiting: [7, 9], held: [held("a", 1)] }), now);
    expect(ledger.totals.inUse("a")).toBe(5);
    // What the last incarnation has answered to a message may be what this one has heard of first.
    ledger.declare(message(10, { epoch: 2, awaiting: [8, 10], held: [held("a", 1)] }), now);
    expect(ledger.totals.inUse("a")).toBe(5);
    ledger.declare(message(11, { epoch: 2, awaiting: [9, 11], held: [held("a", 1)] }), now);
    expect(ledger.totals.inUse("a")).toBe(1);
  });
});

describe("outcomes", () => {
  const outcomes = [1, 2, 3].map((nth) => ({ origin: "a", ok: false, detail: `${nth}` }));

  test("are returned once each, however messages repeat and overlap", () => {
    const ledger = newLedger();
    const take = (parts: Partial<ExchangeMessage>) => {
      const sent = message(1, parts);
      ledger.declare(sent, now);
      return ledger.newOutcomes(sent).map(({ detail }) => detail);
    };
    expect(take({ outcomes: outcomes.slice(0, 2), outcomesFrom: 5 })).toEqual(["1", "2"]);
    expect(take({ outcomes: outcomes.slice(0, 2), outcomesFrom: 5 })).toEqual([]);
    expect(take({ outcomes, outcomesFrom: 5 })).toEqual(["3"]);
    expect(take({ outcomes: outcomes.slice(0, 1), outcomesFrom: 5 })).toEqual([]);
    expect(ledger.outcomesSeen(holder)).toBe(8);
  });

  test("of a holder that was never heard of are none", () => {
    expect(newLedger().newOutcomes(message(1, { outcomes }))).toEqual([]);
    expect(newLedger().outcomesSeen("nobody")).toBe(0);
  });
});

test("a holder is forgotten a minute after it was last heard of, if it has nothing", () => {
  const ledger = newLedger();
  ledger.declare(message(1), now);
  ledger.prune(now + 59_999);
  expect(ledger.entries.size).toBe(1);
  ledger.prune(now + 61_000);
  expect(ledger.entries.size).toBe(0);
});

describe("a lease", () => {
  const times = { forMs: 10_000, requestMs };
  const lease = (ledger: SlotLedger, seq: number, slots: number, at = now) =>
    ledger.lease({ holder, seq }, new Map([["a", slots]]), times, at);
  const counts = (ledger: SlotLedger): number[] => [
    ledger.totals.inUse("a"),
    ledger.totals.taken("a") - ledger.totals.inUse("a"),
    ledger.totals.taken("a"),
  ];

  test("counts as far as it exceeds what is declared", () => {
    const ledger = newLedger();
    ledger.declare(message(1, { awaiting: [1], held: [held("a", 2)] }), now);
    lease(ledger, 1, 5);
    expect(counts(ledger)).toEqual([2, 3, 5]);
    ledger.declare(message(2, { lease: 1, awaiting: [2], held: [held("a", 4)] }), now);
    expect(counts(ledger)).toEqual([4, 1, 5]);
    ledger.declare(message(3, { lease: 1, awaiting: [3], held: [held("a", 7)] }), now);
    expect(counts(ledger)).toEqual([7, 0, 7]);
  });

  test("counts in the slot that was granted in the same answer: a holder that has one has the other", () => {
    const ledger = newLedger();
    grant(ledger, 1);
    lease(ledger, 1, 3);
    expect(counts(ledger)).toEqual([1, 2, 3]);
  });

  test("counts as the greatest of those that the holder may be using", () => {
    const ledger = newLedger();
    ledger.declare(message(1, { awaiting: [1] }), now);
    lease(ledger, 1, 5);
    ledger.declare(message(2, { awaiting: [1, 2] }), now);
    lease(ledger, 2, 3);
    expect(ledger.totals.taken("a")).toBe(5);
    ledger.declare(message(3, { lease: 2, awaiting: [3] }), now);
    expect(ledger.totals.taken("a")).toBe(3);
  });

  test("is given back by a message that neither names nor awaits it", () => {
    const ledger = newLedger();
    ledger.declare(message(1, { awaiting: [1] }), now);
    lease(ledger, 1, 5);
    ledger.declare(message(2, { awaiting: [2], held: [held("a", 1)] }), now);
    expect(counts(ledger)).toEqual([1, 0, 1]);
  });

  test("of a holder that falls silent counts until a request started at its end is over, and not longer", () => {
    const ledger = newLedger();
    ledger.declare(message(1, { awaiting: [1], held: [held("a", 2, 5_000)] }), now);
    lease(ledger, 1, 5);
    ledger.prune(now + 5_000);
    expect(counts(ledger)).toEqual([0, 5, 5]);
    ledger.prune(now + times.forMs + requestMs - 1);
    expect(ledger.totals.taken("a")).toBe(5);
    ledger.prune(now + times.forMs + requestMs + 1_000);
    expect(counts(ledger)).toEqual([0, 0, 0]);
  });

  test("is covered by a ceiling until all that may be started under it is over, however long ago that was written", () => {
    const ledger = newLedger();
    let ceiling: HolderCeiling | undefined;
    for (let at = now, seq = 1; at < now + 300_000; at += 1_000, seq++) {
      ledger.declare(message(seq, { awaiting: [seq], ...(seq > 1 && { lease: seq - 1 }) }), at);
      ceiling = lease(ledger, seq, 3, at) ?? ceiling;
      expect(ceiling?.slots["a"]).toBeGreaterThanOrEqual(3);
      expect(ceiling?.untilMs).toBeGreaterThanOrEqual(at + times.forMs + requestMs);
    }
  });

  test("from before the incarnation keeps what that assumes, as long as the holder uses it", () => {
    const ledger = newLedger([{ holder, untilMs: now + 60_000, slots: { a: 4 } }], now, 2);
    ledger.declare(message(8, { epoch: 2, lease: 7, awaiting: [8] }), now);
    expect(ledger.totals.taken("a")).toBe(4);
    ledger.declare(message(9, { epoch: 2, lease: 8, awaiting: [9] }), now);
    expect(ledger.totals.taken("a")).toBe(0);
  });
});
