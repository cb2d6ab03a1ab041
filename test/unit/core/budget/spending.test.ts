/** One limit of a budget: exact while the memory lasts, rather too careful after it was lost, cheap to persist. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { periods, Spending, type SavedSpending } from "../../../../core/budget/spending.ts";

const { hour } = periods;
const start = 500_000 * hour;

function spendingOf(limit: number, { saved, now = start }: { saved?: SavedSpending; now?: number } = {}) {
  return new Spending({ period: "hour", limit, price: 1 }, saved, now);
}

/** Sends so many requests, as long as they are allowed; how many were. */
function send(spending: Spending, count: number, now: number): number {
  let sent = 0;
  for (let nth = 0; nth < count; nth++) {
    spending.turn(now);
    if (spending.isUsedUp) continue;
    spending.spend(1);
    sent++;
  }
  return sent;
}

const states = (spending: Spending) => spending.takeNotices().map(({ state }) => state);

/** What storage holds, whose memory may be lost at any moment. */
class Kept {
  spending: Spending;
  rows = 0;
  readonly told: string[] = [];
  #saved: SavedSpending | undefined;
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
    this.spending = spendingOf(limit);
  }

  /** To be called before anything that follows from a change is answered. */
  keep(): void {
    this.told.push(...states(this.spending));
    if (!this.spending.takeUnsaved()) return;
    this.rows++;
    this.#saved = this.spending.saved;
  }

  crash(now: number): void {
    this.spending = spendingOf(this.#limit, { ...(this.#saved && { saved: this.#saved }), now });
  }
}

describe("in a period", () => {
  test.each([0, 1, 2, 63, 1_000])("exactly %i are spent of that many, and in the next one again", (limit) => {
    const spending = spendingOf(limit);
    expect(send(spending, limit + 5, start)).toBe(limit);
    expect(send(spending, 5, start + hour - 1)).toBe(0);
    expect(send(spending, limit + 5, start + hour)).toBe(limit);
  });

  test("a clock that goes back brings no earlier period back", () => {
    const spending = spendingOf(10, { now: start + hour });
    expect(send(spending, 20, start + hour)).toBe(10);
    expect(send(spending, 20, start)).toBe(0);
  });

  test("what is not allowed counts too, and is never made up for by the next period", () => {
    const spending = spendingOf(10);
    spending.spend(25);
    expect(spending.spent).toBe(25);
    expect(spending.isUsedUp).toBe(true);
    expect(send(spending, 20, start + hour)).toBe(10);
  });
});

describe("what an operator hears", () => {
  test("a warning from 80 %, that it is used up, that it begins anew: each once a period", () => {
    const spending = spendingOf(10);
    send(spending, 7, start);
    expect(states(spending)).toEqual([]);
    send(spending, 1, start);
    expect(states(spending)).toEqual(["warning"]);
    send(spending, 20, start);
    expect(states(spending)).toEqual(["used-up"]);
    send(spending, 20, start + hour);
    expect(states(spending)).toEqual(["renewed", "warning", "used-up"]);
    spending.turn(start + 2 * hour);
    expect(spending.takeNotices()).toEqual([{ state: "renewed", spent: 10 }]);
    spending.turn(start + 3 * hour);
    expect(states(spending)).toEqual([]);
  });

  test("nothing twice, however often the memory is lost", () => {
    const kept = new Kept(100);
    for (let nth = 0; nth < 150; nth++) {
      send(kept.spending, 1, start);
      kept.keep();
      kept.crash(start);
    }
    kept.crash(start + hour);
    kept.keep();
    kept.crash(start + hour);
    kept.keep();
    expect(kept.told).toEqual(["warning", "used-up", "renewed"]);
  });

  test("all of it again, of another limit", () => {
    const before = spendingOf(10);
    send(before, 20, start);
    const raised = spendingOf(12, { saved: before.saved });
    expect(states(raised)).toEqual(["warning"]);
    expect(send(raised, 20, start)).toBe(2);
    expect(states(raised)).toEqual(["used-up"]);
  });
});

