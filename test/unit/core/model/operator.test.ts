/** What becomes of an operator's orders, and of the sessions bound to the origin. */
import { describe, expect, test } from "vitest";

import { noOverride, obey, operatorOrders, type OperatorOrder } from "../../../../core/model/operator.ts";

function after(...orders: readonly OperatorOrder[]) {
  return orders.reduce(obey, noOverride);
}

describe("an origin after", () => {
  test.each<[readonly OperatorOrder[], string, number]>([
    [[], "up", 1],
    [["drain"], "draining", 1],
    [["drain", "drain"], "draining", 1],
    [["drain", "undrain"], "up", 1],
    [["drain", "up"], "up", 1],
    [["down"], "down", 2],
    [["down", "down"], "down", 2],
    [["down", "up"], "up", 2],
    [["down", "undrain"], "up", 2],
    [["drain", "down"], "down", 2],
    [["down", "drain"], "draining", 2],
    [["down", "up", "down"], "down", 3],
    [["down", "drain", "down"], "down", 3],
    [["up"], "up", 1],
  ])("%j is %s, and binds the sessions of epoch %i", (orders, state, pinEpoch) => {
    expect(after(...orders)).toEqual({ state, pinEpoch });
  });
});

test("an order never binds sessions again that an earlier one unbound", () => {
  for (const first of operatorOrders) {
    for (const second of operatorOrders) {
      expect(after(first, second).pinEpoch).toBeGreaterThanOrEqual(after(first).pinEpoch);
    }
  }
});
