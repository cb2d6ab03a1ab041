/** A capacity that is found out stands where `maxConns` would: in picks, leases, regions, the view, and over an eviction. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import type { CapacityRecord } from "../../../../core/capacity/home-capacity.ts";
import { Coordinator } from "../../../../core/coordinator/coordinator.ts";
import { rows } from "../../../../core/coordinator/rows.ts";
import type { HeldSlots } from "../../../../core/protocol/exchange.ts";
import { pickAlone } from "../../../../core/holder/fail-static.ts";
import { noneOut } from "../../../../core/protocol/origins-out.ts";
import { seededRandom } from "../../../../core/model/random.ts";
import type { Upstream } from "../../../../core/model/upstream.ts";
import { message } from "../../../support/message.ts";
import { OneHolder } from "../../../support/one-holder.ts";
import { nothingSaved, savedAfter } from "../../../support/saved.ts";
import { origin, pool, upstream } from "../../../support/upstream.ts";

const now = 1_000_000;

function shopOf(parts: Partial<Upstream> = {}, maxConns?: number): Upstream {
  const rack = origin("rack", maxConns === undefined ? {} : { maxConns });
  const home = { ...pool("home", [rack]), capacity: "auto" as const };
  return upstream({ pools: [home, pool("cloud", [origin("cloud")])], ...parts });
}

const recordOf = (limit: number): CapacityRecord => ({
  rack: { limit, unhurriedMs: 100, measuredMs: now },
});

function start(shop: Upstream, limit: number, region?: string): Coordinator {
  return new Coordinator(shop, { ...nothingSaved, capacity: recordOf(limit) }, now, { region });
}

describe("the limit that was found out", () => {
  test("is what home takes: the next request spills, as from any home that is full", () => {
    const holder = new OneHolder(start(shopOf(), 3));
    const asked = [1, 2, 3, 4].map(() => holder.ask(now).pick);
    expect(asked.map((pick) => pick?.kind === "granted" && pick.origin)).toEqual([
      "rack",
      "rack",
      "rack",
      "cloud",
    ]);
    expect(asked[3]).toMatchObject({ spill: "peak" });
    holder.close("rack", now);
    expect(holder.askedFor(now)).toBe("rack");
  });

  test("is shown beside maxConns", () => {
    const coordinator = start(shopOf({}, 64), 4);
    new OneHolder(coordinator).ask(now);
    expect(coordinator.view(now).pools[0]?.origins[0]).toMatchObject({
      maxConns: 64,
      inFlight: 1,
      capacity: { slots: 4, unhurriedMs: 100, measuredMs: now, measuring: false },
    });
    expect(coordinator.view(now).pools[1]?.origins[0]?.capacity).toBeNull();
    expect(coordinator.statusOf("rack").limit).toBe(4);
  });

  test("is bounded by a maxConns that is lowered, which holds at once", () => {
    const coordinator = start(shopOf({}, 8), 8);
    const holder = new OneHolder(coordinator);
    for (let nth = 0; nth < 4; nth++) holder.ask(now);
    coordinator.reconfigure(shopOf({}, 2), now);
    expect(coordinator.limitOf(origin("rack"))).toBe(2);
    expect(holder.askedFor(now)).toBe("cloud");
    coordinator.reconfigure(shopOf({}, 16), now);
    expect(coordinator.limitOf(origin("rack"))).toBeLessThanOrEqual(8);
  });

  test("is forgotten when the config has the limits again", () => {
    const coordinator = start(shopOf(), 3);
    const configured = upstream({ pools: [pool("home", [origin("rack", { maxConns: 5 })])] });
    coordinator.reconfigure(configured, now);
    expect(coordinator.limitOf(origin("rack", { maxConns: 5 }))).toBe(5);
    expect(coordinator.view(now).pools[0]?.origins[0]?.capacity).toBeNull();
  });

  test("is the root's: a region is lent slots of it, and finds out nothing itself", () => {
    const shop = shopOf({ regions: ["weur"], coordination: "leased" });
    const root = start(shop, 6);
    const region = start(shop, 6, "weur");
    expect(region.view(now).pools[0]?.origins[0]?.capacity).toBeNull();
    const { regionLink } = region;
    if (regionLink === undefined) return expect.unreachable();
    const sent = regionLink.write({ order: 1, hash: "a" }, now);
    regionLink.recordReply(root.exchange(sent.message, now, seededRandom(1)).reply, sent, now);
    expect(region.limitOf(origin("rack"))).toBeGreaterThan(0);
    expect(region.limitOf(origin("rack"))).toBeLessThanOrEqual(6);
    expect(root.statusOf("rack").taken).toBeLessThanOrEqual(6);
    return undefined;
  });

  test("is not exceeded by an isolate that has never heard of it: without maxConns too it goes to the later pool", () => {
    const last = { now, lease: undefined, openOn: () => 0, out: noneOut };
    expect(pickAlone(shopOf(), { tried: [] }, last, seededRandom(1))).toMatchObject({ origin: "cloud" });
  });
});

test("what answers say reaches it, and is persisted", () => {
  const coordinator = new Coordinator(shopOf(), nothingSaved, now);
  const holder = new OneHolder(coordinator);
  const persisted: CapacityRecord[] = [];
  for (let at = now; at < now + 3_000; at += 100) {
    const outcomes = Array.from({ length: 5 }, () => ({ origin: "rack", ok: true, headerMs: 80 }));
    const { rows: written, events } = holder.report(at, outcomes);
    if (!written.has(rows.capacity.key)) continue;
    const { capacity = {} } = savedAfter(written);
    persisted.push(capacity);
    expect(events).toEqual([{ event: "capacity", upstream: "shop", origins: capacity }]);
  }
  expect(persisted.map(({ rack }) => rack?.unhurriedMs)).toEqual([80]);
  const [capacity = {}] = persisted;
  const next = new Coordinator(shopOf(), { ...nothingSaved, epoch: 2, capacity }, now);
  expect(next.view(now).pools[0]?.origins[0]?.capacity).toMatchObject({ slots: 20, unhurriedMs: 80 });
});

interface Holder {
  readonly id: string;
  seq: number;
  lease: number | undefined;
  slots: number;
  outcomesFrom: number;
}

const step = fc.record({
  holder: fc.nat(3),
  use: fc.double({ min: 0.6, max: 1, noNaN: true }),
  times: fc.array(fc.oneof(fc.constant(100), fc.integer({ min: 1, max: 5_000 })), { maxLength: 30 }),
  afterMs: fc.nat(400),
});

test("leases and open requests together never grow beyond the limit of the moment, however it moves", () => {
  let shrunk = 0;
  const property = fc.property(fc.array(step, { minLength: 30, maxLength: 150 }), (steps) => {
    const coordinator = start(shopOf({ coordination: "leased" }, 40), 30);
    const random = seededRandom(1);
    const holders = ["h0", "h1", "h2", "h3"].map((id): Holder => ({
      id,
      seq: 0,
      lease: undefined,
      slots: 0,
      outcomesFrom: 0,
    }));
    const taken = (): number => coordinator.statusOf("rack").taken ?? 0;
    let at = now;
    for (const { holder: which, use, times, afterMs } of steps) {
      at += afterMs;
      const holder = holders[which] ?? expect.unreachable();
      const open = Math.round(use * holder.slots);
      const held: HeldSlots[] = open > 0 ? [{ origin: "rack", open, forMs: 60_000 }] : [];
      const outcomes = times.map((ms) => ({ origin: "rack", ok: true, headerMs: [ms] }));
      const before = { taken: taken(), limit: coordinator.limitOf(origin("rack")) };
      const { id, lease, outcomesFrom } = holder;
      const { reply } = coordinator.exchange(
        message({
          holder: id,
          seq: ++holder.seq,
          held,
          outcomes,
          outcomesFrom,
          usual: 12,
          most: 12,
          ...(lease !== undefined && { lease }),
        }),
        at,
        random,
      );
      holder.outcomesFrom += times.length;
      holder.lease = holder.seq;
      holder.slots = Math.max(0, reply.lease?.origins.find((each) => each.origin === "rack")?.slots ?? 0);
      const limit = coordinator.limitOf(origin("rack"));
      if (limit < before.limit) shrunk += 1;
      // So often that `expect` would take most of the time.
      if (limit > 40 || taken() > Math.max(limit, before.taken)) expect.fail(`${taken()} of ${limit}`);
    }
  });
  fc.assert(property, { numRuns: 100, seed: 1 });
  expect(shrunk).toBeGreaterThan(100);
});
