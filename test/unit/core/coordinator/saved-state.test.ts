/** What an object finds when it comes up, by the table of rows, and what it drops. */
import { describe, expect, test } from "vitest";

import { Outbox } from "../../../../core/coordinator/outbox.ts";
import { proberRows, rows, stateRows } from "../../../../core/coordinator/rows.ts";
import { openState } from "../../../../core/coordinator/saved-state.ts";
import { silentForMs } from "../../../../core/ledger/drain-confirmation.ts";
import { storeOf } from "../../../support/saved.ts";

const now = 1_000_000;

/** The keys as they are on disks. */
const keysOf = (table: Readonly<Record<string, { readonly key: string } | { readonly prefix: string }>>) =>
  Object.values(table).map((row) => ("key" in row ? row.key : row.prefix));

test("the keys that earlier versions wrote are still those of rows", () => {
  const written = [
    "budget/",
    "burst",
    "capacity",
    "ceiling/",
    "epoch",
    "health/",
    "order",
    "override/",
    "roster",
    "season/",
    "section",
    "session/",
  ];
  expect(keysOf(rows)).toEqual(expect.arrayContaining(written));
  const byProber = ["lastRound", "launch", "roster", "section", "watchedMs"];
  expect(keysOf(proberRows)).toEqual(expect.arrayContaining(byProber));
});

test("each incarnation has a number above that of the last one, and finds what was written", () => {
  const outbox = new Outbox();
  const health = {
    verdict: { state: "healthy", against: 0, sinceMs: now },
    traffic: { failuresInRow: 0, ejections: 0 },
  } as const;
  outbox.put(rows.health.of("a"), health);
  outbox.put(rows.sessions.of("s1"), { id: "s1", origin: "a", seenMs: now });
  outbox.put(rows.sessions.of("s2"), { id: "s2", origin: "a", seenMs: now });
  const written = outbox.take().rows;
  outbox.delete(rows.sessions.of("s1"));
  const store = storeOf(written, outbox.take().rows);
  expect(openState(store, { now }).epoch).toBe(1);
  const second = openState(store, { now });
  expect(second).toMatchObject({ epoch: 2, burst: undefined, order: undefined });
  expect(second.health).toEqual(new Map([["a", health]]));
  expect([...second.sessions.keys()]).toEqual(["s2"]);
});

describe("a ceiling is dropped, and its row deleted,", () => {
  const left = (holder: string, untilMs: number, launch?: string): boolean => {
    const outbox = new Outbox();
    outbox.put(rows.ceilings.of(holder), { holder, untilMs, slots: { a: 1 } });
    const store = storeOf(outbox.take().rows);
    const { ceilings } = openState(store, { now, launch });
    expect(store.list(stateRows.ceilings)).toEqual(ceilings);
    return ceilings.has(holder);
  };

  test("when its time is over, and that for which a holder that is cut off may go on", () => {
    expect(left("one", now - silentForMs + 1)).toBe(true);
    expect(left("one", now - silentForMs)).toBe(false);
  });

  test("when its isolate was one of another launch of the process; a region's object lives on", () => {
    expect(left("new/one", now, "new")).toBe(true);
    expect(left("old/one", now, "new")).toBe(false);
    expect(left("@weur/3", now, "new")).toBe(true);
  });
});

test("a row that is put twice is written once, as it was put last; what was taken is not handed out again", () => {
  const outbox = new Outbox();
  outbox.delete(rows.sessions.of("s1"));
  outbox.put(rows.sessions.of("s1"), { id: "s1", origin: "a", seenMs: 1 });
  outbox.put(rows.sessions.of("s1"), { id: "s1", origin: "b", seenMs: 2 });
  const taken = outbox.take();
  outbox.put(rows.epoch, 7);
  expect([...taken.rows]).toEqual([["session/s1", { id: "s1", origin: "b", seenMs: 2 }]]);
  expect([...outbox.take().rows]).toEqual([["epoch", 7]]);
  expect(outbox.take()).toEqual({ rows: new Map(), events: [], waited: [], isUrgent: false });
});
