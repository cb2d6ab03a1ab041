/** Whose turn it is to come home after a burst. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { sessionReturnOf } from "../../../../core/burst/after-burst.ts";
import { atHome, type BurstRecord } from "../../../../core/burst/controller.ts";
import type { BurstRules } from "../../../../core/model/burst-rules.ts";
import { isComingHome } from "../../../../core/sessions/session-return.ts";

const returnedMs = 5_000_000;
const moveWithinMs = 600_000;
const rules: BurstRules = {
  enter: { at: { utilisation: 0.9 }, forMs: 10_000 },
  exit: { at: { utilisation: 0.7 }, forMs: 60_000 },
  minHoldMs: 60_000,
  moveWithinMs,
};

const returning: BurstRecord = { ...atHome(returnedMs), state: "returning", calmSinceMs: 0, returnedMs };

const pin = (session: string, begunMs: number | undefined = returnedMs - 1) => ({
  session,
  origin: "cloud-1",
  epoch: 1,
  ...(begunMs !== undefined && { begunMs }),
});

const sessions = Array.from({ length: 2_000 }, (_, index) => pin(`session-${index}`));

function comingHome(atMs: number): string[] {
  const sessionReturn = sessionReturnOf(returning, rules, atMs);
  if (sessionReturn === undefined) return [];
  return sessions.filter((session) => isComingHome(session, sessionReturn)).map(({ session }) => session);
}

test("none at the return, all at the deadline, in between a part that grows with time", () => {
  expect(comingHome(returnedMs)).toEqual([]);
  expect(comingHome(returnedMs + moveWithinMs)).toHaveLength(sessions.length);
  for (const part of [0.1, 0.25, 0.5, 0.9]) {
    const share = comingHome(returnedMs + part * moveWithinMs).length / sessions.length;
    expect(Math.abs(share - part)).toBeLessThan(0.04);
  }
});

test("a session whose turn has come keeps its turn", () => {
  const anyPart = fc.integer({ min: 0, max: 2 * moveWithinMs });
  fc.assert(
    fc.property(anyPart, anyPart, (a, b) => {
      const later = new Set(comingHome(returnedMs + Math.max(a, b)));
      const left = comingHome(returnedMs + Math.min(a, b)).filter((session) => !later.has(session));
      expect(left).toEqual([]);
    }),
    { numRuns: 30 },
  );
});

describe("it is no session's turn", () => {
  const { calmSinceMs: _calm, ...notCalm } = returning;
  const { returnedMs: _returned, ...neverBurst } = returning;
  const { moveWithinMs: _within, ...staying } = rules;
  test.each<[string, BurstRecord, BurstRules]>([
    ["during a burst", { ...returning, state: "bursting" }, rules],
    ["while home is above a threshold of exit", notCalm, rules],
    ["where there was no burst", { ...neverBurst, state: "home" }, rules],
    ["where sessions are to stay", returning, staying],
  ])("%s", (_, record, given) => {
    expect(sessionReturnOf(record, given, returnedMs + moveWithinMs)).toBeUndefined();
  });
});

test("also back at home, a session that comes late still comes home", () => {
  expect(sessionReturnOf({ ...returning, state: "home" }, rules, returnedMs + 10 * moveWithinMs)).toEqual({
    begunBeforeMs: returnedMs,
    share: 1,
  });
});

test("a part that begins elsewhere goes round, and two parts that meet have each session in one of them", () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (from, share) => {
        const rest = { share: 1 - share, from: (from + share) % 1 };
        for (const session of sessions.slice(0, 50)) {
          const isIn = [{ share, from }, rest].filter(
            (part) => part.share > 0 && isComingHome(session, part),
          );
          expect(isIn).toHaveLength(1);
        }
      },
    ),
    { numRuns: 50 },
  );
});

test("a session that was moved home before stays where it is", () => {
  expect(isComingHome({ ...pin("s"), returned: true }, { share: 1 })).toBe(false);
});

test("a session that began after the burst, or does not say when, stays where it is", () => {
  const all = { begunBeforeMs: returnedMs, share: 1 };
  expect(isComingHome(pin("s", returnedMs - 1), all)).toBe(true);
  expect(isComingHome(pin("s", returnedMs), all)).toBe(false);
  expect(isComingHome({ session: "s", origin: "cloud-1", epoch: 1 }, all)).toBe(false);
});
