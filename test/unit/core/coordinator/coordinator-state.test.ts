/** What the object knows besides slots: probes, orders, sessions; and what of it outlives an eviction. */
import { describe, expect, test } from "vitest";

import type { BudgetRecord } from "../../../../core/budget/budget.ts";
import { Coordinator } from "../../../../core/coordinator/coordinator.ts";
import type { Change, SavedState } from "../../../../core/coordinator/effects.ts";
import { maxSessions } from "../../../../core/sessions/sessions.ts";
import { OneHolder } from "../../../support/one-holder.ts";
import { nothingSaved } from "../../../support/saved.ts";
import { origin, pool, upstream } from "../../../support/upstream.ts";

const now = 1_000_000;
const idleMs = 600_000;

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

/** What a store holds after these changes. */
function persist(changes: readonly Change[]): Omit<SavedState, "epoch"> {
  const health = new Map<string, SavedState["health"] extends ReadonlyMap<string, infer H> ? H : never>();
  const overrides = new Map<
    string,
    SavedState["overrides"] extends ReadonlyMap<string, infer O> ? O : never
  >();
  const ceilings = new Map<string, SavedState["ceilings"][number]>();
  const sessions = new Map<string, SavedState["sessions"][number]>();
  const budgets = new Map<string, BudgetRecord>();
  for (const change of changes) {
    if (change.kind === "ceiling") ceilings.set(change.ceiling.holder, change.ceiling);
    else if (change.kind === "health") health.set(change.origin, change.health);
    else if (change.kind === "override") overrides.set(change.origin, change.override);
    else if (change.kind === "session") sessions.set(change.session.id, change.session);
    else if (change.kind === "sessions-gone") for (const id of change.ids) sessions.delete(id);
    else if (change.kind === "budget") budgets.set(change.pool, change.record);
    else if (change.kind === "ceilings-gone") for (const holder of change.holders) ceilings.delete(holder);
  }
  return {
    health,
    overrides,
    ceilings: [...ceilings.values()],
    sessions: [...sessions.values()],
    budgets,
  };
}

describe("a round of probes", () => {
  const bad = { origin: "a", good: false, evidence: "503" };

  test("is folded in origin by origin; every change is persisted, transitions are logged", () => {
    const { coordinator } = start();
    const good = { origin: "b", good: true, evidence: "200" };
    expect(coordinator.probed([bad, good], now)).toMatchObject({
      changes: [
        { kind: "health", origin: "a", health: { verdict: { state: "unknown", against: 1 } } },
        { kind: "health", origin: "b", health: { verdict: { state: "healthy" } } },
      ],
      transitions: [{ origin: "b", to: "healthy" }],
    });
    expect(coordinator.probed([good], now)).toEqual({ changes: [], transitions: [] });
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
      changes: [
        {
          kind: "override",
          origin: "a",
          override: { state: "draining", pinEpoch: 1, order: 1, orderedMs: now },
        },
      ],
      transitions: [],
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
    expect(holder.ask(now).changes.filter(({ kind }) => kind === "session")).toEqual([]);
    expect(sessionsOf(coordinator)).toEqual({ a: 0, b: 0, c: 0 });
    expect(holder.ask(now, pinned("s1", "b")).changes).toContainEqual({
      kind: "session",
      session: { id: "s1", origin: "b", seenMs: now },
    });
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
    expect(holder.ask(later, pinned("s2", "a")).changes).toContainEqual({
      kind: "sessions-gone",
      ids: ["s1"],
    });
  });

  test("that makes room for others leaves no row behind: rows are bounded as the table is", () => {
    const { holder } = start(upstream({ ...shop, pools: [pool("home", [origin("a")])] }));
    const rows = new Set<string>();
    for (let index = 0; index < maxSessions + 10; index++) {
      const message = holder.message(now, pinned(`s${index}`, "a"));
      for (const change of holder.deliver(message, now).changes) {
        if (change.kind === "session") rows.add(change.session.id);
        if (change.kind === "sessions-gone") for (const id of change.ids) rows.delete(id);
      }
      holder.giveUp(message);
    }
    expect(rows.size).toBeLessThanOrEqual(maxSessions);
  });
});

test("a stream that is declared beyond its holder's ceiling prolongs the ceiling's row", () => {
  const { holder } = start();
  holder.ask(now);
  const { want: _, ...message } = holder.message(now);
  const stream = { ...message, awaiting: [], held: [{ origin: "a", open: 1, forMs: 3_600_000 }] };
  expect(holder.deliver(stream, now).changes).toMatchObject([
    { kind: "ceiling", ceiling: { untilMs: now + 3_600_000 + 60_000, slots: { a: 1 } } },
  ]);
});

describe("another incarnation of the object", () => {
  test("goes on with the health, the orders and the sessions that were persisted, and is more by one", () => {
    const { coordinator, holder } = start();
    const changes: Change[] = [];
    for (let round = 0; round < 3; round++) {
      changes.push(...coordinator.probed([{ origin: "a", good: false, evidence: "503" }], now).changes);
    }
    changes.push(...(coordinator.drains.operate("b", "drain", now)?.changes ?? []));
    changes.push(...holder.ask(now, pinned("s1", "b")).changes);
    const restored = start(shop, { ...persist(changes), epoch: 2 });
    expect(restored.coordinator.statusOf("a")).toMatchObject({ healthy: false, operator: "up" });
    expect(restored.coordinator.statusOf("b")).toMatchObject({ healthy: true, operator: "draining" });
    expect(sessionsOf(restored.coordinator)).toEqual({ a: 0, b: 1, c: 0 });
    expect(restored.holder.ask(now).reply).toMatchObject({ epoch: 2, pick: { origin: "c" } });
  });

  test("assumes that the slots of before are still in use", () => {
    const { holder } = start();
    const changes = [1, 2, 3, 4].flatMap(() => holder.ask(now).changes);
    const { coordinator } = start(shop, { ...persist(changes), epoch: 2 });
    expect(new OneHolder(coordinator, "isolate-2").ask(now).pick).toMatchObject({
      origin: "c",
      spill: "peak",
    });
  });
});
