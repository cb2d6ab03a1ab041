/** How sessions count that were bound lately: as load to come, for a while, and never more than some sixty of them. */
import { expect, test } from "vitest";

import { NewSessions } from "../../../../core/sessions/new-sessions.ts";

test("a session counts as one request when it is bound, and 1/e of it half a minute later", () => {
  const sessions = new NewSessions();
  expect(sessions.comingOn("a", 0)).toBeUndefined();
  sessions.bound("a", 0);
  expect(sessions.comingOn("a", 0)).toBe(1);
  expect(sessions.comingOn("a", 30_000)).toBeCloseTo(1 / Math.E, 9);
  expect(sessions.comingOn("a", 600_000)).toBeUndefined();
  expect(sessions.comingOn("b", 0)).toBeUndefined();
});

test("however many are bound at once, they count as sixty-four at most, on all origins together", () => {
  const sessions = new NewSessions();
  for (let nth = 0; nth < 10_000; nth++) sessions.bound(nth % 2 === 0 ? "a" : "b", 5);
  const [a = 0, b = 0] = ["a", "b"].map((origin) => sessions.comingOn(origin, 5));
  expect(a + b).toBeGreaterThan(60);
  expect(a + b).toBeLessThanOrEqual(65);
  expect(Math.abs(a - b)).toBeLessThan(1);
});

test("an origin that has gone takes its count along", () => {
  const sessions = new NewSessions();
  for (const origin of ["a", "b"]) sessions.bound(origin, 0);
  sessions.keep([{ name: "b" }]);
  expect(["a", "b"].map((origin) => sessions.comingOn(origin, 0) !== undefined)).toEqual([false, true]);
});