describe("less important requests do without", () => {
  test.each([
    { when: "at once", elapsed: 0, from: (0.8 * 1_200) / 12 },
    { when: "after two minutes", elapsed: 1 / 30, from: (0.8 * 1_200) / 12 },
    { when: "after half an hour", elapsed: 1 / 2, from: 480 },
    { when: "in the end", elapsed: 1, from: 960 },
  ])("$when, from 80 % of what is due by then: $from of 1,200", ({ elapsed, from }) => {
    const spending = spendingOf(1_200);
    const now = start + Math.min(elapsed * hour, hour - 1e-6);
    spending.spend(from - 1);
    expect(spending.isShort(now)).toBe(false);
    spending.spend(1);
    expect(spending.isShort(now)).toBe(true);
    expect(spending.isUsedUp).toBe(false);
  });
});

const step = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({ kind: fc.constant("send" as const), count: fc.integer({ min: 1, max: 200 }) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom("crash" as const, "rest" as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("wait" as const), ms: fc.nat(hour / 2) }) },
);

test("whatever is lost and when: no period sees more than the limit, and without a loss no less", () => {
  fc.assert(
    fc.property(fc.nat(2_000), fc.array(step, { maxLength: 60 }), (limit, steps) => {
      const kept = new Kept(limit);
      const byPeriod = new Map<number, { sent: number; tried: number; crashed: boolean }>();
      let now = start;
      for (const one of steps) {
        const period = Math.floor(now / hour);
        const seen = byPeriod.get(period) ?? { sent: 0, tried: 0, crashed: false };
        byPeriod.set(period, seen);
        if (one.kind === "wait") now += one.ms;
        if (one.kind === "rest") kept.spending.settle();
        if (one.kind === "crash") {
          // What was spent in an earlier hour is not lost, but over.
          kept.spending.turn(now);
          const { spent } = kept.spending;
          kept.crash(now);
          seen.crashed = true;
          const lost = kept.spending.spent - spent;
          expect(lost).toBeGreaterThanOrEqual(0);
          expect(lost).toBeLessThanOrEqual(limit / 64);
        }
        for (let nth = 0; one.kind === "send" && nth < one.count; nth++) {
          seen.tried++;
          seen.sent += send(kept.spending, 1, now);
          // Each is answered before the next one comes.
          kept.keep();
        }
        kept.keep();
      }
      for (const { sent, tried, crashed } of byPeriod.values()) {
        expect(sent).toBeLessThanOrEqual(limit);
        if (!crashed) expect(sent).toBe(Math.min(limit, tried));
      }
    }),
  );
});

describe("what it costs to persist", () => {
  test.each([
    { limit: 1_000_000, requests: 100_000, rows: 100 },
    { limit: 100_000, requests: 100_000, rows: 100 },
    { limit: 1_000, requests: 1_000, rows: 100 },
  ])("$requests of $limit an hour: at most $rows rows", ({ limit, requests, rows }) => {
    const kept = new Kept(limit);
    for (let nth = 0; nth < requests; nth++) {
      send(kept.spending, 1, start);
      kept.keep();
    }
    expect(kept.spending.spent).toBe(requests);
    expect(kept.rows).toBeLessThanOrEqual(rows);
  });

  test("an object that comes to rest forgets nothing, and writes nothing if nothing was spent", () => {
    const kept = new Kept(100_000);
    for (let nth = 0; nth < 777; nth++) {
      send(kept.spending, 1, start);
      kept.keep();
    }
    kept.spending.settle();
    kept.keep();
    const { rows } = kept;
    kept.spending.settle();
    kept.keep();
    expect(kept.rows).toBe(rows);
    kept.crash(start);
    expect(kept.spending.spent).toBe(777);
  });
});
