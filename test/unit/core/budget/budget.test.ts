/** A pool's budget: what takes of it, who may still go there, and what is shown of it. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { Budget } from "../../../../core/budget/budget.ts";
import { periods } from "../../../../core/budget/spending.ts";
import type { PoolBudget, PoolCost } from "../../../../core/model/upstream.ts";
import { origin } from "../../../support/upstream.ts";

const { hour, day } = periods;
const now = 20_000 * day;

function budgetOf(budget: Partial<PoolBudget>, cost: Partial<PoolCost> = {}): Budget {
  return new Budget(
    {
      name: "cloud",
      origins: [origin("c")],
      cost: { perRequest: 0, perGb: 0, ...cost },
      budget: { whenUsedUp: "fail", ...budget },
    },
    {},
    now,
  );
}

/** Sends requests as long as they are allowed; how many were. */
function sendAll(budget: Budget, most = 10_000): number {
  let sent = 0;
  for (; sent < most && budget.allows("normal", now); sent++) budget.spendRequests(1, now);
  return sent;
}

describe("a day's money", () => {
  test.each([
    { moneyPerDay: 0.3, perRequest: 0.1, sent: 3 },
    { moneyPerDay: 1, perRequest: 0.1, sent: 10 },
    { moneyPerDay: 0.35, perRequest: 0.1, sent: 3 },
    { moneyPerDay: 0.0002, perRequest: 2e-7, sent: 1_000 },
    { moneyPerDay: 5, perRequest: 7, sent: 0 },
  ])("$moneyPerDay pays for $sent requests at $perRequest", ({ moneyPerDay, perRequest, sent }) => {
    expect(sendAll(budgetOf({ moneyPerDay }, { perRequest }))).toBe(sent);
  });

  test("pays for what responses weigh, as soon as that is known", () => {
    const budget = budgetOf({ moneyPerDay: 1 }, { perGb: 0.5 });
    budget.spendBytes(1_999_999_998, now);
    expect(budget.allows("normal", now)).toBe(true);
    budget.spendBytes(2, now);
    expect(budget.allows("normal", now)).toBe(false);
    expect(budget.view(now)).toMatchObject({ isUsedUp: true, moneyPerDay: { spent: 1, left: 0 } });
  });

  test("may be exceeded by what open requests carry; never is there less than nothing left", () => {
    const budget = budgetOf({ moneyPerDay: 1 }, { perRequest: 1, perGb: 1 });
    budget.spendRequests(1, now);
    budget.spendBytes(3e9, now);
    expect(budget.view(now).moneyPerDay).toMatchObject({ spent: 4, left: 0, renewsMs: now + day });
  });

  test("is half one client's at most, with what answers weigh by its part of the requests", () => {
    const budget = budgetOf({ moneyPerDay: 1 }, { perGb: 1 });
    for (let nth = 0; nth < 3; nth++) budget.spendRequests(1, now, 1);
    budget.spendRequests(1, now, 2);
    budget.spendBytes(5e8, now);
    // Half is spent, three quarters of it by the first client.
    expect([1, 2, 3].map((client) => budget.allows("normal", now, client))).toEqual([true, true, true]);
    budget.spendBytes(1e8, now);
    expect([1, 2, 3].map((client) => budget.allows("normal", now, client))).toEqual([false, true, true]);
    // The next day all begins anew.
    expect(budget.allows("normal", now + day, 1)).toBe(true);
  });

  test("that was spent before the memory was lost is no client's", () => {
    const before = budgetOf({ requestsPerHour: 10 });
    before.spendRequests(7, now, 1);
    const pool = {
      name: "cloud",
      origins: [origin("c")],
      budget: { whenUsedUp: "fail" as const, requestsPerHour: 10 },
    };
    const after = new Budget(pool, before.record, now);
    after.spendRequests(1, now, 1);
    after.spendRequests(1, now, 2);
    expect([1, 3].map((client) => after.allows("normal", now, client))).toEqual([false, true]);
  });

  test("is never more than it, in requests of any price", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5_000 }), fc.integer({ min: 1, max: 900 }), (cents, price) => {
        const sent = sendAll(budgetOf({ moneyPerDay: cents / 100 }, { perRequest: price / 100 }));
        expect(sent).toBe(Math.floor(cents / price));
      }),
    );
  });
});

test("two limits: whichever is reached first, and the pool is open again when both are", () => {
  const budget = budgetOf({ requestsPerHour: 5, moneyPerDay: 8 }, { perRequest: 1 });
  expect(sendAll(budget)).toBe(5);
  expect(budget.renewsInMs(now)).toBe(hour);
  expect(budget.allows("normal", now + hour)).toBe(true);
  budget.spendRequests(3, now + hour);
  expect(budget.allows("high", now + hour)).toBe(false);
  expect(budget.renewsInMs(now + hour)).toBe(day - hour);
  expect(budget.allows("normal", now + day)).toBe(true);
  const said = budget.takeNotices().map(({ of, per, state, spent }) => `${state}: ${spent} ${of} a ${per}`);
  expect(said).toEqual([
    "warning: 4 requests a hour",
    "used-up: 5 requests a hour",
    "renewed: 5 requests a hour",
    "renewed: 3 requests a hour",
    "warning: 8 money a day",
    "used-up: 8 money a day",
    "renewed: 8 money a day",
  ]);
});

describe("when it runs short", () => {
  test.each([
    { whenUsedUp: "shed-low-priority", low: false },
    { whenUsedUp: "fail", low: true },
    { whenUsedUp: "queue", low: true },
  ] as const)("$whenUsedUp: low priority goes there: $low; then no request does", ({ whenUsedUp, low }) => {
    const budget = budgetOf({ requestsPerHour: 120, whenUsedUp });
    budget.spendRequests(8, now);
    expect(budget.allows("low", now)).toBe(low);
    expect(budget.allows("normal", now)).toBe(true);
    budget.spendRequests(111, now);
    expect(budget.allows("high", now)).toBe(true);
    budget.spendRequests(1, now);
    for (const priority of ["high", "normal", "low"] as const) {
      expect(budget.allows(priority, now)).toBe(false);
    }
  });
});
