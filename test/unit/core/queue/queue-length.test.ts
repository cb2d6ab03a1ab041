/** How many may wait at once, where the config does not say it. */
import * as fc from "fast-check";
import { expect, test } from "vitest";

import { mostDerived, queueLength } from "../../../../core/queue/queue-length.ts";
import { kindOf, now, Shop } from "../../../support/queueing-shop.ts";
import { origin, pool } from "../../../support/upstream.ts";

const timeoutMs = 5_000;

test.each([
  { slots: 12, serviceMs: 250, is: 240, because: "so many are served in the time" },
  { slots: 12, serviceMs: undefined, is: 600, because: "a tenth of a second each is assumed at first" },
  { slots: 64, serviceMs: 20, is: mostDerived, because: "there is a bound, for memory" },
  { slots: Infinity, serviceMs: 20, is: mostDerived, because: "there is a bound, for memory" },
  { slots: 2, serviceMs: 30_000, is: 1, because: "one may always try" },
  { slots: 0, serviceMs: 100, is: 1, because: "one may always try" },
  { slots: 12, serviceMs: 0, is: mostDerived, because: "no service takes no time" },
])("$slots slots of $serviceMs ms: $is, as $because", ({ slots, serviceMs, is }) => {
  expect(queueLength({ timeoutMs }, slots, serviceMs)).toBe(is);
});

test("a number that is written stands, whatever is measured", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 10_000 }),
      fc.nat(500),
      fc.nat(60_000),
      (length, slots, serviceMs) => {
        expect(queueLength({ length, timeoutMs }, slots, serviceMs)).toBe(length);
      },
    ),
  );
});

test("a crowd of which nothing is known yet waits, as many as are served in time by the first guess", () => {
  const shop = new Shop({ queue: { timeoutMs: 2_000, priority: "normal" } }).fill();
  const kinds = Array.from({ length: 50 }, () => kindOf(shop.ask()));
  expect(kinds.filter((kind) => kind === "queued")).toHaveLength(40);
  expect(kinds.slice(40)).toEqual(Array.from({ length: 10 }, () => "unavailable"));
});

test("whatever requests take, as many wait as can be served in time, and no more", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 20, max: 4_000 }), (slots, serviceMs) => {
      const shop = new Shop({
        pools: [pool("home", [origin("a", { maxConns: slots })])],
        queue: { timeoutMs: 2_000, priority: "normal" },
      });
      shop.holder.report(now, [{ origin: "a", ok: true, headerMs: serviceMs }]);
      shop.fill(slots);
      const fits = Math.min(mostDerived, Math.floor((slots * 2_000) / serviceMs + 1e-9));
      for (let nth = 0; nth <= fits; nth++) shop.ask();
      expect(shop.length).toBe(fits);
    }),
    { numRuns: 30 },
  );
});

test("no request waits where waiting can do nothing: all of home is down", () => {
  const shop = new Shop();
  shop.coordinator.drains.operate("a", "down", now);
  expect(shop.ask().answer.reply.pick).toMatchObject({ kind: "unavailable", why: "down" });
});

test("no request waits where nothing is limited", () => {
  const shop = new Shop({
    pools: [pool("home", [origin("a")])],
    queue: { timeoutMs: 2_000, priority: "normal" },
  });
  const kinds = Array.from({ length: 300 }, () => kindOf(shop.ask()));
  expect(new Set(kinds)).toEqual(new Set(["granted"]));
});
