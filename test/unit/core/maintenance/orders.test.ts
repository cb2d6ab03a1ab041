/** The object's side of maintenance orders: what an order changes, what a looker hears, and when an order is over. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { KnownOrders } from "../../../../core/maintenance/known-orders.ts";
import {
  mostClosed,
  newsFor,
  noOrders,
  obeyed,
  withoutOver,
  type MaintenanceState,
} from "../../../../core/maintenance/orders.ts";

const on = (route: string, forMs?: number) =>
  ({ kind: "order", order: "on", route, ...(forMs !== undefined && { forMs }) }) as const;
const off = (route: string) => ({ kind: "order", order: "off", route }) as const;

/** The state after these orders, one a second from 1,000 on. */
const after = (...orders: readonly Parameters<typeof obeyed>[1][]): MaintenanceState =>
  orders.reduce((state, order, nth) => obeyed(state, order, 1_000 * (nth + 1)).state, noOrders);

describe("an order", () => {
  test("closes its route until another one opens it, and the reply says how all routes stand", () => {
    const { state, reply } = obeyed(after(on("shop")), on("api", 60_000), 5_000);
    expect(reply).toEqual({
      kind: "done",
      wasOn: false,
      news: {
        version: 5_000,
        closed: [
          { route: "shop", sinceMs: 1_000 },
          { route: "api", sinceMs: 5_000, leftMs: 60_000 },
        ],
      },
    });
    expect(obeyed(state, off("shop"), 6_000)).toMatchObject({
      state: { closed: [{ route: "api" }] },
      reply: { kind: "done", wasOn: true },
    });
  });

  test("that is repeated sets its end anew, and the route is in maintenance since the first one", () => {
    const state = after(on("shop", 60_000), on("shop"));
    expect(state.closed).toEqual([{ route: "shop", sinceMs: 1_000 }]);
    expect(after(on("shop"), on("shop", 500)).closed).toEqual([
      { route: "shop", sinceMs: 1_000, untilMs: 2_500 },
    ]);
  });

  test("that opens an open route changes nothing, and says so", () => {
    const state = after(on("shop"));
    const { state: same, reply } = obeyed(state, off("api"), 5_000);
    expect(same).toBe(state);
    expect(reply).toMatchObject({ kind: "done", wasOn: false });
  });

  test("is refused where as many routes are closed as are kept, unless its route is one of them", () => {
    const routes = Array.from({ length: mostClosed }, (_, nth) => `route-${nth}`);
    const full = after(...routes.map((route) => on(route)));
    expect(obeyed(full, on("another"), 9_000_000)).toEqual({ state: full, reply: { kind: "too-many" } });
    expect(obeyed(full, on("route-0", 1_000), 9_000_000).reply.kind).toBe("done");
  });
});

test("orders whose time is over are dropped and named, and the same state comes back where there are none", () => {
  const state = after(on("shop", 10_000), on("api"));
  expect(withoutOver(state, 10_999)).toEqual({ state, over: [] });
  expect(withoutOver(state, 10_999).state).toBe(state);
  const later = withoutOver(state, 11_000);
  expect(later.over).toEqual(["shop"]);
  expect(later.state.closed.map(({ route }) => route)).toEqual(["api"]);
});

describe("a looker", () => {
  test("that knows the latest version hears no more than that", () => {
    const state = after(on("shop"));
    expect(newsFor(state, state.version, 2_000)).toEqual({ version: state.version });
    expect(newsFor(state, state.version - 1, 2_000)).toHaveProperty("closed");
    expect(newsFor(noOrders, 0, 2_000)).toEqual({ version: 0, closed: [] });
  });

  test("of an object that has lost its rows hears all anew, whatever it knows", () => {
    const known = after(on("shop"), on("api"));
    const lost = obeyed(noOrders, on("blog"), 7_000).state;
    expect(newsFor(lost, known.version, 8_000)).toMatchObject({ closed: [{ route: "blog" }] });
    expect(newsFor(noOrders, known.version, 8_000)).toEqual({ version: 0, closed: [] });
  });

  test("knows after each look which routes are closed, whatever orders were given in between", () => {
    const order = fc.record({
      route: fc.constantFrom("a", "b", "c"),
      forMs: fc.option(fc.integer({ min: 1, max: 30 }), { nil: undefined }),
      order: fc.constantFrom("on" as const, "off" as const),
      afterMs: fc.nat(20),
      looks: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(order, { maxLength: 40 }), (orders) => {
        const known = new KnownOrders();
        const expected = new Map<string, number>();
        let state: MaintenanceState = noOrders;
        let now = 1_000;
        for (const { route, forMs, order: what, afterMs, looks } of orders) {
          now += afterMs;
          ({ state } = withoutOver(state, now));
          const given = what === "off" ? off(route) : on(route, forMs);
          ({ state } = obeyed(state, given, now));
          if (what === "off") expected.delete(route);
          else expected.set(route, now + (forMs ?? Infinity));
          if (!looks) continue;
          known.heard(newsFor(state, known.version, now), now, now);
          for (const one of ["a", "b", "c"])
            for (const atMs of [now, now + 10, now + 100])
              expect([one, known.orderOn(one, atMs) !== undefined]).toEqual([
                one,
                (expected.get(one) ?? 0) > atMs,
              ]);
        }
      }),
    );
  });
});
