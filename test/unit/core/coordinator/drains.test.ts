/** When the object says that an origin may be stopped: what it waits for, which holders it names, and what the log is told. */
import { describe, expect, test } from "vitest";

import { Coordinator } from "../../../../core/coordinator/coordinator.ts";
import { idleForMs, settleMs, silentForMs } from "../../../../core/ledger/drain-confirmation.ts";

import { seededRandom } from "../../../../core/model/random.ts";
import type { Upstream } from "../../../../core/model/upstream.ts";
import type { ExchangeMessage } from "../../../../core/protocol/exchange.ts";
import { message, messagesTo } from "../../../support/message.ts";
import { nothingSaved, savedAfter } from "../../../support/saved.ts";
import { origin, pool, upstream } from "../../../support/upstream.ts";

/** The object began so long ago that it knows all its holders. */
const now = 1_000_000 + idleForMs;
const want = { tried: [] };
const sticky = { cookie: "weir", ttlMs: 3_600_000, idleMs: 600_000, path: "/", homecoming: true };

function start(parts: Partial<Upstream> = {}, saved = nothingSaved) {
  const pools = [pool("home", [origin("a", { maxConns: 4 }), origin("b", { maxConns: 4 })])];
  const coordinator = new Coordinator(upstream({ pools, ...parts }), saved, now - idleForMs);
  const hears = messagesTo(coordinator, now);
  const drainOf = (name: string, at = now) => {
    const origins = coordinator.view(at).pools.flatMap((one) => one.origins);
    const { safeToStop, waitingFor, stillOpen } = origins.find((one) => one.name === name)!;
    return { safeToStop, waitingFor, stillOpen };
  };
  return { coordinator, hears, drainOf };
}

describe("an origin is not safe to stop", () => {
  test("while no order keeps requests away from it", () => {
    const { drainOf } = start();
    expect(drainOf("a")).toEqual({ safeToStop: false, waitingFor: [{ why: "in-service" }], stillOpen: 0 });
  });

  test("while a request is open there; once its holder has said that it is over, it is", () => {
    const { coordinator, hears, drainOf } = start();
    hears({ want });
    coordinator.drains.operate("a", "drain", now);
    const { out } = hears({ held: [{ origin: "a", open: 1, forMs: 30_000 }] });
    expect(out).toEqual({ version: 1, draining: ["a"], down: [] });
    hears({ outSeen: 1, held: [{ origin: "a", open: 1, forMs: 30_000 }] });
    expect(drainOf("a")).toMatchObject({
      safeToStop: false,
      waitingFor: [{ why: "open", holder: "h1", open: 1 }],
      stillOpen: 1,
    });
    expect(hears({ outSeen: 1 }).out).toBeUndefined();
    expect(drainOf("a").waitingFor).toEqual([{ why: "settling", untilMs: now + settleMs }]);
    expect(drainOf("a", now + settleMs)).toEqual({ safeToStop: true, waitingFor: [], stillOpen: 0 });
  });

  test("while a holder has a lease from before, though it has nothing open and no slot is counted", () => {
    const pools = [pool("home", [origin("a"), origin("b")])];
    const { coordinator, hears, drainOf } = start({ pools, coordination: "leased" });
    expect(hears().lease?.origins).toHaveLength(2);
    coordinator.drains.operate("a", "down", now);
    const waits = drainOf("a");
    expect(waits).toMatchObject({
      safeToStop: false,
      stillOpen: 0,
      waitingFor: [{ why: "unconfirmed", holder: "h1" }],
    });
    hears({ lease: 1 });
    expect(drainOf("a").safeToStop).toBe(false);
    hears({ lease: 2, outSeen: 1 });
    drainOf("a");
    expect(drainOf("a", now + settleMs).safeToStop).toBe(true);
  });

  test("while a holder is silent that may exceed, which is named, until it is taken for dead", () => {
    const { coordinator, hears, drainOf } = start({ onCoordinatorLoss: "exceed" });
    hears({ want });
    coordinator.drains.operate("b", "down", now);
    const untilMs = now + silentForMs;
    expect(drainOf("b", now + 70_000)).toMatchObject({
      safeToStop: false,
      waitingFor: [{ why: "silent", holder: "h1", untilMs }],
    });
    drainOf("b", untilMs);
    expect(drainOf("b", untilMs + settleMs).safeToStop).toBe(true);
  });

  test("while a holder has only slow requests open, and so nothing to say: it is not called silent for that", () => {
    const { coordinator, hears, drainOf } = start({ onCoordinatorLoss: "exceed" });
    hears({ want });
    coordinator.drains.operate("b", "down", now);
    expect(drainOf("b", now + 21_000).waitingFor).toMatchObject([{ why: "unconfirmed", holder: "h1" }]);
  });

  test("while a stream may go on there whose holder fell silent, though the time of its slot is over", () => {
    const { coordinator, hears, drainOf } = start({ onCoordinatorLoss: "exceed" });
    coordinator.drains.operate("a", "down", now);
    hears({ outSeen: 1, held: [{ origin: "a", open: 1, forMs: 60_000 }] });
    expect(drainOf("a", now + 61_001)).toMatchObject({
      safeToStop: false,
      stillOpen: 0,
      waitingFor: [{ why: "silent", holder: "h1", untilMs: now + silentForMs }],
    });
  });

  test("while an idle holder might not have heard of the order, which is seconds", () => {
    const { coordinator, hears, drainOf } = start({ onCoordinatorLoss: "exceed" });
    hears();
    coordinator.drains.operate("a", "down", now);
    const untilMs = now + idleForMs;
    expect(drainOf("a").waitingFor).toEqual([{ why: "unconfirmed", holder: "h1", untilMs }]);
    drainOf("a", untilMs);
    expect(drainOf("a", untilMs + settleMs).safeToStop).toBe(true);
  });

  test("while sessions that are bound to it may come; taken down, it takes none", () => {
    const { coordinator, drainOf } = start({ sticky });
    coordinator.drains.operate("a", "drain", now);
    // A session that has made only one request is not counted, and comes back by then or not at all.
    const untilMs = now + sticky.idleMs;
    expect(drainOf("a", now + 3_600_000).waitingFor).toEqual([{ why: "sessions", untilMs }]);
    coordinator.drains.operate("a", "down", now);
    drainOf("a");
    expect(drainOf("a", now + settleMs).safeToStop).toBe(true);
  });

  test("while the object, which has lost its memory, may not know a holder; a busy one it remembers", () => {
    const overrides = new Map([
      ["a", { state: "down", pinEpoch: 2, order: 1, orderedMs: now - 60_000 } as const],
    ]);
    const ceilings = new Map([["busy", { holder: "busy", untilMs: now - 30_000, slots: { b: 2 } }]]);
    const saved = { ...nothingSaved, epoch: 2, overrides, ceilings };
    const { drainOf } = start({ onCoordinatorLoss: "exceed" }, saved);
    const heardMs = now - 30_000;
    const silent = { why: "silent", holder: "busy", untilMs: heardMs + silentForMs };
    expect(drainOf("a", now - 1).waitingFor).toEqual([silent, { why: "restarted", untilMs: now }]);
    expect(drainOf("a", now).waitingFor).toEqual([silent]);
  });

  const full: Partial<ExchangeMessage> = { holder: "other", held: [{ origin: "a", open: 4, forMs: 60_000 }] };
  const queue = { length: 5, timeoutMs: 4_000, priority: "normal" } as const;
  test.each<{ what: string; last: Partial<ExchangeMessage> }>([
    { what: "a lost message", last: { recovering: true } },
    { what: "asks whose answers may be lost", last: { awaiting: [1, 2], seq: 2 } },
    { what: "an ask that waits in the queue", last: { want: { ...want, waitMs: 4_000 } } },
  ])("while the object, which has lost its memory, knows a holder that had no slot but $what", ({ last }) => {
    const parts = {
      onCoordinatorLoss: "exceed",
      queue,
      pools: [pool("home", [origin("a", { maxConns: 4 })])],
    } as const;
    const { coordinator } = start(parts);
    coordinator.exchange(message(full), now, seededRandom(1));
    const { rows } = coordinator.exchange(message(last), now, seededRandom(1));
    const { ceilings } = savedAfter(rows);
    expect([...ceilings.values()]).toMatchObject([{ holder: "h1", slots: {} }]);
    const overrides = new Map([["a", { state: "down", pinEpoch: 2, order: 1, orderedMs: now } as const]]);
    const { drainOf } = start(parts, { ...nothingSaved, epoch: 2, overrides, ceilings });
    expect(drainOf("a", now + 60_000)).toMatchObject({
      safeToStop: false,
      stillOpen: 0,
      waitingFor: [{ why: "silent", holder: "h1" }],
    });
  });
});

