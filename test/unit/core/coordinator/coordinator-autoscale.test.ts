/** What the upstream's object orders of its burst pool: from messages to orders, and with none of them. */
import { describe, expect, test } from "vitest";

import { Coordinator } from "../../../../core/coordinator/coordinator.ts";
import { rows } from "../../../../core/coordinator/rows.ts";
import { applyRows } from "../../../../core/coordinator/saved-state.ts";
import { RowsInMemory } from "../../../../sim/strategies/weir/exchanges/saved.ts";
import { OneHolder } from "../../../support/one-holder.ts";
import { nothingSaved } from "../../../support/saved.ts";
import { Site, type SiteOptions } from "../../../support/site.ts";
import { origin, pool, upstream } from "../../../support/upstream.ts";

const start = 1_000_000;
const home = pool("home", [origin("a", { maxConns: 1 }), origin("b", { maxConns: 1 })]);
const shop = upstream({
  pools: [home, pool("cloud", [origin("c")])],
  autoscale: { pool: "cloud", slots: 1, startsInMs: 10_000, min: 0, max: 50 },
});

class ScaledSite extends Site {
  constructor(options: SiteOptions = {}) {
    super(shop, { startMs: start, ...options });
  }

  /** So many requests a second that take a tenth each, for so many seconds. */
  load(perSecond: number, seconds: number): void {
    for (let second = 0; second < seconds; second++, this.now += 1_000) {
      for (let nth = 0; nth < perSecond; nth++) {
        const { pick, ...effects } = this.holder.ask(this.now);
        this.record(effects);
        if (pick?.kind !== "granted") continue;
        const { origin } = pick;
        this.record(this.holder.report(this.now, [{ origin, ok: true, headerMs: 100 }]));
        this.holder.close(origin, this.now);
      }
    }
  }

  rest(forMs: number): void {
    for (const untilMs = this.now + forMs; this.now < untilMs; this.now += 5_000) {
      this.record(this.coordinator.rest(this.now));
    }
  }
}

describe("instances", () => {
  test("are ordered for what home does not carry, and none while it carries all", () => {
    const quiet = new ScaledSite();
    quiet.load(10, 20);
    expect(quiet.orders).toEqual([]);
    const busy = new ScaledSite();
    busy.load(40, 20);
    // 53 a second with two swings, 18 at home, 7.5 an instance.
    expect(busy.coordinator.home.isScaledUp).toBe(true);
    expect(busy.orders.at(-1)).toBeGreaterThanOrEqual(5);
  });

  test("are ordered for what an origin of home carried that is down", () => {
    const shop = new ScaledSite();
    shop.load(8, 20);
    expect(shop.orders).toEqual([]);
    for (const name of ["a", "b"]) shop.coordinator.drains.operate(name, "down", shop.now);
    shop.load(8, 2);
    expect(shop.orders.at(-1)).toBe(2);
  });

  test("are given back when no request comes any more, without a message", () => {
    const shop = new ScaledSite();
    shop.load(40, 20);
    shop.rest(400_000);
    expect(shop.orders.at(-1)).toBe(0);
    expect(shop.coordinator.home.isScaledUp).toBe(false);
  });

  test("that were ordered before a restart are not ordered again", () => {
    const evidence = { demand: 40, homeSlots: 2, serviceMs: 100 };
    const order = {
      order: { pool: "cloud", instances: 4, nth: 3 },
      evidence,
      orderedMs: start,
      accepted: true,
    };
    const shop = new ScaledSite({ saved: { order } });
    shop.load(35, 20);
    expect(shop.orders.every((instances) => instances > 4)).toBe(true);
    expect(shop.coordinator.home.isScaledUp).toBe(true);
  });

  test("are ordered for what is usual by an object that comes back, of what it had persisted", () => {
    const dayMs = 86_400_000;
    const before = new ScaledSite();
    const store = new RowsInMemory();
    let written = 0;
    for (const day of [0, 1]) {
      before.now = start + day * dayMs;
      before.load(40, 20);
      // The five minutes end.
      const changes = structuredClone(before.coordinator.rest(before.now + 600_000).rows);
      written += [...changes.keys()].filter((key) => key.startsWith(rows.season.prefix)).length;
      applyRows(store, changes);
    }
    expect(written).toBeLessThanOrEqual(4);
    const season = store.list(rows.season);
    const quiet = { ...nothingSaved, season };
    const serves = (coordinator: Coordinator, now: number): number | undefined => {
      const holder = new OneHolder(coordinator);
      holder.ask(now);
      const { events } = holder.report(now + 300, [{ origin: "a", ok: true, headerMs: 100 }]);
      return events.find((event) => event.event === "scale")?.instances;
    };
    const now = start + 2 * dayMs - 30_000;
    expect(serves(new Coordinator(shop, nothingSaved, now), now)).toBeUndefined();
    expect(serves(new Coordinator(shop, quiet, now), now)).toBeGreaterThanOrEqual(3);
  });

  test("are not a region's to order", () => {
    const shop = new ScaledSite({ region: "weur" });
    shop.load(40, 20);
    expect(shop.orders).toEqual([]);
  });

  test("are ordered for each request once, however often it asks", () => {
    const again = new ScaledSite();
    const holder = new OneHolder(again.coordinator);
    for (let nth = 0; nth < 800; nth++) {
      const { events } = holder.ask(start + nth * 25, { again: true });
      expect(events.filter(({ event }) => event === "scale")).toEqual([]);
    }
  });
});
