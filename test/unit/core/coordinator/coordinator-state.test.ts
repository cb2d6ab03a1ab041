/** What the object knows besides slots: probes, orders, sessions; and what of it outlives an eviction. */
import { describe, expect, test } from "vitest";

import { Coordinator } from "../../../../core/coordinator/coordinator.ts";
import { Outbox } from "../../../../core/coordinator/outbox.ts";
import { rows } from "../../../../core/coordinator/rows.ts";
import { applyRows, type RowChanges, type SavedState } from "../../../../core/coordinator/saved-state.ts";
import { maxSessions } from "../../../../core/sessions/sessions.ts";
import { OneHolder } from "../../../support/one-holder.ts";
import { nothingSaved, savedAfter, storeOf } from "../../../support/saved.ts";
import { origin, pool, upstream } from "../../../support/upstream.ts";

const now = 1_000_000;
const idleMs = 600_000;
/** What comes of what changes nothing. */
const nothing = new Outbox().take();

const shop = upstream({
  policy: { name: "round_robin" },
  pools: [
    pool("home", [origin("a", { maxConns: 2 }), origin("b", { maxConns: 2 })]),
    pool("cloud", [origin("c")]),
  ],
  sticky: { cookie: "weir", ttlMs: 3_600_000, idleMs, path: "/", homecoming: true },
});

function start(config = shop, saved: Partial<SavedState> = {}) {
  const coordinator = new Coordinator(config, { ...nothingSaved, ...saved }, now);
  return { coordinator, holder: new OneHolder(coordinator) };
}

function pinned(session: string, origin: string, epoch = 1) {
  return { pin: { session, origin, epoch } };
}

function sessionsOf(coordinator: Coordinator, at = now): Record<string, number> {
  const origins = coordinator.view(at).pools.flatMap((one) => one.origins);
  return Object.fromEntries(origins.map((one) => [one.name, one.sessions]));
}

describe("a round of probes", () => {
  const bad = { origin: "a", good: false, evidence: "503" };

  test("is folded in origin by origin; every change is persisted, and what is new of an origin is logged", () => {
    const { coordinator } = start();
    const good = { origin: "b", good: true, evidence: "200" };
    const { rows, events } = coordinator.probed([bad, good], now);
    expect([...rows]).toMatchObject([
      ["health/a", { verdict: { state: "unknown", against: 1 } }],
      ["health/b", { verdict: { state: "healthy" } }],
    ]);
    expect(events).toMatchObject([{ event: "health", upstream: "shop", origin: "b", to: "healthy" }]);
    expect(coordinator.probed([good], now)).toEqual(nothing);
  });

  test("that makes an origin unhealthy keeps the next request away from it", () => {
    const { coordinator, holder } = start();
    for (let round = 0; round < 3; round++) coordinator.probed([bad], now);
    expect([holder.askedFor(now), holder.askedFor(now)]).toEqual(["b", "b"]);
  });
});

describe("an operator's order", () => {
  test("is carried out, and persisted", () => {
    const { coordinator, holder } = start();
    expect(coordinator.drains.operate("a", "drain", now)).toEqual({
      ...nothing,
      rows: new Map([["override/a", { state: "draining", pinEpoch: 1, order: 1, orderedMs: now }]]),
      events: [{ event: "operator", upstream: "shop", origin: "a", order: "drain" }],
    });
    expect([holder.askedFor(now), holder.askedFor(now), holder.askedFor(now)]).toEqual(["b", "b", "c"]);
    coordinator.drains.operate("a", "undrain", now);
    expect(holder.askedFor(now)).toBe("a");
  });

  test("for an origin that does not exist is refused", () => {
    expect(start().coordinator.drains.operate("gone", "drain", now)).toBeUndefined();
  });

  test("to drain lets bound sessions stay, and to take down unbinds them for good", () => {
    const { coordinator, holder } = start();
    coordinator.drains.operate("a", "drain", now);
    expect(holder.ask(now, pinned("s1", "a")).pick).toMatchObject({ origin: "a", pin: "kept" });
    coordinator.drains.operate("a", "down", now);
    expect(holder.ask(now, pinned("s1", "a")).pick).toMatchObject({ origin: "b", pin: "moved", pinEpoch: 1 });
    coordinator.drains.operate("a", "up", now);
    expect(holder.ask(now, pinned("s1", "a")).pick).toMatchObject({ pin: "moved" });
  });

  test("does not hide health, nor health the order", () => {
    const { coordinator } = start();
    for (let round = 0; round < 3; round++) {
      coordinator.probed([{ origin: "a", good: false, evidence: "503" }], now);
    }
    coordinator.drains.operate("a", "drain", now);
    expect(coordinator.statusOf("a")).toMatchObject({ healthy: false, operator: "draining" });
  });

  test("leaves the last origin in service where it is: traffic does not take that out as well", () => {
    const { coordinator, holder } = start();
    coordinator.drains.operate("b", "down", now);
    holder.report(
      now,
      Array.from({ length: 5 }, () => ({ origin: "a", ok: false })),
    );
    expect(coordinator.statusOf("a").healthy).toBe(true);
  });
});

