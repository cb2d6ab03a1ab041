/** What part of home is in use. */
import { expect, test } from "vitest";

import { homeUtilisation } from "../../../../core/burst/home-load.ts";
import type { OriginStatus } from "../../../../core/model/origin-status.ts";
import { origin, status } from "../../../support/upstream.ts";

const home = [origin("a", { maxConns: 8 }), origin("b", { maxConns: 2 })];

test.each<[string, Readonly<Record<string, Partial<OriginStatus>>>, number]>([
  ["slots in use over limits, all origins together", { a: { inFlight: 4 }, b: { inFlight: 1 } }, 0.5],
  ["slots that are lent and not in use are free", { a: { inFlight: 0, taken: 8 } }, 0],
  [
    "an origin that does not serve has no slots",
    { a: { inFlight: 4 }, b: { inFlight: 2, healthy: false } },
    0.5,
  ],
  ["nor has one that is drained", { a: { inFlight: 4 }, b: { inFlight: 2, operator: "draining" } }, 0.5],
  [
    "nor has one that says that it wants to leave",
    { a: { inFlight: 4 }, b: { inFlight: 2, leaving: true } },
    0.5,
  ],
  ["home without an origin that serves is full", { a: { healthy: false }, b: { operator: "down" } }, 1],
])("%s", (_, states, expected) => {
  expect(homeUtilisation(home, (name) => status(states[name]))).toBe(expected);
});

test("a limit that was found out counts in place of maxConns, and where there is none", () => {
  const found = (): OriginStatus => status({ inFlight: 3, limit: 4 });
  expect(homeUtilisation(home, found)).toBe(0.75);
  expect(homeUtilisation([origin("c")], found)).toBe(0.75);
});

test("origins without a limit do not count, and where no other serves, nothing is in use", () => {
  const mixed = [...home, origin("c")];
  const busy = (): OriginStatus => status({ inFlight: 2 });
  expect(homeUtilisation(mixed, busy)).toBe(0.4);
  expect(homeUtilisation([origin("c")], busy)).toBe(0);
});
