/** The table of bound sessions: counted, bounded, forgotten when idle, and rarely written. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { maxSessions, Sessions, type Session } from "../../../../core/sessions/sessions.ts";

const idleMs = 1_000;
const now = 1_000_000;

function session(id: string, origin: string, seenMs = now): Session {
  return { id, origin, seenMs };
}

function countsOf(sessions: Sessions, at = now): Record<string, number> {
  return Object.fromEntries(sessions.counts(at, idleMs));
}

describe("bound sessions", () => {
  test("are counted by origin, each once", () => {
    const sessions = new Sessions([session("s1", "a")]);
    for (const id of ["s2", "s2", "s3"]) sessions.touch(session(id, "a"), idleMs);
    sessions.touch(session("s4", "b"), idleMs);
    expect(countsOf(sessions)).toEqual({ a: 3, b: 1 });
  });

  test("count on the origin on which they were last seen", () => {
    const sessions = new Sessions([session("s1", "a")]);
    sessions.touch(session("s1", "b"), idleMs);
    expect(countsOf(sessions)).toEqual({ b: 1 });
  });

  test("are not counted once they are idle for too long, forgotten or not", () => {
    const sessions = new Sessions([session("s1", "a"), session("s2", "a", now + 1)]);
    expect(countsOf(sessions, now + idleMs)).toEqual({ a: 2 });
    expect(countsOf(sessions, now + idleMs + 1)).toEqual({ a: 1 });
    expect(countsOf(sessions, now + idleMs + 2)).toEqual({});
  });
});

describe("sessions that are idle for too long", () => {
  test("are forgotten and named, so that their rows can go; the others stay", () => {
    const sessions = new Sessions([session("s1", "a"), session("s2", "b", now + 1)]);
    expect(sessions.expire(now + idleMs, idleMs)).toEqual([]);
    expect(sessions.expire(now + idleMs + 1, idleMs)).toEqual(["s1"]);
    expect(sessions.expire(now + idleMs + 1, idleMs)).toEqual([]);
    expect(countsOf(sessions, now + idleMs)).toEqual({ b: 1 });
  });

  test("do not include one that was seen again, wherever it stood in the table", () => {
    const sessions = new Sessions([session("s1", "a"), session("s2", "a", now + 1)]);
    sessions.touch(session("s1", "a", now + 500), idleMs);
    expect(sessions.expire(now + idleMs + 100, idleMs)).toEqual(["s2"]);
  });

  test("are persisted again when they return", () => {
    const sessions = new Sessions([session("s1", "a")]);
    sessions.expire(now + 5_000, idleMs);
    expect(sessions.touch(session("s1", "a", now + 5_000), idleMs)).toEqual(session("s1", "a", now + 5_000));
  });

  test("are those, and no others, that were not seen for the idle time, in any history", () => {
    const touch = fc.record({ id: fc.constantFrom("s1", "s2", "s3", "s4"), waitMs: fc.nat(700) });
    fc.assert(
      fc.property(fc.array(touch, { maxLength: 30 }), (touches) => {
        const sessions = new Sessions([]);
        const seen = new Map<string, number>();
        let at = now;
        for (const { id, waitMs } of touches) {
          at += waitMs;
          const overdue = [...seen].filter(([, seenMs]) => at - seenMs > idleMs).map(([name]) => name);
          expect(new Set(sessions.expire(at, idleMs))).toEqual(new Set(overdue));
          for (const name of overdue) seen.delete(name);
          sessions.touch(session(id, "a", at), idleMs);
          seen.set(id, at);
        }
      }),
    );
  });
});

describe("a session is returned to be persisted", () => {
  test("when it is new, and again only after a quarter of the idle time", () => {
    const sessions = new Sessions([]);
    const written = [0, 1, 100, 249, 250, 300, 499, 500].filter(
      (after) => sessions.touch(session("s1", "a", now + after), idleMs) !== undefined,
    );
    expect(written).toEqual([0, 250, 500]);
  });

  test("at once when it moved to another origin", () => {
    const sessions = new Sessions([]);
    sessions.touch(session("s1", "a"), idleMs);
    expect(sessions.touch(session("s1", "b", now + 1), idleMs)).toEqual(session("s1", "b", now + 1));
    expect(sessions.touch(session("s1", "b", now + 2), idleMs)).toBeUndefined();
  });

  test("not because the table was read back: its row is there", () => {
    const sessions = new Sessions([session("s1", "a")]);
    expect(sessions.touch(session("s1", "a", now + 249), idleMs)).toBeUndefined();
    expect(sessions.touch(session("s1", "a", now + 250), idleMs)).toBeDefined();
  });
});

describe("the table is bounded", () => {
  const total = (sessions: Sessions): number =>
    [...sessions.counts(now, idleMs).values()].reduce((sum, count) => sum + count, 0);
  const many = (count: number) => Array.from({ length: count }, (_, index) => session(`s${index}`, "a"));

  test("however many sessions come", () => {
    const sessions = new Sessions([]);
    for (const one of many(maxSessions + 100)) sessions.touch(one, idleMs);
    expect(total(sessions)).toBe(maxSessions);
  });

  test("and it is the one seen longest ago that makes room", () => {
    const sessions = new Sessions(many(maxSessions));
    sessions.touch(session("s0", "b"), idleMs);
    sessions.touch(session("new", "a"), idleMs);
    expect(countsOf(sessions)).toEqual({ a: maxSessions - 1, b: 1 });
  });

  test("however many are read back", () => {
    expect(total(new Sessions(many(maxSessions + 100)))).toBe(maxSessions);
  });
});
