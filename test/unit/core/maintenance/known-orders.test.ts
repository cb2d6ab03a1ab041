/** The isolate's side of maintenance orders: how old what a request goes by may be. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { KnownOrders, knownWithinMs, lookAfterMs } from "../../../../core/maintenance/known-orders.ts";

const closed = (route: string, leftMs?: number) => ({
  version: 7,
  closed: [{ route, sinceMs: 0, ...(leftMs !== undefined && { leftMs }) }],
});

describe("what is known", () => {
  test("is nothing at first, and then asked for before a request goes by it", () => {
    const known = new KnownOrders();
    expect(known.freshness(1_000)).toBe("old");
    expect(known.version).toBe(0);
    expect(known.orderOn("shop", 1_000)).toBeUndefined();
  });

  test("is looked after once a second, and no request goes by what is two seconds old", () => {
    const known = new KnownOrders();
    known.heard(closed("shop"), 1_000, 1_200);
    expect(known.freshness(1_000 + lookAfterMs - 1)).toBe("fresh");
    expect(known.freshness(1_000 + lookAfterMs)).toBe("due");
    expect(known.freshness(1_000 + knownWithinMs - 1)).toBe("due");
    expect(known.freshness(1_000 + knownWithinMs)).toBe("old");
    // The clock went back.
    expect(known.freshness(500)).toBe("old");
  });

  test("stays when nothing was changed since, and when a look is lost", () => {
    const known = new KnownOrders();
    known.heard(closed("shop"), 1_000, 1_000);
    known.looks(2_000, 1_000);
    known.heard({ version: 7 }, 2_000, 2_100);
    expect(known.orderOn("shop", 2_100)).toEqual({});
    known.looks(3_000, 1_000);
    known.lost();
    expect(known.isLooking(3_100)).toBe(false);
    expect(known.orderOn("shop", 900_000)).toEqual({});
    expect(known.orderOn("api", 900_000)).toBeUndefined();
  });

  test("of an order with an end is over by then, also if the object is never heard again", () => {
    const known = new KnownOrders();
    known.heard(closed("shop", 5_000), 1_000, 1_200);
    expect(known.orderOn("shop", 6_000)).toEqual({ leftMs: 200 });
    expect(known.orderOn("shop", 6_200)).toBeUndefined();
  });

  test("is not replaced by an answer that was overtaken", () => {
    const known = new KnownOrders();
    known.heard(closed("shop"), 2_000, 2_100);
    known.heard({ version: 6, closed: [] }, 1_500, 2_200);
    expect(known.orderOn("shop", 2_200)).toEqual({});
    expect(known.version).toBe(7);
  });
});

test("a look that is under way is given up after its time", () => {
  const known = new KnownOrders();
  known.looks(1_000, 500);
  expect(known.isLooking(1_499)).toBe(true);
  expect(known.isLooking(1_500)).toBe(false);
});

test("however requests come and answers take, none goes by an order that ended more than two seconds before", () => {
  const step = fc.record({ afterMs: fc.nat(3_000), answersInMs: fc.nat(1_500), isOn: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const known = new KnownOrders();
      /** The orders, each from its time on. */
      const orders: { readonly fromMs: number; readonly isOn: boolean }[] = [{ fromMs: 0, isOn: false }];
      const asOf = (atMs: number): boolean => orders.findLast(({ fromMs }) => fromMs <= atMs)?.isOn ?? false;
      let now = 10;
      let pending: { readonly sentMs: number; readonly atMs: number } | undefined;
      const look = (answersInMs: number): void => {
        known.looks(now, 2_000);
        pending = { sentMs: now, atMs: now + answersInMs };
      };
      const hear = (): void => {
        if (pending === undefined || pending.atMs > now) return;
        const { sentMs } = pending;
        pending = undefined;
        const isOn = asOf(sentMs);
        known.heard(isOn ? closed("shop") : { version: 8, closed: [] }, sentMs, now);
      };
      for (const { afterMs, answersInMs, isOn } of steps) {
        now += afterMs;
        hear();
        if (asOf(now) !== isOn) orders.push({ fromMs: now, isOn });
        if (known.freshness(now) !== "fresh" && pending === undefined) look(answersInMs);
        if (known.freshness(now) === "old" && pending !== undefined) {
          now = Math.max(now, pending.atMs);
          hear();
        }
        const goesBy = known.orderOn("shop", now) !== undefined;
        const possible = new Set([
          asOf(now - knownWithinMs),
          ...orders.filter(({ fromMs }) => fromMs > now - knownWithinMs).map((one) => one.isOn),
        ]);
        expect(possible).toContain(goesBy);
      }
    }),
  );
});