describe("a session", () => {
  test("is entered when it comes back with its pin, on the origin that serves it", () => {
    const { coordinator, holder } = start();
    expect([...holder.ask(now).rows.keys()].filter((key) => key.startsWith("session/"))).toEqual([]);
    expect(sessionsOf(coordinator)).toEqual({ a: 0, b: 0, c: 0 });
    const { rows } = holder.ask(now, pinned("s1", "b"));
    expect(rows.get("session/s1")).toEqual({ id: "s1", origin: "b", seenMs: now });
    expect(sessionsOf(coordinator)).toEqual({ a: 0, b: 1, c: 0 });
  });

  test("stays entered where it is bound when it is served elsewhere for once", () => {
    const { coordinator, holder } = start();
    for (let request = 0; request < 2; request++) holder.ask(now, { tried: ["b"] });
    expect(holder.ask(now, pinned("s1", "a")).pick).toMatchObject({ origin: "b", pin: "elsewhere" });
    expect(sessionsOf(coordinator)).toEqual({ a: 1, b: 0, c: 0 });
  });

  test("is entered anew where it moved", () => {
    const { coordinator, holder } = start();
    holder.ask(now, pinned("s1", "a"));
    coordinator.drains.operate("a", "down", now);
    holder.ask(now, pinned("s1", "a"));
    expect(sessionsOf(coordinator)).toEqual({ a: 0, b: 1, c: 0 });
  });

  test("is not entered when it was not served", () => {
    const { coordinator, holder } = start();
    for (const name of ["a", "b", "c"]) coordinator.drains.operate(name, "down", now);
    expect(holder.ask(now, pinned("s1", "a")).pick).toMatchObject({ kind: "unavailable" });
    expect(sessionsOf(coordinator)).toEqual({ a: 0, b: 0, c: 0 });
  });

  test("that was idle for too long is not counted, and its row goes with a later session's request", () => {
    const { coordinator, holder } = start();
    holder.ask(now, pinned("s1", "a"));
    const later = now + idleMs + 1;
    expect(sessionsOf(coordinator, later)).toEqual({ a: 0, b: 0, c: 0 });
    expect([...holder.ask(later, pinned("s2", "a")).rows]).toContainEqual(["session/s1", undefined]);
  });

  test("that makes room for others leaves no row behind: rows are bounded as the table is", () => {
    const { holder } = start(upstream({ ...shop, pools: [pool("home", [origin("a")])] }));
    const store = storeOf();
    for (let index = 0; index < maxSessions + 10; index++) {
      const message = holder.message(now, pinned(`s${index}`, "a"));
      applyRows(store, holder.deliver(message, now).rows);
      holder.giveUp(message);
    }
    const sessions = store.list(rows.sessions).size;
    expect(sessions).toBeGreaterThan(0);
    expect(sessions).toBeLessThanOrEqual(maxSessions);
  });
});

test("a stream that is declared beyond its holder's ceiling prolongs the ceiling's row", () => {
  const { holder } = start();
  holder.ask(now);
  const { want: _, ...message } = holder.message(now);
  const stream = { ...message, awaiting: [], held: [{ origin: "a", open: 1, forMs: 3_600_000 }] };
  const { rows } = holder.deliver(stream, now);
  expect([...rows.values()]).toMatchObject([{ untilMs: now + 3_600_000 + 60_000, slots: { a: 1 } }]);
});

describe("another incarnation of the object", () => {
  test("goes on with the health, the orders and the sessions that were persisted, and is more by one", () => {
    const { coordinator, holder } = start();
    const written: RowChanges[] = [];
    for (let round = 0; round < 3; round++) {
      written.push(coordinator.probed([{ origin: "a", good: false, evidence: "503" }], now).rows);
    }
    written.push(coordinator.drains.operate("b", "drain", now)?.rows ?? new Map());
    written.push(holder.ask(now, pinned("s1", "b")).rows);
    const restored = start(shop, savedAfter(...written));
    expect(restored.coordinator.statusOf("a")).toMatchObject({ healthy: false, operator: "up" });
    expect(restored.coordinator.statusOf("b")).toMatchObject({ healthy: true, operator: "draining" });
    expect(sessionsOf(restored.coordinator)).toEqual({ a: 0, b: 1, c: 0 });
    expect(restored.holder.ask(now).reply).toMatchObject({ epoch: 2, pick: { origin: "c" } });
  });

  test("assumes that the slots of before are still in use", () => {
    const { holder } = start();
    const written = [1, 2, 3, 4].map(() => holder.ask(now).rows);
    const { coordinator } = start(shop, savedAfter(...written));
    expect(new OneHolder(coordinator, "isolate-2").ask(now).pick).toMatchObject({
      origin: "c",
      spill: "peak",
    });
  });
});
