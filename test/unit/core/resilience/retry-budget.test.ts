/** Retries as a share of requests over the last ten seconds, and what silence does to it. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { RetryBudget } from "../../../../core/resilience/retry-budget.ts";

/** Allowed in ten seconds however few requests there were. */
const reserve = 100;
const now = 1_000_000_000;

/** So many requests at one moment. */
function deposit(budget: RetryBudget, requests: number, at = now): void {
  for (let request = 0; request < requests; request++) budget.deposit(at);
}

/** How many of so many retries are allowed at one moment. */
function allowed(budget: RetryBudget, retries: number, at = now): number {
  let count = 0;
  for (let retry = 0; retry < retries && budget.allows(at); retry++) {
    budget.withdraw(at);
    count++;
  }
  return count;
}

/** How many retries one client gets, until it gets no more. */
function allowedTo(client: number, budget: RetryBudget, at = now): number {
  let count = 0;
  for (; budget.refusal(at, client) === undefined; count++) budget.withdraw(at, client);
  return count;
}

describe("a retry budget", () => {
  test.each([
    { share: 0.2, requests: 0, expected: reserve },
    { share: 0.2, requests: 1_000, expected: reserve + 200 },
    { share: 0.1, requests: 1_000, expected: reserve + 100 },
    { share: 1, requests: 1_000, expected: reserve + 1_000 },
    { share: 0.001, requests: 10, expected: reserve + 1 },
  ])("of $share allows $expected retries for $requests requests", ({ share, requests, expected }) => {
    const budget = new RetryBudget(share);
    deposit(budget, requests);
    expect(allowed(budget, 5_000)).toBe(expected);
  });

  test("of 0 allows none, not even the reserve", () => {
    const budget = new RetryBudget(0);
    deposit(budget, 10_000);
    expect(allowed(budget, 10)).toBe(0);
  });

  test("whose clients retry as they like, one of them never has more than half, and a new one has something while there is something", () => {
    const clients = fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 300 });
    fc.assert(
      fc.property(clients, fc.nat(2_000), (order, requests) => {
        const budget = new RetryBudget(0.2);
        deposit(budget, requests);
        for (const client of [1, 2]) budget.meet(now, client);
        const all = reserve + requests * 0.2;
        const had = new Map<number, number>();
        for (const client of order) {
          const before = had.get(client) ?? 0;
          const refusal = budget.refusal(now, client);
          if (before === 0) expect(refusal).not.toBe("client");
          if (refusal !== undefined) continue;
          budget.withdraw(now, client);
          had.set(client, before + 1);
          expect(before).toBeLessThan(all / 2);
        }
      }),
    );
  });

  test("with one client has nine tenths for it, and the next client has the rest", () => {
    const budget = new RetryBudget(0.2);
    budget.meet(now, 1);
    expect(allowedTo(1, budget)).toBe(0.9 * reserve);
    budget.meet(now, 2);
    expect(allowedTo(2, budget)).toBe(reserve / 20);
  });

  test.each([
    { others: "another client's request", meets: 2 },
    { others: "a request of which it is not known whose it is", meets: undefined },
  ])("gives one client half after $others, until ten seconds have passed", ({ meets }) => {
    const budget = new RetryBudget(0.2);
    budget.meet(now, meets);
    budget.meet(now + 9_999, 1);
    expect(allowedTo(1, budget, now + 9_999)).toBe(reserve / 2);
    budget.meet(now + 30_000, 1);
    expect(allowedTo(1, budget, now + 30_000)).toBe(0.9 * reserve);
  });

  test("a client's retries are forgotten with those of all, after ten seconds", () => {
    const budget = new RetryBudget(0.2);
    budget.meet(now, 2);
    while (budget.refusal(now, 1) === undefined) budget.withdraw(now, 1);
    expect([budget.refusal(now, 1), budget.refusal(now, 2)]).toEqual(["client", undefined]);
    expect(budget.refusal(now + 10_000, 1)).toBeUndefined();
  });

  test("a refused retry is not counted: room made by requests is used at once", () => {
    const budget = new RetryBudget(0.5);
    expect(allowed(budget, 1_000)).toBe(reserve);
    deposit(budget, 20);
    expect(allowed(budget, 1_000)).toBe(10);
  });

  test("forgets requests and retries after ten seconds, a second's worth at a time", () => {
    const budget = new RetryBudget(0.2);
    deposit(budget, 500, now);
    deposit(budget, 250, now + 5_000);
    expect(allowed(budget, 1_000, now + 9_999)).toBe(reserve + 150);
    // The first 500 requests have left the window; its retries have not.
    expect(allowed(budget, 1_000, now + 10_000)).toBe(0);
    // All have left but the retries of the tenth second, which leave with it.
    expect(allowed(budget, 1_000, now + 18_999)).toBe(0);
    expect(allowed(budget, 1_000, now + 19_000)).toBe(reserve);
  });

  test("remembers nothing after a silence of ten seconds or more, however long", () => {
    for (const silenceMs of [10_000, 10_999, 11_000, 12_345, 20_000, 25_000, 3_600_000, 86_400_000]) {
      const budget = new RetryBudget(0.2);
      for (let second = 0; second < 10; second++) deposit(budget, 1_000, now + 1_000 * second);
      allowed(budget, 50, now + 9_000);
      expect(allowed(budget, 10_000, now + 9_000 + silenceMs), `${silenceMs} ms`).toBe(reserve);
    }
  });

  test("a shorter silence clears just the seconds that have left", () => {
    const budget = new RetryBudget(0.1);
    for (let second = 0; second < 10; second++) deposit(budget, 100, now + 1_000 * second);
    // At +13 s the window is +4 … +13 s: six of the ten seconds with requests are in it.
    expect(allowed(budget, 1_000, now + 13_000)).toBe(reserve + 60);
  });

  test("survives a clock that steps back", () => {
    const budget = new RetryBudget(0.2);
    deposit(budget, 500, now);
    deposit(budget, 500, now - 60_000);
    expect(allowed(budget, 1_000, now - 60_000)).toBe(reserve + 200);
    expect(allowed(budget, 1_000, now)).toBe(0);
  });

  test("in any ten seconds allows no more than its share of the last ten seconds' requests, and the reserve", () => {
    const step = fc.record({ waitMs: fc.nat(4_000), requests: fc.nat(300), retries: fc.nat(200) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const budget = new RetryBudget(0.2);
        const log: { second: number; requests: number; retries: number }[] = [];
        let at = now;
        for (const { waitMs, requests, retries } of steps) {
          at += waitMs;
          deposit(budget, requests, at);
          log.push({ second: Math.floor(at / 1_000), requests, retries: allowed(budget, retries, at) });
          const recent = log.filter(({ second }) => second > Math.floor(at / 1_000) - 10);
          const sum = (pick: "requests" | "retries") => recent.reduce((total, one) => total + one[pick], 0);
          // What was allowed earlier stays allowed when the requests that earned it leave the window.
          if ((log.at(-1)?.retries ?? 0) > 0) {
            expect(sum("retries")).toBeLessThan(sum("requests") * 0.2 + reserve + 1);
          }
        }
      }),
    );
  });
});