describe("the log hears", () => {
  test("once that the origin may be stopped, with the time it took, also from another incarnation", () => {
    const { coordinator } = start();
    coordinator.drains.operate("a", "drain", now);
    expect(coordinator.drains.look(now)).toMatchObject({ events: [], inMs: 250 });
    const { events, rows, inMs } = coordinator.drains.look(now + 250);
    const stopped = { origin: "a", state: "safe-to-stop", afterMs: 250, stillOpen: 0 };
    expect(events).toEqual([{ event: "drain", upstream: "shop", ...stopped }]);
    expect(inMs).toBeUndefined();
    const override = { state: "draining", pinEpoch: 1, order: 1, orderedMs: now, safeMs: now + 250 } as const;
    expect(rows).toEqual(new Map([["override/a", override]]));
    const next = start({}, { ...nothingSaved, epoch: 2, overrides: new Map([["a", override]]) });
    expect(next.coordinator.drains.look(now + 60_000)).toMatchObject({ events: [], inMs: undefined });
  });

  test("of a slow drain what it waits for, less and less often", () => {
    const { coordinator, hears } = start();
    hears({ want, held: [{ origin: "a", open: 1, forMs: 600_000 }] });
    coordinator.drains.operate("a", "down", now);
    const events = Array.from(
      { length: 600 },
      (_, second) => coordinator.drains.look(now + second * 100).events,
    ).flat();
    const told = events.flatMap((event) => (event.event === "drain" ? event : []));
    expect(told.map(({ state, afterMs }) => [state, afterMs])).toEqual([
      ["waiting", 10_000],
      ["waiting", 20_000],
      ["waiting", 40_000],
    ]);
    expect(told[0]?.waitingFor).toContainEqual({ why: "open", holder: "h1", open: 1 });
  });
});
